"""部门管理: the tree of departments."""

from typing import Any, NotRequired, cast

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.directory import CreateParty, DeleteParty, UpdateParty
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.rules import is_department_name
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.tree import LEVELS, ROOT
from wecom_tollbooth.families.directory.visibility import sees, visible_departments
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required, required_number

NAME_CHARS = 64


class DepartmentShape(TypedDict):
    id: int
    name: str
    name_en: NotRequired[str]
    department_leader: list[str]
    parentid: int
    order: int


# --- 创建部门 -------------------------------------------------------------------------------------------


class CreateRequest(RequestModel):
    name: str = required(
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        max_chars=NAME_CHARS,
        too_long=ErrCode.INVALID_DEPARTMENT_LENGTH,
        doc="unlike its siblings', without \\:*?\"<>|",
    )
    name_en: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    parentid: int = required_number(ErrCode.PARENT_DEPARTMENT_NOT_FOUND, ge=0, le=UINT32, doc="1: the root")
    order: int | None = optional(ge=0, le=UINT32, doc="larger first among its siblings")
    id: int | None = optional(ge=0, le=UINT32, doc="over 1; made up where absent or 0")


class CreateReply(TypedDict):
    errmsg: str
    id: int


@family.post(
    "/cgi-bin/department/create",
    doc="90205",
    meter="directory.write",
    events=(CreateParty,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        ErrCode.INVALID_DEPARTMENT_NAME,
        ErrCode.PARENT_DEPARTMENT_NOT_FOUND,
        ErrCode.DEPARTMENT_EXISTS,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"name": "广州研发中心", "name_en": "RDGZ", "parentid": 1, "order": 1, "id": 2},
)
def create_department(call: Call, body: CreateRequest) -> CreateReply:
    """创建部门

    A department below another. At most 15 levels with the root, 30,000 departments a corp, 30,000 nodes
    directly below one. Errors: 60001 (name empty or over 64 characters), 60009 (forbidden character), 60004,
    60008 (id, or name or name_en among its siblings), 40058 (out of range, or over the tree's limits).
    """
    _refuse_bad_names(body.name, body.name_en)
    tree.lock_directory(call)
    if not tree.exists(call, body.parentid):
        raise _no_parent(body.parentid)
    if body.id and tree.exists(call, body.id):
        raise Refusal(ErrCode.DEPARTMENT_EXISTS, detail=f"there is a department {body.id} already")
    _refuse_taken_names(call, body.parentid, body.name, body.name_en)
    made = tree.add_department(
        call,
        parentid=body.parentid,
        name=body.name,
        name_en=body.name_en or "",
        order=body.order,
        department_id=body.id,
    )
    return {"errmsg": "created", "id": made}


def _refuse_bad_names(*names: str | None) -> None:
    for name in names:
        if name and not is_department_name(name):
            raise Refusal(ErrCode.INVALID_DEPARTMENT_NAME, detail=f'{name!r} holds one of \\:*?"<>|')


def _refuse_taken_names(
    call: Call, parentid: int, name: str, name_en: str | None, own_id: int | None = None
) -> None:
    """60008 where a sibling has the name, or the English name."""
    for column, value in ((DEPARTMENT.c.name, name), (DEPARTMENT.c.name_en, name_en)):
        if not value:
            continue
        query = sa.select(DEPARTMENT.c.id).where(
            DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid == parentid, column == value
        )
        for row in call.db.execute(query):
            if row.id != own_id:
                raise Refusal(ErrCode.DEPARTMENT_EXISTS, detail=f"department {row.id} is called {value!r}")


def _no_parent(parentid: int) -> Refusal:
    return Refusal(ErrCode.PARENT_DEPARTMENT_NOT_FOUND, detail=f"parentid: there is no department {parentid}")


# --- 更新部门 -------------------------------------------------------------------------------------------


class UpdateRequest(RequestModel):
    id: int = required_number(ErrCode.DEPARTMENT_NOT_FOUND, ge=0, le=UINT32)
    name: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    name_en: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    parentid: int | None = optional(ge=0, le=UINT32, doc="moves the department with all below it")
    order: int | None = optional(ge=0, le=UINT32)


class Updated(TypedDict):
    errmsg: str


