"""客户管理: one customer with all its followers, and the customers of members page by page."""

from functools import partial
from typing import Any, NotRequired

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from app.billing.seats import take_seats
from app.db import Hot
from app.families.customer_tags.tables import FollowTag, Tag, TagGroup
from app.families.customers.family import family
from app.families.customers.relations import (
    CONTACT,
    COUNTS,
    FOLLOW,
    FOLLOWER,
    MEMBER,
    customer_type,
    find_members,
    not_brought,
    sees_only_whom_it_brought,
)
from app.families.customers.tables import WECHAT, PersonalTag
from app.families.directory.visibility import sees
from app.families.providers.licences import unlicensed
from app.gateway.call import Call
from app.gateway.cursors import make_cursor, position_of
from app.gateway.errcodes import ErrCode, Refusal
from app.gateway.permissions import OF_PROVIDERS, Permission
from app.gateway.shapes import RequestModel, optional, required

TAG: sa.Table = Tag.__table__  # type: ignore[attr-defined]
TAG_GROUP: sa.Table = TagGroup.__table__  # type: ignore[attr-defined]
FOLLOW_TAG: sa.Table = FollowTag.__table__  # type: ignore[attr-defined]
PERSONAL_TAG: sa.Table = PersonalTag.__table__  # type: ignore[attr-defined]

CORP_TAG, PERSONAL, STRATEGY_TAG = 1, 2, 3
"""`type` of a tag: the corp's, or one that the member made in the client and that has no id."""
FOLLOWERS_A_PAGE = 500
"""Followers of one customer that externalcontact/get shows at a time (page 92114)."""


# --- 获取客户详情 ----------------------------------------------------------------------------------------

