"""成员管理, reading: one member, the members of a department, all member ids."""

from typing import Any, NotRequired

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.members.attributes import ExtattrShape, ExternalProfileShape
from wecom_tollbooth.families.directory.members.private_fields import (
    biz_mails,
    may_read_private_fields,
    private_fields,
)
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    LEFT,
    MEMBER,
    MEMBER_DEPARTMENT,
)
from wecom_tollbooth.families.directory.visibility import departments_below, sees, visible_departments
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required, required_number

IS_MEMBER = MEMBER.c.status != LEFT
_MEMBER_COLUMNS = (
    MEMBER.c.userid,
    MEMBER.c.name,
    MEMBER.c.status,
    MEMBER.c.main_department,
    MEMBER.c.profile,
    MEMBER.c.mobile,
    MEMBER.c.email,
)
_ASSIGNMENT_COLUMNS = (
    MEMBER_DEPARTMENT.c.userid,
    MEMBER_DEPARTMENT.c.department_id,
    MEMBER_DEPARTMENT.c.sort_order,
    MEMBER_DEPARTMENT.c.is_leader,
)


class MemberDetails(TypedDict):
    """A member as an app sees them; few apps get the fields after external_profile: see private_fields.py."""

    userid: str
    name: str
    department: list[int]
    order: list[int]
    position: str
    is_leader_in_dept: list[int]
    direct_leader: list[str]
    telephone: str
    alias: str
    main_department: NotRequired[int]
    extattr: ExtattrShape
    status: int
    external_position: NotRequired[str]
    external_profile: NotRequired[ExternalProfileShape]
    gender: NotRequired[str]
    mobile: NotRequired[str]
    email: NotRequired[str]
    biz_mail: NotRequired[str]
    qr_code: NotRequired[str]
    address: NotRequired[str]


# --- 读取成员 -------------------------------------------------------------------------------------------

_MEMBER = CompiledStatement(
    sa.select(*_MEMBER_COLUMNS).where(
        MEMBER.c.corp_id == bindparam("corp_id"), MEMBER.c.userid_key == bindparam("userid_key"), IS_MEMBER
    )
)
_ASSIGNMENTS = CompiledStatement(
    sa.select(*_ASSIGNMENT_COLUMNS)
    .where(
        MEMBER_DEPARTMENT.c.corp_id == bindparam("corp_id"), MEMBER_DEPARTMENT.c.userid == bindparam("userid")
    )
    .order_by(MEMBER_DEPARTMENT.c.position)
)


class GetMemberRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64, doc="case-insensitive")


@family.get(
    "/cgi-bin/user/get",
    doc="90196",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.MISSING_USERID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
    ),
    sample={"userid": "zhangsan"},
)
def get_member(call: Call, query: GetMemberRequest) -> MemberDetails:
    """读取成员

    One member in the visible range. Only self-built apps created before 2022-06-20 20:00 get gender, mobile,
    email, biz_mail, qr_code and address. department, main_department and direct_leader are limited to what
    the app sees.
    """
    row = _MEMBER.one(call.db, corp_id=call.corp_id, userid_key=query.userid.lower())
    if row is None:
        raise Refusal(ErrCode.USERID_NOT_FOUND, detail=f"there is no member {query.userid!r} in this corp")
    if not sees(call, row[0]):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{row[0]} is outside the app's visible range")
    return _details(call, [row], _ASSIGNMENTS.all(call.db, corp_id=call.corp_id, userid=row[0]))[0]


