"""客户管理: who follows customers, the lists of customers, one customer, remarks."""

import re
from typing import Any, NotRequired

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from app.db import Hot
from app.families.customer_tags.tables import FollowTag, Tag, TagGroup
from app.families.customers.relations import (
    CONTACT,
    COUNTS,
    FOLLOW,
    FOLLOWER,
    MEMBER,
    customer_type,
    find_member,
    refuse_unless_related,
    the_follower,
)
from app.families.customers.tables import PersonalTag
from app.families.directory.tables import Department, MemberDepartment
from app.families.directory.visibility import sees, visible_userids
from app.gateway.call import Call
from app.gateway.cursors import make_cursor, position_of
from app.gateway.errcodes import ErrCode, Refusal
from app.gateway.operation import Family
from app.gateway.permissions import Permission
from app.gateway.shapes import Done, RequestModel, optional, required
from app.world import ids

family = Family("customers", "客户管理", "Customers")

TAG: sa.Table = Tag.__table__  # type: ignore[attr-defined]
TAG_GROUP: sa.Table = TagGroup.__table__  # type: ignore[attr-defined]
FOLLOW_TAG: sa.Table = FollowTag.__table__  # type: ignore[attr-defined]

PERSONAL_TAG: sa.Table = PersonalTag.__table__  # type: ignore[attr-defined]
DEPARTMENT: sa.Table = Department.__table__  # type: ignore[attr-defined]
PLACE: sa.Table = MemberDepartment.__table__  # type: ignore[attr-defined]

WECHAT, WECOM = 1, 2
CORP_TAG, PERSONAL, STRATEGY_TAG = 1, 2, 3
"""`type` of a tag: the corp's, or one that the member made in the client and that has no id."""
FOLLOWERS_A_PAGE = 500
"""Followers of one customer that externalcontact/get shows at a time (page 92114)."""


# --- 获取配置了客户联系功能的成员列表 ---------------------------------------------------------------------

_FOLLOWERS = Hot(
    sa.select(MEMBER.c.userid)
    .where(MEMBER.c.corp_id == bindparam("corp_id"), FOLLOWER)
    .order_by(MEMBER.c.userid)
)


class FollowUserListReply(TypedDict):
    follow_user: list[str]


@family.get(
    "/cgi-bin/externalcontact/get_follow_user_list",
    doc="92571",
    meter="customer.list",
    permission=Permission.CUSTOMER,
)
def get_follow_user_list(call: Call, query: RequestModel) -> FollowUserListReply:
    """获取配置了客户联系功能的成员列表

    The members in 客户联系's range of use that the app sees. No paging.
    """
    rows = _FOLLOWERS.all(call.db, corp_id=call.corp_id)
    return {"follow_user": [userid for (userid,) in rows if sees(call, userid)]}


class CustomerContactsReply(TypedDict):
    customer_contacts: list[str]


@family.get(
    "/cgi-bin/crm/get_customer_contacts", doc="92109", meter="customer.list", permission=Permission.CUSTOMER
)
def get_customer_contacts(call: Call, query: RequestModel) -> CustomerContactsReply:
    """获取配置了客户联系功能的成员列表（旧地址）

    The address of before 2019-05-23; it answers the field name of that time.
    """
    return {"customer_contacts": get_follow_user_list(call, query)["follow_user"]}


# --- 检查用户是否配置了客户联系功能使用权限 -----------------------------------------------------------------


class CheckFollowUserRequest(RequestModel):
    userid: list[str] | None = optional(doc="members to check")
    partyid: list[int] | None = optional(doc="departments to check")


class CheckedIds(TypedDict):
    userid: NotRequired[list[str]]
    partyid: NotRequired[list[int]]


class CheckFollowUserReply(TypedDict):
    authorized: CheckedIds
    unauthorized: CheckedIds