_CONTACT_COLUMNS = (
    CONTACT.c.external_userid,
    CONTACT.c.name,
    CONTACT.c.type,
    CONTACT.c.avatar,
    CONTACT.c.gender,
    CONTACT.c.unionid,
    CONTACT.c.position,
    CONTACT.c.corp_name,
    CONTACT.c.corp_full_name,
    CONTACT.c.external_profile,
)
_FOLLOW_COLUMNS = (
    FOLLOW.c.userid,
    FOLLOW.c.seq,
    FOLLOW.c.remark,
    FOLLOW.c.description,
    FOLLOW.c.createtime,
    FOLLOW.c.remark_corp_name,
    FOLLOW.c.remark_mobiles,
    FOLLOW.c.add_way,
    FOLLOW.c.oper_userid,
    FOLLOW.c.state,
    FOLLOW.c.wechat_channels,
)
_CONTACT = Hot(
    sa.select(*_CONTACT_COLUMNS).where(
        CONTACT.c.corp_id == bindparam("corp_id"), CONTACT.c.external_userid == bindparam("external_userid")
    )
)
_FOLLOWERS = (
    sa.select(*_FOLLOW_COLUMNS)
    .join(MEMBER, (MEMBER.c.corp_id == FOLLOW.c.corp_id) & (MEMBER.c.userid == FOLLOW.c.userid))
    .where(
        FOLLOW.c.corp_id == bindparam("corp_id"),
        FOLLOW.c.external_userid == bindparam("external_userid"),
        FOLLOW.c.userid > bindparam("after"),
        COUNTS,
        FOLLOWER,
    )
    .order_by(FOLLOW.c.userid)
    .limit(bindparam("limit"))
)
_FOLLOWERS_OF = Hot(_FOLLOWERS)
_BROUGHT_FOLLOWERS_OF = Hot(_FOLLOWERS.where(FOLLOW.c.brought_by == bindparam("agentid")))
_KIND_OF_TAG = sa.case(
    (TAG.c.strategy_id == sa.literal_column("0"), sa.literal_column(f"{CORP_TAG}")),
    else_=sa.literal_column(f"{STRATEGY_TAG}"),
)
_TAGS_OF = Hot(
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


class ExternalContactShape(TypedDict):
    external_userid: str
    name: str
    type: int
    avatar: NotRequired[str]
    gender: int
    unionid: NotRequired[str]
    position: NotRequired[str]
    corp_name: NotRequired[str]
    corp_full_name: NotRequired[str]
    external_profile: NotRequired[dict[str, Any]]


class TagShape(TypedDict):
    group_name: str
    tag_name: str
    tag_id: NotRequired[str]
    type: int


class FollowShape(TypedDict):
    userid: str
    remark: str
    description: str
    createtime: int
    remark_corp_name: NotRequired[str]
    remark_mobiles: NotRequired[list[str]]
    add_way: int
    oper_userid: NotRequired[str]
    state: NotRequired[str]
    wechat_channels: NotRequired[dict[str, Any]]


class FollowUserShape(FollowShape):
    tags: list[TagShape]


class FollowInfoShape(FollowShape):
    tag_id: list[str]


class GetReply(TypedDict):
    external_contact: ExternalContactShape
    follow_user: list[FollowUserShape]
    next_cursor: NotRequired[str]


@family.get(
    "/cgi-bin/externalcontact/get",
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
    ),
    aliases=("/cgi-bin/crm/get_external_contact",),
    sample={"external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "cursor": "CURSOR"},
)
def get_customer(call: Call, query: GetRequest) -> GetReply:
    """获取客户详情

    The customer and the members who follow it, as far as the app sees them, 500 at a time. Empty oper_userid,
    state and remark_corp_name are left out; unionid only for WeChat customers of a corp with a bound
    developer account. Apps of providers are told no avatar, unionid and remark_mobiles, gender 0, and the
    short name in corp_full_name, and not shown followers without an interop account. Errors: 41035, 40096
    (not of this corp), 84061 (nobody follows), 60011 (nobody that the app sees follows; the body carries an
    empty external_contact), 50100, 701008 (nobody is left who has an interop account), 90514 (to a 营销获客
    app, which is shown the followers to whom it brought the customer).
    """
    external_userid = query.external_userid
    contact = _CONTACT.one(call.db, corp_id=call.corp_id, external_userid=external_userid)
    if contact is None:
        customer_type(call, external_userid)
    after = position_of(call, external_userid, query.cursor)[0] if query.cursor else ""
    shown, why_none = _followers_shown(call, external_userid, after)
    if not shown and not query.cursor:
        _refuse_without_followers(call, external_userid, why_none)
    page = shown[:FOLLOWERS_A_PAGE]
    take_seats(call, (row[0] for row in page))
    tags = _tags_of(call, external_userid, page)
    reply: GetReply = {
        "external_contact": _contact_shape(call, contact),
        "follow_user": [{**_follow_shape(call, row), "tags": tags.get(row[0], [])} for row in page],
    }
    if len(shown) > FOLLOWERS_A_PAGE:
        reply["next_cursor"] = make_cursor(call, external_userid, [page[-1][0]])
    return reply


def _followers_shown(call: Call, external_userid: str, after: str) -> tuple[list[Any], ErrCode]:
    """The followers that the app is shown, a page of them and at least one more if there are more; and the
    reason if there is none: nobody follows, the app sees nobody who does, or they have no interop account.
    """
    shown: list[Any] = []
    why_none = ErrCode.NOT_EXTERNAL_CONTACT
    narrowed = sees_only_whom_it_brought(call)
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
        if seen:
            why_none = ErrCode.NO_INTEROP_LICENSE
        elif rows and why_none != ErrCode.NO_INTEROP_LICENSE:
            why_none = ErrCode.NO_PRIVILEGE
        without = unlicensed(call, (row[0] for row in seen))
        shown += [row for row in seen if row[0] not in without] if without else seen
        if len(rows) <= FOLLOWERS_A_PAGE or len(shown) > FOLLOWERS_A_PAGE:
            return shown, why_none
        after = rows[-1][0]


def _tags_of(call: Call, external_userid: str, page: list[Any]) -> dict[str, list[TagShape]]:
    """By follower: corp tags, then the member's own, then those of rule groups."""
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


def _refuse_without_followers(call: Call, external_userid: str, why: ErrCode) -> None:
    if why == ErrCode.NO_INTEROP_LICENSE:
        raise Refusal(why, detail=f"no follower of {external_userid} has a valid interop account")
    if why == ErrCode.NO_PRIVILEGE:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"no follower of {external_userid} is in the app's visible range",
            external_contact={},
        )
    if sees_only_whom_it_brought(call) and _FOLLOWERS_OF.all(
        call.db, corp_id=call.corp_id, external_userid=external_userid, after="", limit=1
    ):
        raise not_brought(call, external_userid)
    raise Refusal(ErrCode.NOT_EXTERNAL_CONTACT, detail=f"no member follows {external_userid}")


