"""The tree of departments: the directory's lock, limits of the tree, and new departments.

Source: page 90205 (2026-02): 15 levels, 30,000 departments a corp, 30,000 nodes below one department.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory import directory_events
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    MEMBER_DEPARTMENT,
    TAGGED_DEPARTMENT,
)
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import UINT32
from wecom_tollbooth.world.context import Context

ROOT = 1
"""Id of every corp's root department."""
LEVELS = 15
DEPARTMENTS_OF_A_CORP = 30_000
NODES_OF_A_DEPARTMENT = 30_000
FIRST_ORDER, ORDER_STEP = 100_000_000, 1_000
UNASSIGNED_NAME = "其他（待设置部门）"
"""Holds members without a department; created below the root when first needed."""

_PARENT = CompiledStatement(
    sa.select(DEPARTMENT.c.parentid).where(
        DEPARTMENT.c.corp_id == bindparam("corp_id"), DEPARTMENT.c.id == bindparam("id")
    )
)
_LOCKED_ROOT = CompiledStatement(
    sa.select(DEPARTMENT.c.id)
    .where(DEPARTMENT.c.corp_id == bindparam("corp_id"), DEPARTMENT.c.id == ROOT)
    .with_for_update()
)


def lock_directory(context: Context) -> None:
    """Locks the corp's directory until the call ends, so that other changes wait.

    What a change checks first (uniqueness, depth of the tree) thus stays true until the commit. PostgreSQL
    locks the root department's row; SQLite has one writer anyway.
    """
    _LOCKED_ROOT.one(context.db, corp_id=context.corp_id)


def exists(context: Context, department_id: int) -> bool:
    return _PARENT.one(context.db, corp_id=context.corp_id, id=department_id) is not None


def no_department(department_id: int) -> Refusal:
    """60123: what reading and deleting an unknown department answer; update_department answers 60003."""
    return Refusal(ErrCode.INVALID_PARTY_ID, detail=f"there is no department {department_id}")


def path_to_root(context: Context, department_id: int) -> list[int]:
    """The department and all above it, root last; empty if unknown. The length is the department's level."""
    path: list[int] = []
    while row := _PARENT.one(context.db, corp_id=context.corp_id, id=department_id):
        path.append(department_id)
        department_id = row[0]
    return path


def child_named(context: Context, parentid: int, name: str) -> int | None:
    """The id of the department with this name directly below `parentid`, or None."""
    query = sa.select(DEPARTMENT.c.id).where(
        DEPARTMENT.c.corp_id == context.corp_id, DEPARTMENT.c.parentid == parentid, DEPARTMENT.c.name == name
    )
    row = context.db.execute(query).first()
    return int(row.id) if row else None


def refuse_full(context: Context, department_id: int) -> None:
    """Raises 81001 if the department already holds 30,000 departments and members."""
    children = sa.select(sa.func.count()).where(
        DEPARTMENT.c.corp_id == context.corp_id, DEPARTMENT.c.parentid == department_id
    )
    members = sa.select(sa.func.count()).where(
        MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.department_id == department_id
    )
    nodes = context.db.execute(sa.select(children.scalar_subquery() + members.scalar_subquery())).scalar_one()
    if nodes >= NODES_OF_A_DEPARTMENT:
        raise Refusal(
            ErrCode.DEPARTMENT_IS_FULL,
            detail=f"department {department_id} holds {NODES_OF_A_DEPARTMENT} departments and members",
        )


def refuse_too_deep(level: int) -> None:
    """Raises 81002 for a level below the fifteenth; the root is the first."""
    if level > LEVELS:
        raise Refusal(
            ErrCode.DEPARTMENT_TOO_DEEP,
            detail=f"the department would be on level {level}; the tree has at most {LEVELS}",
        )


def add_department(
    context: Context,
    *,
    parentid: int,
    name: str,
    name_en: str = "",
    order: int | None = None,
    department_id: int | None = None,
    reserved_ids: Collection[int] = (),
    by_assistant: bool = True,
) -> int:
    """Adds a department, raises create_party and returns its id. By default it comes after its siblings.

    A chosen id is not one of `reserved_ids`. Raises 81001, 81002 and 40058 over the tree's limits. The caller
    has checked that id and name are free.
    """
    refuse_too_deep(len(path_to_root(context, parentid)) + 1)
    refuse_full(context, parentid)
    here = DEPARTMENT.c.corp_id == context.corp_id
    numbers = sa.select(sa.func.count().label("used"), sa.func.max(DEPARTMENT.c.id).label("last"))
    departments = context.db.execute(numbers.where(here)).one()
    if departments.used >= DEPARTMENTS_OF_A_CORP:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "department count out of limit",
            detail=f"the corp already has {DEPARTMENTS_OF_A_CORP} departments",
        )
    if order is None:
        lowest = context.db.execute(
            sa.select(sa.func.min(DEPARTMENT.c.sort_order)).where(here, DEPARTMENT.c.parentid == parentid)
        ).scalar_one()
        order = FIRST_ORDER if lowest is None else max(0, lowest - ORDER_STEP)
    new_id = department_id or _free_id(context, departments.last, reserved_ids)
    context.db.execute(
        sa.insert(DEPARTMENT).values(
            corp_id=context.corp_id,
            id=new_id,
            name=name,
            name_en=name_en,
            parentid=parentid,
            sort_order=order,
        )
    )
    directory_events.department_created(
        context, int(new_id), name, parentid, order, by_assistant=by_assistant
    )
    return int(new_id)


def remove_department(context: Context, department_id: int) -> None:
    """Deletes a department that nothing is in, also from its tags."""
    for table, column in (
        (DEPARTMENT, DEPARTMENT.c.id),
        (TAGGED_DEPARTMENT, TAGGED_DEPARTMENT.c.department_id),
    ):
        context.db.execute(
            sa.delete(table).where(table.c.corp_id == context.corp_id, column == department_id)
        )


def _free_id(context: Context, last: int, reserved_ids: Collection[int]) -> int:
    """An id after the last one, or in a gap if that would exceed 32 bits; none of `reserved_ids`."""
    free = last + 1
    if free + len(reserved_ids) > UINT32:
        other = DEPARTMENT.alias()
        taken = sa.exists().where(other.c.corp_id == context.corp_id, other.c.id == DEPARTMENT.c.id + 1)
        gap = sa.select(sa.func.min(DEPARTMENT.c.id) + 1).where(
            DEPARTMENT.c.corp_id == context.corp_id, ~taken
        )
        free = context.db.execute(gap).scalar_one()
    while free in reserved_ids or exists(context, free):
        free += 1
    return free


def unassigned_department(context: Context, reserved_ids: Collection[int] = ()) -> int:
    """The id of 其他（待设置部门）, created if needed with an id outside `reserved_ids`."""
    found = child_named(context, ROOT, UNASSIGNED_NAME)
    if found is not None:
        return found
    return add_department(context, parentid=ROOT, name=UNASSIGNED_NAME, reserved_ids=reserved_ids)