@family.post(
    "/cgi-bin/externalcontact/check_follow_user",
    doc="96312",
    checked=None,
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.PARAMETERS_EMPTY,),
    sample={"userid": ["zhangsan", "lissi"], "partyid": [1]},
)
def check_follow_user(call: Call, body: CheckFollowUserRequest) -> CheckFollowUserReply:
    """检查用户是否配置了客户联系功能使用权限

    Splits members and departments into those with and without the right; empty lists are left out. A
    department has it when one of its members, or of those below it, has. Errors: 40063 when both are empty.
    """
    if not body.userid and not body.partyid:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give userid, partyid or both")
    followers = set(get_follow_user_list(call, RequestModel())["follow_user"])
    departments = _departments_of(call, followers) if body.partyid else set()
    checked: tuple[CheckedIds, CheckedIds] = ({}, {})
    for userid in body.userid or []:
        found = find_member(call, userid)
        checked[0 if found and found[0] in followers else 1].setdefault("userid", []).append(userid)
    for partyid in body.partyid or []:
        checked[0 if partyid in departments else 1].setdefault("partyid", []).append(partyid)
    return {"authorized": checked[0], "unauthorized": checked[1]}


def _departments_of(call: Call, userids: set[str]) -> set[int]:
    """The departments that these members are in, and all above those."""
    above = sa.select(DEPARTMENT.c.id, DEPARTMENT.c.parentid).where(DEPARTMENT.c.corp_id == call.corp_id)
    parents = {row.id: row.parentid for row in call.db.execute(above)}
    places = sa.select(PLACE.c.userid, PLACE.c.department_id).where(PLACE.c.corp_id == call.corp_id)
    found: set[int] = set()
    for place in call.db.execute(places):
        department = place.department_id if place.userid in userids else 0
        while department in parents and department not in found:
            found.add(department)
            department = parents[department]
    return found


# --- 获取客户列表 ----------------------------------------------------------------------------------------

_CUSTOMERS_OF = Hot(
    sa.select(FOLLOW.c.external_userid)
    .where(FOLLOW.c.corp_id == bindparam("corp_id"), FOLLOW.c.userid == bindparam("userid"), COUNTS)
    .order_by(FOLLOW.c.seq)
)


class ListRequest(RequestModel):
    userid: str = required(ErrCode.USERID_NOT_FOUND, max_chars=64, doc="member")


class ListReply(TypedDict):
    external_userid: list[str]


@family.get(
    "/cgi-bin/externalcontact/list",
    doc="92113",
    meter="customer.list",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.USERID_NOT_FOUND,
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_EXTERNAL_CONTACT,
    ),
    aliases=("/cgi-bin/crm/get_external_contact_list",),
    sample={"userid": "zhangsan"},
)
def list_customers(call: Call, query: ListRequest) -> ListReply:
    """获取客户列表

    Every customer of one member, no paging. Errors: 84061 for a member without customers or without the
    right to have them (not an empty list), 60111 for an empty userid, 40003 for an unknown one, 60011
    outside the visible range.
    """
    userid = the_follower(call, query.userid)
    rows = _CUSTOMERS_OF.all(call.db, corp_id=call.corp_id, userid=userid)
    if not rows:
        raise Refusal(ErrCode.NOT_EXTERNAL_CONTACT, detail=f"{userid} has no customers")
    return {"external_userid": [external_userid for (external_userid,) in rows]}


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
_FOLLOWERS_OF = Hot(
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
    remark_mobiles: list[str]
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
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_CURSOR,
    ),
    aliases=("/cgi-bin/crm/get_external_contact",),
    sample={"external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "cursor": "CURSOR"},
)
def get_customer(call: Call, query: GetRequest) -> GetReply:
    """获取客户详情

    The customer and the members who follow it, as far as the app sees them, 500 at a time. Empty oper_userid,
    state and remark_corp_name are left out; unionid only for WeChat customers of a corp with a bound
    developer account. Errors: 41035, 40096 (not of this corp), 84061 (nobody follows), 60011 (nobody that
    the app sees follows; the body carries an empty external_contact), 50100.
    """
    external_userid = query.external_userid
    contact = _CONTACT.one(call.db, corp_id=call.corp_id, external_userid=external_userid)
    if contact is None:
        customer_type(call, external_userid)
    after = position_of(call, external_userid, query.cursor)[0] if query.cursor else ""
    seen, followed = _followers_seen(call, external_userid, after)
    if not seen and not query.cursor:
        _refuse_unfollowed(external_userid, followed=followed)
    page = seen[:FOLLOWERS_A_PAGE]
    tags = _tags_of(call, external_userid, page)
    reply: GetReply = {
        "external_contact": _contact_shape(call, contact),
        "follow_user": [{**_follow_shape(row), "tags": tags.get(row[0], [])} for row in page],
    }
    if len(seen) > FOLLOWERS_A_PAGE:
        reply["next_cursor"] = make_cursor(call, external_userid, [page[-1][0]])
    return reply


