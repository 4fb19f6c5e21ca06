"""客户管理: the customers of one member, and all external people whom members serve."""

from typing import NamedTuple, NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.customers.customer_limits import customer_limit, refuse_uncovered
from wecom_tollbooth.families.customers.family import family
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS, the_follower
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.group_chats.tables import EXTERNAL, GROUP_CHAT, GROUP_STAY
from wecom_tollbooth.families.providers.licences import unlicensed
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE, sees_only_acquired
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.clock import HOUR

# --- 获取客户列表 ----------------------------------------------------------------------------------------

_OF_MEMBER = (
    sa.select(FOLLOW_USER.c.external_userid)
    .where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"), FOLLOW_USER.c.userid == bindparam("userid"), IS_ACTIVE
    )
    .order_by(FOLLOW_USER.c.seq)
)
_CUSTOMERS_OF = CompiledStatement(_OF_MEMBER)
_SINCE = CompiledStatement(_OF_MEMBER.where(FOLLOW_USER.c.createtime >= bindparam("since")))
_BROUGHT_TO = CompiledStatement(_OF_MEMBER.where(FOLLOW_USER.c.source_agentid == bindparam("agentid")))


class ListRequest(RequestModel):
    userid: str = required(ErrCode.USERID_NOT_FOUND, max_chars=64, doc="member")


class ListReply(TypedDict):
    external_userid: list[str]


@family.get(
    "/cgi-bin/externalcontact/list",
    doc="92113",
    meter="customer.list",
    permission=Permission.CUSTOMER_BASE,
    errors=(
        ErrCode.USERID_NOT_FOUND,
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.NO_INTEROP_LICENSE,
        ErrCode.MEMBERS_TOO_INACTIVE,
    ),
    aliases=("/cgi-bin/crm/get_external_contact_list",),
    sample={"userid": "zhangsan"},
)
def list_customers(call: Call, query: ListRequest) -> ListReply:
    """获取客户列表 / List the customers of a member

    Returns every customer of one member, without paging; a 营销获客 app gets those it acquired, a provider's
    app in its trial those of the month before it and later. A member without customers is refused, not
    answered with an empty list.
    """
    userid = the_follower(call, query.userid).userid
    if unlicensed(call, [userid]):
        raise Refusal(ErrCode.NO_INTEROP_LICENSE, detail=f"{userid} has no valid interop account")
    limit = customer_limit(call)
    refuse_uncovered(limit, userid)
    if sees_only_acquired(call):
        rows = _BROUGHT_TO.all(call.db, corp_id=call.corp_id, userid=userid, agentid=call.agentid)
    elif limit.since is not None:
        rows = _SINCE.all(call.db, corp_id=call.corp_id, userid=userid, since=limit.since)
    else:
        rows = _CUSTOMERS_OF.all(call.db, corp_id=call.corp_id, userid=userid)
    if not rows:
        raise Refusal(ErrCode.NOT_EXTERNAL_CONTACT, detail=f"{userid} has no customers")
    take_seats(call, [userid])
    return {"external_userid": [external_userid for (external_userid,) in rows]}


# --- 获取已服务的外部联系人 -------------------------------------------------------------------------------