@family.post(
    "/cgi-bin/department/update",
    doc="90206",
    meter="directory.write",
    events=(UpdateParty,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.DEPARTMENT_NOT_FOUND,
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        ErrCode.INVALID_DEPARTMENT_NAME,
        ErrCode.PARENT_DEPARTMENT_NOT_FOUND,
        ErrCode.DEPARTMENT_EXISTS,
        ErrCode.DEPARTMENT_CYCLE,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2, "name": "广州研发中心", "name_en": "RDGZ", "parentid": 1, "order": 1},
)
def update_department(call: Call, body: UpdateRequest) -> Updated:
    """更新部门

    Changes what is given; an empty name and parentid 0 count as not given. Errors: 60003, 60001, 60009,
    60004, 60008, 60010 (the new parent is the department itself, or below it), 40058.
    """
    _refuse_bad_names(body.name, body.name_en)
    tree.lock_directory(call)
    own_row = (DEPARTMENT.c.corp_id == call.corp_id) & (DEPARTMENT.c.id == body.id)
    stored = call.db.execute(sa.select(DEPARTMENT).where(own_row)).first()
    if stored is None:
        raise _unknown(body.id)
    parentid = body.parentid or stored.parentid
    if parentid != stored.parentid:
        _refuse_bad_move(call, body.id, parentid)
    name, name_en = body.name or stored.name, body.name_en or stored.name_en
    _refuse_taken_names(call, parentid, name, name_en, own_id=body.id)
    order = stored.sort_order if body.order is None else body.order
    changes = {"name": name, "name_en": name_en, "parentid": parentid, "sort_order": order}
    call.db.execute(sa.update(DEPARTMENT).where(own_row).values(**changes))
    renamed = name if name != stored.name else None
    moved = parentid if parentid != stored.parentid else None
    directory_events.department_changed(call, body.id, renamed, moved, by_assistant=True)
    return {"errmsg": "updated"}


def _refuse_bad_move(call: Call, department_id: int, parentid: int) -> None:
    """60004 for a parent that is not there, 60010 for a cycle, 40058 over the tree's limits."""
    path = tree.path_to_root(call, parentid)
    if not path:
        raise _no_parent(parentid)
    if department_id in path:
        raise Refusal(ErrCode.DEPARTMENT_CYCLE, detail=f"{parentid} is {department_id} itself, or below it")
    tree.refuse_too_deep(len(path) + _height(call, department_id))
    tree.refuse_full(call, parentid)


def _height(call: Call, department_id: int) -> int:
    """How many levels the department and all below it take."""
    levels, level = 0, [department_id]
    while level and levels <= LEVELS:
        levels += 1
        query = sa.select(DEPARTMENT.c.id).where(
            DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid.in_(level)
        )
        level = list(call.db.execute(query).scalars())
    return levels


def _unknown(department_id: int) -> Refusal:
    return Refusal(ErrCode.DEPARTMENT_NOT_FOUND, detail=f"there is no department {department_id}")


# --- 删除部门 -------------------------------------------------------------------------------------------


class DeleteRequest(RequestModel):
    id: int = required_number(ErrCode.DEPARTMENT_NOT_FOUND, ge=0, le=UINT32, doc="not the root")


class Deleted(TypedDict):
    errmsg: str


@family.get(
    "/cgi-bin/department/delete",
    doc="90207",
    meter="directory.write",
    events=(DeleteParty,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.DEPARTMENT_NOT_FOUND,
        ErrCode.ROOT_DEPARTMENT,
        ErrCode.DEPARTMENT_CONTAINS_DEPARTMENT,
        ErrCode.DEPARTMENT_CONTAINS_USER,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2},
)
def delete_department(call: Call, query: DeleteRequest) -> Deleted:
    """删除部门

    An empty department. Errors: 60003, 60007 (the root), 60006 (departments below it), 60005 (members in it).
    """
    tree.lock_directory(call)
    if not tree.exists(call, query.id):
        raise _unknown(query.id)
    if query.id == ROOT:
        raise Refusal(ErrCode.ROOT_DEPARTMENT, detail=f"{ROOT} is the root")
    below = sa.select(DEPARTMENT.c.id).where(
        DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid == query.id
    )
    child = call.db.execute(below.limit(1)).first()
    if child:
        raise Refusal(ErrCode.DEPARTMENT_CONTAINS_DEPARTMENT, detail=f"department {child.id} is below it")
    within = sa.select(MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == call.corp_id, MEMBER_DEPARTMENT.c.department_id == query.id
    )
    member = call.db.execute(within.limit(1)).first()
    if member:
        raise Refusal(ErrCode.DEPARTMENT_CONTAINS_USER, detail=f"{member.userid} is in it")
    directory_events.department_gone(call, query.id, by_assistant=True)
    call.db.execute(
        sa.delete(DEPARTMENT).where(DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.id == query.id)
    )
    return {"errmsg": "deleted"}