def _followers_seen(call: Call, external_userid: str, after: str) -> tuple[list[Any], bool]:
    """The followers that the app sees, a page of them and at least one more if there are more; and whether
    there is any follower at all, seen or not.
    """
    seen: list[Any] = []
    followed = False
    while True:
        rows = _FOLLOWERS_OF.all(
            call.db,
            corp_id=call.corp_id,
            external_userid=external_userid,
            after=after,
            limit=FOLLOWERS_A_PAGE + 1,
        )
        followed = followed or bool(rows)
        seen += [row for row in rows if sees(call, row[0])]
        if len(rows) <= FOLLOWERS_A_PAGE or len(seen) > FOLLOWERS_A_PAGE:
            return seen, followed
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


def _refuse_unfollowed(external_userid: str, *, followed: bool) -> None:
    if followed:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"no follower of {external_userid} is in the app's visible range",
            external_contact={},
        )
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
    if kind == WECHAT:
        if unionid and call.settings.unionid_bound:
            shape["unionid"] = unionid
        return shape
    if position:
        shape["position"] = position
    shape["corp_name"] = corp_name
    shape["corp_full_name"] = full_name
    if profile:
        shape["external_profile"] = orjson.loads(profile)
    return shape


def _follow_shape(row: Any) -> FollowShape:
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


def _page_of_member(dialect: str) -> sa.Select[Any]:
    """A member's customers after `after`, each with its tag ids joined by commas."""
    join_texts = sa.func.string_agg if dialect == "postgresql" else sa.func.group_concat
    tag_ids = sa.select(join_texts(FOLLOW_TAG.c.tag_id, sa.literal_column("','"))).where(
        FOLLOW_TAG.c.corp_id == FOLLOW.c.corp_id,
        FOLLOW_TAG.c.external_userid == FOLLOW.c.external_userid,
        FOLLOW_TAG.c.userid == FOLLOW.c.userid,
    )
    same_customer = (CONTACT.c.corp_id == FOLLOW.c.corp_id) & (
        CONTACT.c.external_userid == FOLLOW.c.external_userid
    )
    return (
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


_PAGE_OF_MEMBER = Hot(_page_of_member)
BATCH_DEFAULT, BATCH_MAX, BATCH_MEMBERS = 50, 100, 100


class BatchGetRequest(RequestModel):
    userid_list: list[str] = required(max_items=BATCH_MEMBERS, doc="members")
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default 50, at most 100; a larger one counts as 100")


class BatchEntry(TypedDict):
    external_contact: ExternalContactShape
    follow_info: FollowInfoShape


class BatchGetReply(TypedDict):
    external_contact_list: list[BatchEntry]
    next_cursor: str


@family.post(
    "/cgi-bin/externalcontact/batch/get_by_user",
    doc="92994",
    meter="customer.list",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_CURSOR,
    ),
    sample={"userid_list": ["zhangsan", "lisi"], "cursor": "", "limit": 100},
)
def batch_get_by_user(call: Call, body: BatchGetRequest) -> BatchGetReply:
    """批量获取客户详情

    One entry per (customer, member) pair of the given members, in the order in which they were added;
    tags are bare ids. Members that the app does not see, or that may have no customers, are passed over.
    `next_cursor` is empty on the last page. Errors: 40063, 40058 over 100 members, 40003, 50100.
    """
    limit = BATCH_DEFAULT if not body.limit or body.limit < 0 else min(body.limit, BATCH_MAX)
    members = _followers_among(call, body.userid_list)
    start, after = position_of(call, body.userid_list, body.cursor) if body.cursor else (0, 0)
    entries: list[BatchEntry] = []
    columns = len(_CONTACT_COLUMNS)
    for place in range(start, len(members)):
        # One more than fits tells whether the cursor has anywhere to lead.
        wanted = limit - len(entries) + 1
        rows = _PAGE_OF_MEMBER.all(
            call.db, corp_id=call.corp_id, userid=members[place], after=after, limit=wanted
        )
        for row in rows[: wanted - 1]:
            tag_ids = row[-1]
            info: FollowInfoShape = {
                **_follow_shape(row[columns:-1]),
                "tag_id": sorted(tag_ids.split(",")) if tag_ids else [],
            }
            entries.append({"external_contact": _contact_shape(call, row[:columns]), "follow_info": info})
            after = row[columns + 1]
        if len(rows) == wanted:
            return {
                "external_contact_list": entries,
                "next_cursor": make_cursor(call, body.userid_list, [place, after]),
            }
        after = 0
    return {"external_contact_list": entries, "next_cursor": ""}