def _details(call: Call, members: list[tuple[Any, ...]], assignments: list[Any]) -> list[MemberDetails]:
    """The members in the order of their rows, each with the departments that the app sees."""
    profiles = [orjson.loads(row[4]) for row in members]
    leaders = _visible_leaders(call, profiles)
    visible = visible_departments(call)
    of_member = _by_member(assignments, visible)
    with_private_fields = may_read_private_fields(call)
    mails = biz_mails(call, [row[0] for row in members]) if with_private_fields else {}
    shapes: list[MemberDetails] = []
    for (userid, name, status, main_department, _, mobile, email), profile in zip(
        members, profiles, strict=True
    ):
        own = of_member.get(userid, [])
        shape: MemberDetails = {
            "userid": userid,
            "name": name,
            "department": [assignment[1] for assignment in own],
            "order": [assignment[2] for assignment in own],
            "position": profile.get("position", ""),
            "is_leader_in_dept": [int(assignment[3]) for assignment in own],
            "direct_leader": [leader for leader in profile.get("direct_leader", []) if leader in leaders],
            "telephone": profile.get("telephone", ""),
            "alias": profile.get("alias", ""),
            "main_department": main_department,
            "extattr": {"attrs": profile.get("extattr", [])},
            "status": status,
        }
        if visible is not None and main_department not in visible:
            del shape["main_department"]
        if profile.get("external_position"):
            shape["external_position"] = profile["external_position"]
        if profile.get("external_profile"):
            shape["external_profile"] = profile["external_profile"]
        if with_private_fields:
            own_mail = mails.get(userid, "")
            shape = {**shape, **private_fields(call, userid, mobile, email, own_mail, profile)}
        shapes.append(shape)
    return shapes


def _by_member(assignments: list[Any], visible: frozenset[int] | None) -> dict[str, list[Any]]:
    """The assignments to departments that the app sees, by userid, in the order of the request."""
    of_member: dict[str, list[Any]] = {}
    for assignment in assignments:
        if visible is None or assignment[1] in visible:
            of_member.setdefault(assignment[0], []).append(assignment)
    return of_member


def _visible_leaders(call: Call, profiles: list[dict[str, Any]]) -> set[str]:
    """The direct leaders in the profiles who are still members and whom the app sees."""
    named = {leader for profile in profiles for leader in profile.get("direct_leader", ())}
    if not named:
        return set()
    query = sa.select(MEMBER.c.userid).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid.in_(named), IS_MEMBER
    )
    return {row.userid for row in call.db.execute(query) if sees(call, row.userid)}


# --- 获取部门成员 ----------------------------------------------------------------------------------------


class DepartmentMembersRequest(RequestModel):
    department_id: int = required_number(ErrCode.INVALID_PARTY_ID, ge=0, le=UINT32)
    fetch_child: int | None = optional(
        doc="1: with the members of all departments below; no longer documented"
    )


class SimpleMember(TypedDict):
    userid: str
    name: str
    department: list[int]


class ListMemberNamesReply(TypedDict):
    userlist: list[SimpleMember]


@family.get(
    "/cgi-bin/user/simplelist",
    doc="90200",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.INVALID_PARTY_ID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
    ),
    sample={"department_id": 1},
)
def list_member_names(call: Call, query: DepartmentMembersRequest) -> ListMemberNamesReply:
    """获取部门成员

    The members of one department, larger order first, then in order of creation; no paging. fetch_child=1,
    no longer documented but still sent by SDKs, adds those of the departments below.
    """
    members, assignments = _members_of(call, query)
    of_member = _by_member(assignments, visible_departments(call))
    return {
        "userlist": [
            {
                "userid": row[0],
                "name": row[1],
                "department": [assignment[1] for assignment in of_member.get(row[0], [])],
            }
            for row in members
        ]
    }