_SERVED = CompiledStatement(
    sa.select(
        FOLLOW_USER.c.seq,
        FOLLOW_USER.c.external_userid,
        FOLLOW_USER.c.userid,
        FOLLOW_USER.c.createtime,
        EXTERNAL_CONTACT.c.name,
        MAY_HAVE_CUSTOMERS,
    )
    .join(
        EXTERNAL_CONTACT,
        (EXTERNAL_CONTACT.c.corp_id == FOLLOW_USER.c.corp_id)
        & (EXTERNAL_CONTACT.c.external_userid == FOLLOW_USER.c.external_userid),
    )
    .join(MEMBER, (MEMBER.c.corp_id == FOLLOW_USER.c.corp_id) & (MEMBER.c.userid == FOLLOW_USER.c.userid))
    .where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        sa.tuple_(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
        > sa.tuple_(bindparam("after_customer"), bindparam("after_member")),
        IS_ACTIVE,
    )
    .order_by(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
    .limit(bindparam("limit"))
)
_FOLLOWED = sa.exists().where(
    FOLLOW_USER.c.corp_id == GROUP_STAY.c.corp_id,
    FOLLOW_USER.c.external_userid == GROUP_STAY.c.person_id,
    IS_ACTIVE,
    MEMBER.c.corp_id == FOLLOW_USER.c.corp_id,
    MEMBER.c.userid == FOLLOW_USER.c.userid,
    MAY_HAVE_CUSTOMERS,
)
OWNER = MEMBER.alias("owner")
_IN_GROUPS = CompiledStatement(
    sa.select(
        GROUP_STAY.c.person_id,
        GROUP_STAY.c.chat_id,
        GROUP_CHAT.c.owner,
        GROUP_STAY.c.joined_at,
        EXTERNAL_CONTACT.c.name,
        _FOLLOWED,
        GROUP_CHAT.c.name,
        OWNER.c.may_follow.is_(True) | (OWNER.c.status == LEFT),
    )
    .join(
        GROUP_CHAT,
        (GROUP_CHAT.c.corp_id == GROUP_STAY.c.corp_id) & (GROUP_CHAT.c.chat_id == GROUP_STAY.c.chat_id),
    )
    .join(OWNER, (OWNER.c.corp_id == GROUP_CHAT.c.corp_id) & (OWNER.c.userid == GROUP_CHAT.c.owner))
    .join(
        EXTERNAL_CONTACT,
        (EXTERNAL_CONTACT.c.corp_id == GROUP_STAY.c.corp_id)
        & (EXTERNAL_CONTACT.c.external_userid == GROUP_STAY.c.person_id),
    )
    .where(
        GROUP_STAY.c.corp_id == bindparam("corp_id"),
        sa.tuple_(GROUP_STAY.c.person_id, GROUP_STAY.c.chat_id)
        > sa.tuple_(bindparam("after_person"), bindparam("after_chat")),
        GROUP_STAY.c.type == EXTERNAL,
        GROUP_STAY.c.left_at.is_(None),
        GROUP_CHAT.c.dismissed_at.is_(None),
    )
    .order_by(GROUP_STAY.c.person_id, GROUP_STAY.c.chat_id)
    .limit(bindparam("limit"))
)
FOLLOWED, IN_GROUPS = 0, 1
"""The two parts of a listing: pairs of a member and a contact, then people in groups."""
SERVED_MAX = 1000
TRAVERSAL_SECONDS = 4 * HOUR
"""Lifetime of a contact_list cursor and of its tmp_openids (page 99434)."""


class ContactListRequest(RequestModel):
    cursor: str | None = optional(doc="of the page before; lives 4 hours")
    limit: int | None = optional(doc="default and at most 1000")


class ServedContact(TypedDict):
    is_customer: bool
    tmp_openid: str
    external_userid: NotRequired[str]
    name: NotRequired[str]
    follow_userid: str
    chat_id: NotRequired[str]
    chat_name: NotRequired[str]
    add_time: int


class ContactListReply(TypedDict):
    info_list: list[ServedContact]
    next_cursor: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/contact_list",
    doc="99434",
    meter="customer.list",
    permission=Permission.CUSTOMER_SELF_BUILT,
    errors=(ErrCode.INVALID_CURSOR,),
    sample={"cursor": "CURSOR", "limit": 1000},
)
def contact_list(call: Call, body: ContactListRequest) -> ContactListReply:
    """获取已服务的外部联系人 / List external contacts that were served

    Returns all external people whom members serve: first by follower, then by group, with the group's owner
    and its `chat_id`, or its `chat_name` if the owner may not have customers. People who are not customers
    have a masked name. `tmp_openid` identifies a person within one listing: each request of the first page
    creates new ones, which live 4 hours like the cursor.
    """
    limit = SERVED_MAX if not body.limit or not 0 < body.limit <= SERVED_MAX else body.limit
    if body.cursor:
        traversal, begun, part, *after = position_of(call, "", body.cursor)
        if call.now - begun > TRAVERSAL_SECONDS:
            raise Refusal(ErrCode.INVALID_CURSOR, detail="the cursor is older than 4 hours")
    else:
        traversal, begun, part, after = call.next_id(), call.now, FOLLOWED, ["", ""]
    rows = _served(call, after, limit + 1) if part == FOLLOWED else []
    if len(rows) <= limit:
        rows += _in_groups(call, after if part == IN_GROUPS else ["", ""], limit + 1 - len(rows))
    visible = visible_userids(call)
    reply: ContactListReply = {"info_list": []}
    for row in rows[:limit]:
        if visible is None or row.userid in visible:
            reply["info_list"].append(_served_contact(call, traversal, row))
    if len(rows) > limit:
        last = rows[limit - 1]
        place = [FOLLOWED, last.external_userid, last.userid]
        if last.chat_id:
            place = [IN_GROUPS, last.external_userid, last.chat_id]
        reply["next_cursor"] = make_cursor(call, "", [traversal, begun, *place])
    return reply


class _Served(NamedTuple):
    """A contact and the member it is listed with; `chat_id` is empty outside groups.

    `chat_name` is set only for a group that is not a customer group, and None everywhere else.
    """

    external_userid: str
    userid: str
    add_time: int
    name: str
    is_customer: bool
    chat_id: str
    chat_name: str | None


def _served(call: Call, after: list[str], limit: int) -> list[_Served]:
    rows = _SERVED.all(
        call.db, corp_id=call.corp_id, after_customer=after[0], after_member=after[1], limit=limit
    )
    return [
        _Served(external_userid, userid, createtime, name, is_customer, "", None)
        for _, external_userid, userid, createtime, name, is_customer in rows
    ]


def _in_groups(call: Call, after: list[str], limit: int) -> list[_Served]:
    rows = _IN_GROUPS.all(
        call.db, corp_id=call.corp_id, after_person=after[0], after_chat=after[1], limit=limit
    )
    return [
        _Served(person_id, owner, joined_at, name, is_customer, chat_id, None if of_customers else chat_name)
        for person_id, chat_id, owner, joined_at, name, is_customer, chat_name, of_customers in rows
    ]


def _served_contact(call: Call, traversal: int, row: _Served) -> ServedContact:
    entry: ServedContact = {
        "is_customer": bool(row.is_customer),
        "tmp_openid": ids.draw(call.seed, f"tmp_openid/{row.external_userid}", traversal, 32),
        "follow_userid": row.userid,
        "add_time": row.add_time,
    }
    if row.is_customer:
        entry["external_userid"] = row.external_userid
    else:
        entry["name"] = f"***{row.name[-1:]}"
    if row.chat_name is not None:
        entry["chat_name"] = row.chat_name
    elif row.chat_id:
        entry["chat_id"] = row.chat_id
    return entry