def _contact_shape(call: Call, row: Any) -> ExternalContactShape:
    external_userid, name, kind, avatar, gender, unionid, position, corp_name, full_name, profile = row
    shape: ExternalContactShape = {
        "external_userid": external_userid,
        "name": name,
        "type": kind,
        "avatar": avatar,
        "gender": gender,
    }
    withheld = call.app_kind in OF_PROVIDERS
    if withheld:
        del shape["avatar"]
        shape["gender"] = 0
    if kind == WECHAT:
        if unionid and call.settings.unionid_bound and not withheld:
            shape["unionid"] = unionid
        return shape
    if position:
        shape["position"] = position
    shape["corp_name"] = corp_name
    shape["corp_full_name"] = corp_name if withheld else full_name
    if profile:
        shape["external_profile"] = orjson.loads(profile)
    return shape


def _follow_shape(call: Call, row: Any) -> FollowShape:
    userid, _, remark, description, createtime, corp_name, mobiles = row[:7]
    add_way, oper_userid, state, channels = row[7:]
    shape: FollowShape = {
        "userid": userid,
        "remark": remark,
        "description": description,
        "createtime": createtime,
        "remark_mobiles": [] if mobiles == "[]" else orjson.loads(mobiles),
        "add_way": add_way,
    }
    if call.app_kind in OF_PROVIDERS:
        del shape["remark_mobiles"]
    if corp_name:
        shape["remark_corp_name"] = corp_name
    if oper_userid:
        shape["oper_userid"] = oper_userid
    if state:
        shape["state"] = state
    if channels:
        shape["wechat_channels"] = orjson.loads(channels)
    return shape


# --- 批量获取客户详情 ------------------------------------------------------------------------------------


def _page_of_member(dialect: str, *, brought: bool = False) -> sa.Select[Any]:
    """A member's customers after `after`, each with its tag ids joined by commas.

    `brought`: only those whom the app brought.
    """
    join_texts = sa.func.string_agg if dialect == "postgresql" else sa.func.group_concat
    tag_ids = sa.select(join_texts(FOLLOW_TAG.c.tag_id, sa.literal_column("','"))).where(
        FOLLOW_TAG.c.corp_id == FOLLOW.c.corp_id,
        FOLLOW_TAG.c.external_userid == FOLLOW.c.external_userid,
        FOLLOW_TAG.c.userid == FOLLOW.c.userid,
    )
    same_customer = (CONTACT.c.corp_id == FOLLOW.c.corp_id) & (
        CONTACT.c.external_userid == FOLLOW.c.external_userid
    )
    page = (
        sa.select(*_CONTACT_COLUMNS, *_FOLLOW_COLUMNS, tag_ids.scalar_subquery())
        .join_from(FOLLOW, CONTACT, same_customer)
        .where(
            FOLLOW.c.corp_id == bindparam("corp_id"),
            FOLLOW.c.userid == bindparam("userid"),
            FOLLOW.c.seq > bindparam("after"),
            COUNTS,
        )
        .order_by(FOLLOW.c.seq)
        .limit(bindparam("limit"))
    )
    return page.where(FOLLOW.c.brought_by == bindparam("agentid")) if brought else page


_PAGE_OF_MEMBER = Hot(_page_of_member)
_BROUGHT_PAGE_OF_MEMBER = Hot(partial(_page_of_member, brought=True))
BATCH_DEFAULT, BATCH_MAX, BATCH_MEMBERS = 50, 100, 100


