"""Adding, changing and removing departments: what department/… does, and what admins do in the console.

The caller has locked the directory. What is refused is raised as a Refusal, also for an act.
"""

from contextlib import nullcontext

import sqlalchemy as sa

from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.rules import is_department_name
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.tree import LEVELS, ROOT
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required, required_number
from wecom_tollbooth.world.context import Context

NAME_CHARS = 64
NO_NUMBER = ErrCode.INVALID_DEPARTMENT_NAME
"""What order, id and parentid answer that are no 32-bit numbers, as in captured replies of 2021 and 2022."""


class CreateDepartmentRequest(RequestModel):
    name: str = required(
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        max_chars=NAME_CHARS,
        too_long=ErrCode.INVALID_DEPARTMENT_LENGTH,
        empty=ErrCode.INVALID_PARAMETER,
        doc='unique among its siblings, without \\:*?"<>|',
    )
    name_en: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    parentid: int = required_number(
        ErrCode.PARENT_DEPARTMENT_NOT_FOUND, ge=0, le=UINT32, invalid=NO_NUMBER, doc="1 is the root"
    )
    order: int | None = optional(
        ge=0, le=UINT32, invalid=NO_NUMBER, doc="siblings with a larger order come first"
    )
    id: int | None = optional(
        ge=0, le=UINT32, invalid=NO_NUMBER, doc="over 1; 0 or absent: chosen by the platform"
    )


class UpdateDepartmentRequest(RequestModel):
    id: int = required_number(ErrCode.DEPARTMENT_NOT_FOUND, ge=0, le=UINT32, invalid=NO_NUMBER)
    name: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    name_en: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_DEPARTMENT_LENGTH)
    parentid: int | None = optional(
        ge=0, le=UINT32, invalid=NO_NUMBER, doc="moves the department with all below it"
    )
    order: int | None = optional(ge=0, le=UINT32, invalid=NO_NUMBER)


# --- adding ----------------------------------------------------------------------------------------------


def add_department(context: Context, body: CreateDepartmentRequest, *, by_assistant: bool) -> int:
    """Adds a department and raises create_party; returns its id."""
    _refuse_bad_names(body.name, body.name_en)
    if not tree.exists(context, body.parentid):
        raise Refusal(
            ErrCode.PARENT_DEPARTMENT_NOT_FOUND, detail=f"parentid: there is no department {body.parentid}"
        )
    if body.id and tree.exists(context, body.id):
        raise Refusal(ErrCode.DEPARTMENT_EXISTS, detail=f"there already is a department {body.id}")
    _refuse_used_names(context, body.parentid, body.name, body.name_en)
    return tree.add_department(
        context,
        parentid=body.parentid,
        name=body.name,
        name_en=body.name_en or "",
        order=body.order,
        department_id=body.id,
        by_assistant=by_assistant,
    )


def _refuse_bad_names(*names: str | None) -> None:
    for name in names:
        if name and not is_department_name(name):
            raise Refusal(
                ErrCode.INVALID_DEPARTMENT_NAME, detail=f'{name!r} has one of the characters \\:*?"<>|'
            )


def _refuse_used_names(
    context: Context, parentid: int, name: str, name_en: str | None, own_id: int | None = None
) -> None:
    """Raises 60008 if a sibling has the name or the English name."""
    for column, value in ((DEPARTMENT.c.name, name), (DEPARTMENT.c.name_en, name_en)):
        if not value:
            continue
        query = sa.select(DEPARTMENT.c.id).where(
            DEPARTMENT.c.corp_id == context.corp_id, DEPARTMENT.c.parentid == parentid, column == value
        )
        for row in context.db.execute(query):
            if row.id != own_id:
                raise Refusal(ErrCode.DEPARTMENT_EXISTS, detail=f"department {row.id} is named {value!r}")


# --- changing --------------------------------------------------------------------------------------------


def change_department(context: Context, body: UpdateDepartmentRequest, *, by_assistant: bool) -> None:
    """Changes the given fields of a department and raises update_party, subscribe and unsubscribe."""
    _refuse_bad_names(body.name, body.name_en)
    own_row = (DEPARTMENT.c.corp_id == context.corp_id) & (DEPARTMENT.c.id == body.id)
    stored = context.db.execute(sa.select(DEPARTMENT).where(own_row)).first()
    if stored is None:
        raise Refusal(ErrCode.DEPARTMENT_NOT_FOUND, detail=f"there is no department {body.id}")
    parentid = body.parentid or stored.parentid
    if parentid != stored.parentid:
        _refuse_bad_move(context, body.id, parentid)
    name, name_en = body.name or stored.name, body.name_en or stored.name_en
    _refuse_used_names(context, parentid, name, name_en, own_id=body.id)
    order = stored.sort_order if body.order is None else body.order
    changes = {"name": name, "name_en": name_en, "parentid": parentid, "sort_order": order}
    with apps_may_change(context) if parentid != stored.parentid else nullcontext():
        context.db.execute(sa.update(DEPARTMENT).where(own_row).values(**changes))
    renamed = name if name != stored.name else None
    moved = parentid if parentid != stored.parentid else None
    directory_events.department_changed(context, body.id, renamed, moved, by_assistant=by_assistant)


def _refuse_bad_move(context: Context, department_id: int, parentid: int) -> None:
    """Raises 60124 for an unknown parent, 60010 for a cycle, 81001 and 81002 over the tree's limits."""
    path = tree.path_to_root(context, parentid)
    if not path:
        raise Refusal(ErrCode.INVALID_PARENT_PARTY_ID, detail=f"there is no department {parentid}")
    if department_id in path:
        raise Refusal(ErrCode.DEPARTMENT_CYCLE, detail=f"{parentid} is {department_id} or below it")
    tree.refuse_too_deep(len(path) + _height(context, department_id))
    tree.refuse_full(context, parentid)


def _height(context: Context, department_id: int) -> int:
    """The levels that the department and all below it take up."""
    levels, level = 0, [department_id]
    while level and levels <= LEVELS:
        levels += 1
        query = sa.select(DEPARTMENT.c.id).where(
            DEPARTMENT.c.corp_id == context.corp_id, DEPARTMENT.c.parentid.in_(level)
        )
        level = list(context.db.execute(query).scalars())
    return levels


# --- removing --------------------------------------------------------------------------------------------


def remove_department(context: Context, department_id: int, *, by_assistant: bool) -> None:
    """Deletes a department that nothing is in and raises delete_party; it leaves its tags.

    Raises 60123 for an unknown one, 60005 with members in it, 60007 for the root, 60006 with others below it:
    so was answered who deleted a root with members.
    """
    if not tree.exists(context, department_id):
        raise tree.no_department(department_id)
    within = sa.select(MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.department_id == department_id
    )
    member = context.db.execute(within.limit(1)).first()
    if member:
        raise Refusal(ErrCode.DEPARTMENT_CONTAINS_USER, detail=f"{member.userid} is in it")
    if department_id == ROOT:
        raise Refusal(ErrCode.ROOT_DEPARTMENT, detail=f"{ROOT} is the root")
    below = sa.select(DEPARTMENT.c.id).where(
        DEPARTMENT.c.corp_id == context.corp_id, DEPARTMENT.c.parentid == department_id
    )
    child = context.db.execute(below.limit(1)).first()
    if child:
        raise Refusal(ErrCode.DEPARTMENT_CONTAINS_DEPARTMENT, detail=f"department {child.id} is below it")
    directory_events.department_deleted(context, department_id, by_assistant=by_assistant)
    tree.remove_department(context, department_id)