# --- 获取部门列表 ----------------------------------------------------------------------------------------


class ListRequest(RequestModel):
    id: int | None = optional(ge=0, le=UINT32, doc="with all below it; absent: all that the app sees")


class ListReply(TypedDict):
    department: list[DepartmentShape]


@family.get(
    "/cgi-bin/department/list",
    doc="90208",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.DEPARTMENT_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2},
)
def list_departments(call: Call, query: ListRequest) -> ListReply:
    """获取部门列表

    A department with all below it, or all that the app sees, by id; no paging. Errors: 60003, 60011 (outside
    the visible range), 48009 (通讯录同步 secret).
    """
    rows = _listed(call, query.id)
    leaders: dict[int, list[str]] = {}
    found = sa.select(MEMBER_DEPARTMENT.c.department_id, MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == call.corp_id, MEMBER_DEPARTMENT.c.is_leader.is_(True)
    )
    for row in call.db.execute(found.order_by(MEMBER_DEPARTMENT.c.userid)):
        if sees(call, row.userid):
            leaders.setdefault(row.department_id, []).append(row.userid)
    return {"department": [_shape(row, leaders.get(row.id, [])) for row in rows]}


def _listed(call: Call, wanted: int | None) -> list[Any]:
    """The rows of a department and all below it, or of all, that the app sees. Raises 60003, 60011."""
    rows = list(
        call.db.execute(
            sa.select(DEPARTMENT).where(DEPARTMENT.c.corp_id == call.corp_id).order_by(DEPARTMENT.c.id)
        )
    )
    visible = visible_departments(call)
    seen = rows if visible is None else [row for row in rows if row.id in visible]
    if not wanted:
        return seen
    if all(row.id != wanted for row in rows):
        raise _unknown(wanted)
    if all(row.id != wanted for row in seen):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"department {wanted} is outside the app's visible range")
    children: dict[int, list[int]] = {}
    for row in rows:
        children.setdefault(row.parentid, []).append(row.id)
    within, waiting = {wanted}, [wanted]
    while waiting:
        below = children.get(waiting.pop(), [])
        within.update(below)
        waiting += below
    return [row for row in seen if row.id in within]


def _shape(row: Any, leaders: list[str]) -> DepartmentShape:
    named: dict[str, Any] = {"name": row.name, "name_en": row.name_en} if row.name_en else {"name": row.name}
    place = {"department_leader": leaders, "parentid": row.parentid, "order": row.sort_order}
    return cast(DepartmentShape, {"id": row.id, **named, **place})


# --- 获取子部门ID列表 -------------------------------------------------------------------------------------


class DepartmentId(TypedDict):
    id: int
    parentid: int
    order: int


class SimpleListReply(TypedDict):
    department_id: list[DepartmentId]


@family.get(
    "/cgi-bin/department/simplelist",
    doc="95350",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.DEPARTMENT_NOT_FOUND, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_PARAMETER),
    sample={"id": 2},
)
def list_department_ids(call: Call, query: ListRequest) -> SimpleListReply:
    """获取子部门ID列表

    As department/list, ids only; the 通讯录同步 secret may call it too and sees all. Errors: 60003, 60011.
    """
    return {
        "department_id": [
            {"id": row.id, "parentid": row.parentid, "order": row.sort_order}
            for row in _listed(call, query.id)
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


class GetRequest(RequestModel):
    id: int = required_number(ErrCode.DEPARTMENT_NOT_FOUND, ge=0, le=UINT32)


class GetReply(TypedDict):
    department: DepartmentShape


@family.get(
    "/cgi-bin/department/get",
    doc="95351",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(
        ErrCode.DEPARTMENT_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2},
)
def get_department(call: Call, query: GetRequest) -> GetReply:
    """获取单个部门详情

    One department; department_leader names the leaders whom the app sees. Errors: 60003, 60011 (outside the
    visible range), 48009 (通讯录同步 secret).
    """
    own_row = (DEPARTMENT.c.corp_id == call.corp_id) & (DEPARTMENT.c.id == query.id)
    row = call.db.execute(sa.select(DEPARTMENT).where(own_row)).first()
    if row is None:
        raise _unknown(query.id)
    visible = visible_departments(call)
    if visible is not None and query.id not in visible:
        raise Refusal(
            ErrCode.NO_PRIVILEGE, detail=f"department {query.id} is outside the app's visible range"
        )
    leaders = _LEADERS.all(call.db, corp_id=call.corp_id, department_id=query.id)
    return {"department": _shape(row, [userid for (userid,) in leaders if sees(call, userid)])}
