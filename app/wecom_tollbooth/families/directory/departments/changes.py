"""部门管理, changing: create, update, delete. Only the 通讯录同步 secret may call them."""

from contextlib import nullcontext

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.callbacks.events.directory import CreateParty, DeleteParty, UpdateParty
from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.family import ErrmsgReply, family
from wecom_tollbooth.families.directory.rules import is_department_name
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.tree import LEVELS, ROOT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required, required_number

NAME_CHARS = 64


# --- 创建部门 -------------------------------------------------------------------------------------------


class CreateDepartmentRequest(RequestModel):
    name: str = required(
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        max_chars=NAME_CHARS,
        too_long=ErrCode.INVALID_DEPARTMENT_LENGTH,
        doc='unique among its siblings, without \\:*?"<>|',
    )
    name_en: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    parentid: int = required_number(ErrCode.PARENT_DEPARTMENT_NOT_FOUND, ge=0, le=UINT32, doc="1 is the root")
    order: int | None = optional(ge=0, le=UINT32, doc="siblings with a larger order come first")
    id: int | None = optional(ge=0, le=UINT32, doc="over 1; 0 or absent: chosen by the platform")


class CreateDepartmentReply(TypedDict):
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
def create_department(call: Call, body: CreateDepartmentRequest) -> CreateDepartmentReply:
    """创建部门

    A new department below another. The tree has at most 15 levels with the root, a corp 30,000 departments, a
    department 30,000 departments and members directly in it. name and name_en are unique among siblings.
    """
    _refuse_bad_names(body.name, body.name_en)
    tree.lock_directory(call)
    if not tree.exists(call, body.parentid):
        raise _no_parent(body.parentid)
    if body.id and tree.exists(call, body.id):
        raise Refusal(ErrCode.DEPARTMENT_EXISTS, detail=f"there already is a department {body.id}")
    _refuse_used_names(call, body.parentid, body.name, body.name_en)
    department_id = tree.add_department(
        call,
        parentid=body.parentid,
        name=body.name,
        name_en=body.name_en or "",
        order=body.order,
        department_id=body.id,
    )
    return {"errmsg": "created", "id": department_id}


def _refuse_bad_names(*names: str | None) -> None:
    for name in names:
        if name and not is_department_name(name):
            raise Refusal(
                ErrCode.INVALID_DEPARTMENT_NAME, detail=f'{name!r} has one of the characters \\:*?"<>|'
            )


def _refuse_used_names(
    call: Call, parentid: int, name: str, name_en: str | None, own_id: int | None = None
) -> None:
    """Raises 60008 if a sibling has the name or the English name."""
    for column, value in ((DEPARTMENT.c.name, name), (DEPARTMENT.c.name_en, name_en)):
        if not value:
            continue
        query = sa.select(DEPARTMENT.c.id).where(
            DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid == parentid, column == value
        )
        for row in call.db.execute(query):
            if row.id != own_id:
                raise Refusal(ErrCode.DEPARTMENT_EXISTS, detail=f"department {row.id} is named {value!r}")


def _no_parent(parentid: int) -> Refusal:
    return Refusal(ErrCode.PARENT_DEPARTMENT_NOT_FOUND, detail=f"parentid: there is no department {parentid}")


# --- 更新部门 -------------------------------------------------------------------------------------------


class UpdateDepartmentRequest(RequestModel):
    id: int = required_number(ErrCode.DEPARTMENT_NOT_FOUND, ge=0, le=UINT32)
    name: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    name_en: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    parentid: int | None = optional(ge=0, le=UINT32, doc="moves the department with all below it")
    order: int | None = optional(ge=0, le=UINT32)


@family.post(
    "/cgi-bin/department/update",
    doc="90206",
    meter="directory.write",
    events=(UpdateParty, Subscribe, Unsubscribe),
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
def update_department(call: Call, body: UpdateDepartmentRequest) -> ErrmsgReply:
    """更新部门

    Changes the given fields; an empty name and parentid 0 count as absent. A department can't move to itself
    or below itself. The limits of department/create apply.
    """
    _refuse_bad_names(body.name, body.name_en)
    tree.lock_directory(call)
    own_row = (DEPARTMENT.c.corp_id == call.corp_id) & (DEPARTMENT.c.id == body.id)
    stored = call.db.execute(sa.select(DEPARTMENT).where(own_row)).first()
    if stored is None:
        raise tree.unknown_department(body.id)
    parentid = body.parentid or stored.parentid
    if parentid != stored.parentid:
        _refuse_bad_move(call, body.id, parentid)
    name, name_en = body.name or stored.name, body.name_en or stored.name_en
    _refuse_used_names(call, parentid, name, name_en, own_id=body.id)
    order = stored.sort_order if body.order is None else body.order
    changes = {"name": name, "name_en": name_en, "parentid": parentid, "sort_order": order}
    with apps_may_change(call) if parentid != stored.parentid else nullcontext():
        call.db.execute(sa.update(DEPARTMENT).where(own_row).values(**changes))
    renamed = name if name != stored.name else None
    moved = parentid if parentid != stored.parentid else None
    directory_events.department_changed(call, body.id, renamed, moved, by_assistant=True)
    return {"errmsg": "updated"}


def _refuse_bad_move(call: Call, department_id: int, parentid: int) -> None:
    """Raises 60004 for an unknown parent, 60010 for a cycle, 40058 over the tree's limits."""
    path = tree.path_to_root(call, parentid)
    if not path:
        raise _no_parent(parentid)
    if department_id in path:
        raise Refusal(ErrCode.DEPARTMENT_CYCLE, detail=f"{parentid} is {department_id} or below it")
    tree.refuse_too_deep(len(path) + _height(call, department_id))
    tree.refuse_full(call, parentid)


def _height(call: Call, department_id: int) -> int:
    """The levels that the department and all below it take up."""
    levels, level = 0, [department_id]
    while level and levels <= LEVELS:
        levels += 1
        query = sa.select(DEPARTMENT.c.id).where(
            DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid.in_(level)
        )
        level = list(call.db.execute(query).scalars())
    return levels


# --- 删除部门 -------------------------------------------------------------------------------------------


class DeleteDepartmentRequest(RequestModel):
    id: int = required_number(ErrCode.DEPARTMENT_NOT_FOUND, ge=0, le=UINT32, doc="not the root")


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
def delete_department(call: Call, query: DeleteDepartmentRequest) -> ErrmsgReply:
    """删除部门

    Deletes a department that has no departments below it and no members; never the root. It leaves its tags.
    """
    tree.lock_directory(call)
    if not tree.exists(call, query.id):
        raise tree.unknown_department(query.id)
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
    directory_events.department_deleted(call, query.id, by_assistant=True)
    tree.remove_department(call, query.id)
    return {"errmsg": "deleted"}