def _followers_among(call: Call, userids: list[str]) -> list[str]:
    """The given members, "" in the place of each that is to be passed over. Raises 40003.

    Passed over are members that may have no customers, that the app does not see, and that were named
    before. The places stay, because a cursor names one and members change between two pages.
    """
    members: list[str] = []
    for userid in userids:
        found = find_member(call, userid)
        if found is None:
            raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is no member of this corp")
        counts = found[1] and found[0] not in members and sees(call, found[0])
        members.append(found[0] if counts else "")
    return members


# --- 修改客户备注信息 ------------------------------------------------------------------------------------

_REMARK = Hot(
    sa.update(FOLLOW)
    .where(
        FOLLOW.c.corp_id == bindparam("of_corp_id"),
        FOLLOW.c.external_userid == bindparam("of_external_userid"),
        FOLLOW.c.userid == bindparam("of_userid"),
        COUNTS,
    )
    .values(
        remark=sa.func.coalesce(bindparam("new_remark"), FOLLOW.c.remark),
        description=sa.func.coalesce(bindparam("new_description"), FOLLOW.c.description),
        remark_corp_name=sa.func.coalesce(bindparam("new_company"), FOLLOW.c.remark_corp_name),
        remark_mobiles=sa.func.coalesce(
            sa.cast(bindparam("new_mobiles"), sa.Text), sa.cast(FOLLOW.c.remark_mobiles, sa.Text)
        ),
        remark_pic_mediaid=sa.func.coalesce(bindparam("new_picture"), FOLLOW.c.remark_pic_mediaid),
    )
)


_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")


class RemarkRequest(RequestModel):
    userid: str = required(ErrCode.INVALID_USERID, max_chars=64, doc="the member who follows the customer")
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)
    remark: str | None = optional(max_chars=20)
    description: str | None = optional(max_chars=150)
    remark_company: str | None = optional(max_chars=20, doc="only WeChat customers keep it")
    remark_mobiles: list[str] | None = optional(doc='replaces the stored numbers; "" or [""] clears them')
    remark_pic_mediaid: str | None = optional(doc="media_id of an uploaded picture")


@family.post(
    "/cgi-bin/externalcontact/remark",
    doc="92115",
    meter="customer.write",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.PARAMETERS_EMPTY,
    ),
    sample={
        "userid": "zhangsan",
        "external_userid": "woAJ2GCAAAd1asdasdjO4wKmE8Aabj9AAA",
        "remark": "备注信息",
        "description": "描述信息",
        "remark_company": "腾讯科技",
        "remark_mobiles": ["13800000001", "13800000002"],
        "remark_pic_mediaid": "MEDIAID",
    },
)
def remark(call: Call, body: RemarkRequest) -> Done:
    """修改客户备注信息

    Absent fields keep their value, an empty text clears it; an empty list of numbers counts as absent.
    Lengths are in characters. Errors: 40003, 41035, 40096, 84061, 60011, 40058 (too long), 40007 (what cannot
    be a media_id), 40063 (nothing to change).
    """
    mobiles = body.remark_mobiles or None
    changes = (body.remark, body.description, body.remark_company, mobiles, body.remark_pic_mediaid)
    if all(change is None for change in changes):
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give at least one field to change")
    if body.remark_pic_mediaid and not _MEDIA_ID.fullmatch(body.remark_pic_mediaid):
        raise Refusal(
            ErrCode.INVALID_MEDIA_ID, detail=f"{body.remark_pic_mediaid[:60]!r} cannot be a media_id"
        )
    userid = the_follower(call, body.userid)
    kind = customer_type(call, body.external_userid)
    if mobiles is not None:
        mobiles = [mobile for mobile in mobiles if mobile]
    changed = _REMARK.run(
        call.db,
        of_corp_id=call.corp_id,
        of_external_userid=body.external_userid,
        of_userid=userid,
        new_remark=body.remark,
        new_description=body.description,
        new_company=body.remark_company if kind == WECHAT else None,
        new_mobiles=None if mobiles is None else orjson.dumps(mobiles).decode(),
        new_picture=body.remark_pic_mediaid,
    )
    if not changed:
        refuse_unless_related(call, userid, body.external_userid)
    return {}


