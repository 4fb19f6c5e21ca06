"""部门管理, reading: lists of departments and single ones, as far as the app sees them."""

from typing import Any, NotRequired, cast

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.tree import no_department
from wecom_tollbooth.families.directory.visibility import sees, visible_departments
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required_number
from wecom_tollbooth.world.context import Context


class DepartmentShape(TypedDict):
    id: int
    name: str
    name_en: NotRequired[str]
    department_leader: list[str]
    parentid: int
    order: int


# --- 获取部门列表 ----------------------------------------------------------------------------------------


class ListDepartmentsRequest(RequestModel):
    id: int | None = optional(
        ge=0, le=UINT32, doc="this department and all below it; absent: all that the app sees"
    )


class ListDepartmentsReply(TypedDict):
    department: list[DepartmentShape]


@family.get(
    "/cgi-bin/department/list",
    doc="90208",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.INVALID_PARTY_ID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2},
)
def list_departments(call: Call, query: ListDepartmentsRequest) -> ListDepartmentsReply:
    """获取部门列表 / List departments

    A department and all below it, or all that the app sees, ordered by id; no paging. department_leader has
    the leaders whom the app sees.
    """
    return {"department": departments_seen(call, query.id)}


def departments_seen(context: Context, wanted: int | None = None) -> list[DepartmentShape]:
    """Of the department and all below it, or of all, those that the app sees. Raises 60123, 60011."""
    rows = _visible_below(context, wanted)
    leaders: dict[int, list[str]] = {}
    found = sa.select(MEMBER_DEPARTMENT.c.department_id, MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.is_leader.is_(True)
    )
    for row in context.db.execute(found.order_by(MEMBER_DEPARTMENT.c.userid)):
        if sees(context, row.userid):
            leaders.setdefault(row.department_id, []).append(row.userid)
    return [_shape(row, leaders.get(row.id, [])) for row in rows]


def _visible_below(context: Context, wanted: int | None) -> list[Any]:
    """Of the department and all below it, or of all, the rows that the app sees. Raises 60123, 60011."""
    rows = list(
        context.db.execute(
            sa.select(DEPARTMENT).where(DEPARTMENT.c.corp_id == context.corp_id).order_by(DEPARTMENT.c.id)
        )
    )
    visible = visible_departments(context)
    visible_rows = rows if visible is None else [row for row in rows if row.id in visible]
    if not wanted:
        return visible_rows
    if all(row.id != wanted for row in rows):
        raise no_department(wanted)
    if all(row.id != wanted for row in visible_rows):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"department {wanted} is outside the app's visible range")
    children: dict[int, list[int]] = {}
    for row in rows:
        children.setdefault(row.parentid, []).append(row.id)
    within, waiting = {wanted}, [wanted]
    while waiting:
        below = children.get(waiting.pop(), [])
        within.update(below)
        waiting += below
    return [row for row in visible_rows if row.id in within]


def _shape(row: Any, leaders: list[str]) -> DepartmentShape:
    named: dict[str, Any] = {"name": row.name, "name_en": row.name_en} if row.name_en else {"name": row.name}
    rest = {"department_leader": leaders, "parentid": row.parentid, "order": row.sort_order}
    return cast(DepartmentShape, {"id": row.id, **named, **rest})


# --- 获取子部门ID列表 -------------------------------------------------------------------------------------


class DepartmentId(TypedDict):
    id: int
    parentid: int
    order: int


class ListDepartmentIdsReply(TypedDict):
    department_id: list[DepartmentId]


@family.get(
    "/cgi-bin/department/simplelist",
    doc="95350",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.INVALID_PARTY_ID, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_PARAMETER),
    sample={"id": 2},
)
def list_department_ids(call: Call, query: ListDepartmentsRequest) -> ListDepartmentIdsReply:
    """获取子部门ID列表 / List the ids of sub-departments

    As department/list, but only ids. The 通讯录同步 secret may call it too and sees all departments.
    """
    return {
        "department_id": [
            {"id": row.id, "parentid": row.parentid, "order": row.sort_order}
            for row in _visible_below(call, query.id)
        ]
    }


# --- 获取单个部门详情 --------------------------------------------------------------------------------------

_LEADERS = CompiledStatement(
    sa.select(MEMBER_DEPARTMENT.c.userid)
    .where(
        MEMBER_DEPARTMENT.c.corp_id == bindparam("corp_id"),
        MEMBER_DEPARTMENT.c.department_id == bindparam("department_id"),
        MEMBER_DEPARTMENT.c.is_leader.is_(True),
    )
    .order_by(MEMBER_DEPARTMENT.c.userid)
)


class GetDepartmentRequest(RequestModel):
    id: int = required_number(ErrCode.INVALID_PARAMETER, ge=0, le=UINT32)


class GetDepartmentReply(TypedDict):
    department: DepartmentShape


@family.get(
    "/cgi-bin/department/get",
    doc="95351",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.INVALID_PARTY_ID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2},
)
def get_department(call: Call, query: GetDepartmentRequest) -> GetDepartmentReply:
    """获取单个部门详情 / Get a department

    One department; department_leader has the leaders whom the app sees.
    """
    own_row = (DEPARTMENT.c.corp_id == call.corp_id) & (DEPARTMENT.c.id == query.id)
    row = call.db.execute(sa.select(DEPARTMENT).where(own_row)).first()
    if row is None:
        raise no_department(query.id)
    visible = visible_departments(call)
    if visible is not None and query.id not in visible:
        raise Refusal(
            ErrCode.NO_PRIVILEGE, detail=f"department {query.id} is outside the app's visible range"
        )
    leaders = _LEADERS.all(call.db, corp_id=call.corp_id, department_id=query.id)
    return {"department": _shape(row, [userid for (userid,) in leaders if sees(call, userid)])}
