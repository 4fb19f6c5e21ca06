"""成员管理, reading: one member, the members of a department, all member ids."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.members.showing import (
    ASSIGNMENT_COLUMNS,
    IS_MEMBER,
    MEMBER_COLUMNS,
    MemberDetails,
    SimpleMember,
    member_details,
    member_names,
)
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    MEMBER,
    MEMBER_DEPARTMENT,
)
from wecom_tollbooth.families.directory.visibility import departments_below, sees, visible_departments
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required, required_number

# --- 读取成员 -------------------------------------------------------------------------------------------

_MEMBER = CompiledStatement(
    sa.select(*MEMBER_COLUMNS).where(
        MEMBER.c.corp_id == bindparam("corp_id"), MEMBER.c.userid_key == bindparam("userid_key"), IS_MEMBER
    )
)
_ASSIGNMENTS = CompiledStatement(
    sa.select(*ASSIGNMENT_COLUMNS)
    .where(
        MEMBER_DEPARTMENT.c.corp_id == bindparam("corp_id"), MEMBER_DEPARTMENT.c.userid == bindparam("userid")
    )
    .order_by(MEMBER_DEPARTMENT.c.position)
)


class GetMemberRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64, doc="case-insensitive")


@family.get(
    "/cgi-bin/user/get",
    for_many="/cgi-bin/user/list",
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
    """读取成员 / Get a member

    One member in the visible range. Only self-built apps created before 2022-06-20 20:00 get gender, mobile,
    email, biz_mail, qr_code and address. department, main_department and direct_leader are limited to what
    the app sees.
    """
    row = _MEMBER.one(call.db, corp_id=call.corp_id, userid_key=query.userid.lower())
    if row is None:
        raise Refusal(ErrCode.USERID_NOT_FOUND, detail=f"there is no member {query.userid!r} in this corp")
    if not sees(call, row[0]):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{row[0]} is outside the app's visible range")
    assignments = _ASSIGNMENTS.all(call.db, corp_id=call.corp_id, userid=row[0])
    return member_details(call, call.request.base_url, [row], assignments)[0]


# --- 获取部门成员 ----------------------------------------------------------------------------------------


class DepartmentMembersRequest(RequestModel):
    department_id: int = required_number(ErrCode.INVALID_PARTY_ID, ge=0, le=UINT32)
    fetch_child: int | None = optional(
        doc="1: with the members of all departments below; no longer documented"
    )


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
    """获取部门成员 / List the members of a department

    The members of one department, larger order first, then in order of creation; no paging. fetch_child=1,
    no longer documented but still sent by SDKs, adds those of the departments below.
    """
    return {"userlist": member_names(call, *_members_of(call, query))}


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
        sa.select(*MEMBER_COLUMNS[:4], sa.cast(MEMBER.c.profile, sa.Text), *MEMBER_COLUMNS[5:])
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
        sa.select(*ASSIGNMENT_COLUMNS)
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
    """获取部门成员详情 / List the members of a department in detail

    As user/simplelist, each member with the fields of user/get.
    """
    return {"userlist": member_details(call, call.request.base_url, *_members_of(call, query))}


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
    """获取成员ID列表 / List the ids of members

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