# --- 获取已服务的外部联系人 -------------------------------------------------------------------------------

_SERVED = Hot(
    sa.select(
        FOLLOW.c.seq, FOLLOW.c.external_userid, FOLLOW.c.userid, FOLLOW.c.createtime, CONTACT.c.name, FOLLOWER
    )
    .join(
        CONTACT,
        (CONTACT.c.corp_id == FOLLOW.c.corp_id) & (CONTACT.c.external_userid == FOLLOW.c.external_userid),
    )
    .join(MEMBER, (MEMBER.c.corp_id == FOLLOW.c.corp_id) & (MEMBER.c.userid == FOLLOW.c.userid))
    .where(
        FOLLOW.c.corp_id == bindparam("corp_id"),
        sa.tuple_(FOLLOW.c.external_userid, FOLLOW.c.userid)
        > sa.tuple_(bindparam("after_customer"), bindparam("after_member")),
        COUNTS,
    )
    .order_by(FOLLOW.c.external_userid, FOLLOW.c.userid)
    .limit(bindparam("limit"))
)
SERVED_MAX = 1000
TRAVERSAL_SECONDS = 4 * 3600
"""Life of a cursor of contact_list and of the tmp_openids that go with it (page 99434)."""


class ContactListRequest(RequestModel):
    cursor: str | None = optional(doc="of the page before; lives 4 hours")
    limit: int | None = optional(doc="default and at most 1000")


class ServedContact(TypedDict):
    is_customer: bool
    tmp_openid: str
    external_userid: NotRequired[str]
    name: NotRequired[str]
    follow_userid: str
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
    """获取已服务的外部联系人

    Everybody external that members serve, customers and others; a person who is no customer shows a masked
    name. `tmp_openid` tells one person within one traversal: it is new each time page one is asked for, and
    lives 4 hours, as the cursor does. Errors: 50100 for a cursor that is not ours or too old.
    """
    limit = SERVED_MAX if not body.limit or not 0 < body.limit <= SERVED_MAX else body.limit
    if body.cursor:
        traversal, begun, after_customer, after_member = position_of(call, "", body.cursor)
        if call.now - begun > TRAVERSAL_SECONDS:
            raise Refusal(ErrCode.INVALID_CURSOR, detail="the cursor is older than 4 hours")
    else:
        traversal, begun, after_customer, after_member = call.db.next_id(), call.now, "", ""
    rows = _SERVED.all(
        call.db,
        corp_id=call.corp_id,
        after_customer=after_customer,
        after_member=after_member,
        limit=limit + 1,
    )
    visible = visible_userids(call)
    reply: ContactListReply = {"info_list": []}
    for _, external_userid, userid, createtime, name, is_customer in rows[:limit]:
        if visible is not None and userid not in visible:
            continue
        purpose = f"tmp_openid/{external_userid}"
        entry: ServedContact = {
            "is_customer": bool(is_customer),
            "tmp_openid": ids.draw(call.settings.seed, purpose, traversal, 32),
            "follow_userid": userid,
            "add_time": createtime,
        }
        if is_customer:
            entry["external_userid"] = external_userid
        else:
            entry["name"] = f"***{name[-1:]}"
        reply["info_list"].append(entry)
    if len(rows) > limit:
        last = rows[limit - 1]
        reply["next_cursor"] = make_cursor(call, "", [traversal, begun, last[1], last[2]])
    return reply
