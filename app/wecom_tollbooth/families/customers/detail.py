"""获取客户详情: one customer with all its followers."""

from typing import Any, NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.customers.customer_limits import UNLIMITED, customer_limit, too_inactive
from wecom_tollbooth.families.customers.family import family
from wecom_tollbooth.families.customers.serializers import (
    CONTACT_COLUMNS,
    FOLLOW_COLUMNS,
    ExternalContactShape,
    FollowShape,
    contact_shape,
    follow_shape,
)
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.providers.licences import unlicensed
from wecom_tollbooth.families.relations.lookups import (
    IS_ACTIVE,
    not_brought,
    sees_only_acquired,
    the_customer,
)
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, PERSONAL_TAG, TAG, TAG_GROUP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

CORP_TAG, PERSONAL, STRATEGY_TAG = 1, 2, 3
"""`type` of a tag: the corp's, or a member's own, which was made in the client and has no id."""
FOLLOWERS_A_PAGE = 500
"""Followers of a customer per page of externalcontact/get (page 92114)."""

BEGUN = [column.name for column in FOLLOW_COLUMNS].index("createtime")
"""Where a row of a follower has the beginning of the relation."""
NOBODY = TOO_EARLY = ErrCode.NOT_EXTERNAL_CONTACT
WHY_NONE = (
    ErrCode.NO_INTEROP_LICENSE,
    ErrCode.MEMBERS_TOO_INACTIVE,
    TOO_EARLY,
    ErrCode.NO_PRIVILEGE,
    NOBODY,
)
"""The reasons for showing no follower; of several the first is answered."""

_CONTACT = CompiledStatement(
    sa.select(*CONTACT_COLUMNS).where(
        EXTERNAL_CONTACT.c.corp_id == bindparam("corp_id"),
        EXTERNAL_CONTACT.c.external_userid == bindparam("external_userid"),
    )
)
_FOLLOWERS = (
    sa.select(*FOLLOW_COLUMNS)
    .join(MEMBER, (MEMBER.c.corp_id == FOLLOW_USER.c.corp_id) & (MEMBER.c.userid == FOLLOW_USER.c.userid))
    .where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("external_userid"),
        FOLLOW_USER.c.userid > bindparam("after"),
        IS_ACTIVE,
        MAY_HAVE_CUSTOMERS,
    )
    .order_by(FOLLOW_USER.c.userid)
    .limit(bindparam("limit"))
)
_FOLLOWERS_OF = CompiledStatement(_FOLLOWERS)
_BROUGHT_FOLLOWERS_OF = CompiledStatement(
    _FOLLOWERS.where(FOLLOW_USER.c.source_agentid == bindparam("agentid"))
)
_KIND_OF_TAG = sa.case(
    (TAG.c.strategy_id == sa.literal_column("0"), sa.literal_column(f"{CORP_TAG}")),
    else_=sa.literal_column(f"{STRATEGY_TAG}"),
)
_TAGS_OF = CompiledStatement(
    sa.select(FOLLOW_TAG.c.userid, TAG_GROUP.c.name, TAG.c.name, TAG.c.tag_id, _KIND_OF_TAG)
    .join(TAG, (TAG.c.corp_id == FOLLOW_TAG.c.corp_id) & (TAG.c.tag_id == FOLLOW_TAG.c.tag_id))
    .join(TAG_GROUP, (TAG_GROUP.c.corp_id == TAG.c.corp_id) & (TAG_GROUP.c.group_id == TAG.c.group_id))
    .where(
        FOLLOW_TAG.c.corp_id == bindparam("corp_id"),
        FOLLOW_TAG.c.external_userid == bindparam("external_userid"),
        FOLLOW_TAG.c.userid.between(bindparam("first"), bindparam("last")),
    )
    .union_all(
        sa.select(
            PERSONAL_TAG.c.userid,
            PERSONAL_TAG.c.group_name,
            PERSONAL_TAG.c.tag_name,
            sa.literal_column("''"),
            sa.literal_column(f"{PERSONAL}"),
        ).where(
            PERSONAL_TAG.c.corp_id == bindparam("corp_id"),
            PERSONAL_TAG.c.external_userid == bindparam("external_userid"),
            PERSONAL_TAG.c.userid.between(bindparam("first"), bindparam("last")),
        )
    )
)


class GetRequest(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID, doc="not a member's userid")
    cursor: str | None = optional(doc="next_cursor of the page before")


class TagShape(TypedDict):
    group_name: str
    tag_name: str
    tag_id: NotRequired[str]
    type: int


class FollowUserShape(FollowShape):
    tags: list[TagShape]


class GetReply(TypedDict):
    external_contact: ExternalContactShape
    follow_user: list[FollowUserShape]
    next_cursor: NotRequired[str]