class BatchGetRequest(RequestModel):
    userid_list: list[str] = required(max_items=BATCH_MEMBERS, doc="members")
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default 50, at most 100; a larger one counts as 100")


class BatchEntry(TypedDict):
    external_contact: ExternalContactShape
    follow_info: FollowInfoShape


class BatchFailures(TypedDict):
    unlicensed_userid_list: list[str]


class BatchGetReply(TypedDict):
    external_contact_list: list[BatchEntry]
    next_cursor: str
    fail_info: NotRequired[BatchFailures]


@family.post(
    "/cgi-bin/externalcontact/batch/get_by_user",
    doc="92994",
    meter="customer.list",
    permission=Permission.CUSTOMER_BASE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_CURSOR,
        ErrCode.NO_INTEROP_LICENSE,
    ),
    sample={"userid_list": ["zhangsan", "lisi"], "cursor": "", "limit": 100},
)
def batch_get_by_user(call: Call, body: BatchGetRequest) -> BatchGetReply:
    """批量获取客户详情

    One entry per (customer, member) pair of the given members, in the order in which they were added; to a
    营销获客 app the pairs that it brought together. Tags are bare ids. Members that the app does not see, or
    that may have no customers, are passed over; apps of providers are told in `fail_info` who has no interop
    account. `next_cursor` is empty on the last page. Errors: 40063, 40058 over 100 members, 40003, 50100,
    701008 when none of them has such an account.
    """
    limit = BATCH_DEFAULT if not body.limit or body.limit < 0 else min(body.limit, BATCH_MAX)
    members, without = _licensed_among(call, _followers_among(call, body.userid_list))
    take_seats(call, filter(None, members))
    start, after = position_of(call, body.userid_list, body.cursor) if body.cursor else (0, 0)
    entries: list[BatchEntry] = []
    reply: BatchGetReply = {"external_contact_list": entries, "next_cursor": ""}
    if without:
        reply["fail_info"] = {"unlicensed_userid_list": without}
    columns = len(_CONTACT_COLUMNS)
    narrowed = sees_only_whom_it_brought(call)
    customers, of_app = (
        (_BROUGHT_PAGE_OF_MEMBER, {"agentid": call.agentid}) if narrowed else (_PAGE_OF_MEMBER, {})
    )
    for place in range(start, len(members)):
        # One more than fits tells whether the cursor has anywhere to lead.
        wanted = limit - len(entries) + 1
        rows = customers.all(
            call.db, corp_id=call.corp_id, userid=members[place], after=after, limit=wanted, **of_app
        )
        for row in rows[: wanted - 1]:
            tag_ids = row[-1]
            info: FollowInfoShape = {
                **_follow_shape(call, row[columns:-1]),
                "tag_id": sorted(tag_ids.split(",")) if tag_ids else [],
            }
            entries.append({"external_contact": _contact_shape(call, row[:columns]), "follow_info": info})
            after = row[columns + 1]
        if len(rows) == wanted:
            reply["next_cursor"] = make_cursor(call, body.userid_list, [place, after])
            return reply
        after = 0
    return reply


def _followers_among(call: Call, userids: list[str]) -> list[str]:
    """The given members, "" in the place of each that is to be passed over. Raises 40003.

    Passed over are members that may have no customers, that the app does not see, and that were named
    before. The places stay, because a cursor names one and members change between two pages.
    """
    members: list[str] = []
    known = find_members(call, userids)
    for userid in userids:
        found = known.get(userid)
        if found is None:
            raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is no member of this corp")
        counts = found[1] and found[0] not in members and sees(call, found[0])
        members.append(found[0] if counts else "")
    return members


def _licensed_among(call: Call, members: list[str]) -> tuple[list[str], list[str]]:
    """The members with "" in the place of each without an interop account too, and those. Raises 701008."""
    without = unlicensed(call, filter(None, members))
    if not without:
        return members, []
    left = ["" if userid in without else userid for userid in members]
    if not any(left):
        raise Refusal(
            ErrCode.NO_INTEROP_LICENSE, detail=f"none of {sorted(without)} has a valid interop account"
        )
    return left, [userid for userid in members if userid in without]