def _members_of(
    call: Call, query: DepartmentMembersRequest
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows of a department's members and of all their assignments. Raises 60123 and 60011."""
    wanted = query.department_id
    known = sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.id == wanted)
    if call.db.execute(known).first() is None:
        raise Refusal(ErrCode.INVALID_PARTY_ID, detail=f"there is no department {wanted}")
    visible = visible_departments(call)
    if visible is not None and wanted not in visible:
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"department {wanted} is outside the app's visible range")
    within = {wanted}
    if query.fetch_child == 1:
        within |= departments_below(call.db, call.corp_id, [wanted])
    here = (MEMBER_DEPARTMENT.c.corp_id == call.corp_id) & MEMBER_DEPARTMENT.c.department_id.in_(within)
    rows = call.db.execute(
        sa.select(*_MEMBER_COLUMNS[:4], sa.cast(MEMBER.c.profile, sa.Text), *_MEMBER_COLUMNS[5:])
        .join(
            MEMBER_DEPARTMENT,
            (MEMBER_DEPARTMENT.c.corp_id == MEMBER.c.corp_id)
            & (MEMBER_DEPARTMENT.c.userid == MEMBER.c.userid),
        )
        .where(here, IS_MEMBER)
        .order_by(MEMBER_DEPARTMENT.c.sort_order.desc(), MEMBER.c.created_at, MEMBER.c.userid)
    )
    # A member of two of the departments is listed once, at the first position.
    members = {row[0]: tuple(row) for row in rows}
    assignments = call.db.execute(
        sa.select(*_ASSIGNMENT_COLUMNS)
        .where(
            MEMBER_DEPARTMENT.c.corp_id == call.corp_id,
            MEMBER_DEPARTMENT.c.userid.in_(sa.select(MEMBER_DEPARTMENT.c.userid).where(here)),
        )
        .order_by(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.position)
    )
    return list(members.values()), [tuple(row) for row in assignments]


# --- 获取部门成员详情 -------------------------------------------------------------------------------------


class ListMembersReply(TypedDict):
    userlist: list[MemberDetails]


@family.get(
    "/cgi-bin/user/list",
    doc="90201",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.INVALID_PARTY_ID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
    ),
    sample={"department_id": 1},
)
def list_members(call: Call, query: DepartmentMembersRequest) -> ListMembersReply:
    """获取部门成员详情

    As user/simplelist, each member with the fields of user/get.
    """
    return {"userlist": _details(call, *_members_of(call, query))}


# --- 获取成员ID列表 --------------------------------------------------------------------------------------

LIST_ID_MAX = 10_000
_ASSIGNMENTS_AFTER = CompiledStatement(
    sa.select(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.department_id)
    .where(
        MEMBER_DEPARTMENT.c.corp_id == bindparam("corp_id"),
        sa.tuple_(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.department_id)
        > sa.tuple_(bindparam("after_userid"), bindparam("after_department")),
    )
    .order_by(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.department_id)
    .limit(bindparam("limit"))
)


class ListMemberIdsRequest(RequestModel):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(ge=0, le=LIST_ID_MAX, doc="rows, 1 to 10000; 0 or absent: 10000")


class DeptUser(TypedDict):
    userid: str
    department: int


class ListMemberIdsReply(TypedDict):
    next_cursor: str
    dept_user: list[DeptUser]


@family.post(
    "/cgi-bin/user/list_id",
    doc="96067",
    meter="directory.read",
    permission=Permission.DIRECTORY_SYNC,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.INVALID_CURSOR),
    also_get="three independent clients read it by GET",
    sample={"cursor": "xxxxxxx", "limit": 10000},
)
def list_member_ids(call: Call, body: ListMemberIdsRequest) -> ListMemberIdsReply:
    """获取成员ID列表

    One row for each (member, department) pair of the corp; only the 通讯录同步 secret may call it.
    next_cursor is empty on the last page.
    """
    limit = body.limit or LIST_ID_MAX
    after = position_of(call, "", body.cursor) if body.cursor else ["", 0]
    rows = _ASSIGNMENTS_AFTER.all(
        call.db, corp_id=call.corp_id, after_userid=after[0], after_department=after[1], limit=limit + 1
    )
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "next_cursor": make_cursor(call, "", list(page[-1])) if more else "",
        "dept_user": [{"userid": userid, "department": department} for userid, department in page],
    }