@family.get(
    "/cgi-bin/externalcontact/get",
    for_many="/cgi-bin/externalcontact/batch/get_by_user",
    doc="92114",
    meter="customer.read",
    permission=Permission.CUSTOMER_BASE,
    errors=(
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_CURSOR,
        ErrCode.NOT_BROUGHT_BY_THE_APP,
        ErrCode.NO_INTEROP_LICENSE,
        ErrCode.MEMBERS_TOO_INACTIVE,
    ),
    aliases=("/cgi-bin/crm/get_external_contact",),
    sample={"external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "cursor": "CURSOR"},
)
def get_customer(call: Call, query: GetRequest) -> GetReply:
    """获取客户详情 / Get a customer

    Returns the customer and the members who follow it and whom the app sees, 500 a page. Empty oper_userid,
    state and remark_corp_name are left out; unionid is only for WeChat customers of a corp with a bound
    developer account. Apps of providers get no avatar, unionid or remark_mobiles, gender 0, the short name
    in corp_full_name, and no followers without an interop account. A 营销获客 app gets the followers to
    whom it acquired the customer. If the app sees no follower, the refusal carries an empty
    external_contact.
    """
    external_userid = query.external_userid
    contact = _CONTACT.one(call.db, corp_id=call.corp_id, external_userid=external_userid)
    if contact is None:
        the_customer(call, external_userid)
    after = position_of(call, external_userid, query.cursor)[0] if query.cursor else ""
    shown, why_none = _followers_shown(call, external_userid, after)
    if not shown and not query.cursor:
        _refuse_without_followers(call, external_userid, why_none)
    page = shown[:FOLLOWERS_A_PAGE]
    take_seats(call, (row[0] for row in page))
    tags = _tags_of(call, external_userid, page)
    reply: GetReply = {
        "external_contact": contact_shape(call, contact),
        "follow_user": [{**follow_shape(call, row), "tags": tags.get(row[0], [])} for row in page],
    }
    if len(shown) > FOLLOWERS_A_PAGE:
        reply["next_cursor"] = make_cursor(call, external_userid, [page[-1][0]])
    return reply


def _followers_shown(call: Call, external_userid: str, after: str) -> tuple[list[Any], Code]:
    """Returns a page of the followers that the app gets, plus one if there are more.

    Also returns the reason for an empty page: there are no followers, the app does not see them, they don't
    use the app, began before its trial, or have no interop account.
    """
    shown: list[Any] = []
    reasons: set[Code] = set()
    limit = customer_limit(call)
    narrowed = sees_only_acquired(call)
    followers, of_app = (
        (_BROUGHT_FOLLOWERS_OF, {"agentid": call.agentid}) if narrowed else (_FOLLOWERS_OF, {})
    )
    while True:
        rows = followers.all(
            call.db,
            corp_id=call.corp_id,
            external_userid=external_userid,
            after=after,
            limit=FOLLOWERS_A_PAGE + 1,
            **of_app,
        )
        seen = [row for row in rows if sees(call, row[0])]
        reasons.add(ErrCode.NO_INTEROP_LICENSE if seen else ErrCode.NO_PRIVILEGE if rows else NOBODY)
        if limit is not UNLIMITED and seen:
            active = [row for row in seen if limit.covers(row[0])]
            seen = [row for row in active if limit.since is None or row[BEGUN] >= limit.since]
            if not seen:
                reasons.discard(ErrCode.NO_INTEROP_LICENSE)
                reasons.add(TOO_EARLY if active else ErrCode.MEMBERS_TOO_INACTIVE)
        without = unlicensed(call, (row[0] for row in seen))
        shown += [row for row in seen if row[0] not in without] if without else seen
        if len(rows) <= FOLLOWERS_A_PAGE or len(shown) > FOLLOWERS_A_PAGE:
            return shown, next(reason for reason in WHY_NONE if reason in reasons)
        after = rows[-1][0]


def _tags_of(call: Call, external_userid: str, page: list[Any]) -> dict[str, list[TagShape]]:
    """Returns by follower: corp tags, then the member's own, then those of rule groups."""
    if not page:
        return {}
    tags: dict[str, list[TagShape]] = {}
    for userid, group_name, tag_name, tag_id, kind in _TAGS_OF.all(
        call.db,
        corp_id=call.corp_id,
        external_userid=external_userid,
        first=page[0][0],
        last=page[-1][0],
    ):
        tag: TagShape = {"group_name": group_name, "tag_name": tag_name, "type": kind}
        if tag_id:
            tag["tag_id"] = tag_id
        tags.setdefault(userid, []).append(tag)
    for of_one in tags.values():
        of_one.sort(key=lambda tag: (tag["type"], tag.get("tag_id", ""), tag["group_name"], tag["tag_name"]))
    return tags


def _refuse_without_followers(call: Call, external_userid: str, why: Code) -> None:
    if why == ErrCode.MEMBERS_TOO_INACTIVE:
        raise too_inactive(f"no follower of {external_userid} is among the members who use the app")
    if why == ErrCode.NO_INTEROP_LICENSE:
        raise Refusal(why, detail=f"no follower of {external_userid} has a valid interop account")
    if why == ErrCode.NO_PRIVILEGE:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"no follower of {external_userid} is in the app's visible range",
            external_contact={},
        )
    if sees_only_acquired(call) and _FOLLOWERS_OF.all(
        call.db, corp_id=call.corp_id, external_userid=external_userid, after="", limit=1
    ):
        raise not_brought(call, external_userid)
    raise Refusal(ErrCode.NOT_EXTERNAL_CONTACT, detail=f"no member follows {external_userid}")
