"""The tree of departments: the lock that changes of the directory take, levels, room, new nodes.

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
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import UINT32

ROOT = 1
"""Id of every corp's root department."""
LEVELS = 15
DEPARTMENTS_OF_A_CORP = 30_000
NODES_OF_A_DEPARTMENT = 30_000
FIRST_ORDER, ORDER_STEP = 100_000_000, 1_000
WAITING_NAME = "其他（待设置部门）"
"""Where members without a department wait; made below the root when it is first needed."""

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


def lock_directory(call: Call) -> None:
    """Takes the corp's directory for the rest of the call; another change of it waits.

    What is looked at before a change (who has this number, how deep is the tree) thereby stays true until
    the commit. PostgreSQL locks the root department's row; SQLite has one writer anyway.
    """
    _LOCKED_ROOT.one(call.db, corp_id=call.corp_id)


def exists(call: Call, department_id: int) -> bool:
    return _PARENT.one(call.db, corp_id=call.corp_id, id=department_id) is not None


def path_to_root(call: Call, department_id: int) -> list[int]:
    """The department and all above it, root last; its length is the department's level."""
    path: list[int] = []
    while row := _PARENT.one(call.db, corp_id=call.corp_id, id=department_id):
        path.append(department_id)
        department_id = row[0]
    return path


def named_child(call: Call, parentid: int, name: str) -> int | None:
    """The id of the department with this name directly below `parentid`."""
    query = sa.select(DEPARTMENT.c.id).where(
        DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid == parentid, DEPARTMENT.c.name == name
    )
    row = call.db.execute(query).first()
    return int(row.id) if row else None


def refuse_full(call: Call, department_id: int) -> None:
    """40058 where the department already holds 30,000 departments and members."""
    children = sa.select(sa.func.count()).where(
        DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.parentid == department_id
    )
    members = sa.select(sa.func.count()).where(
        MEMBER_DEPARTMENT.c.corp_id == call.corp_id, MEMBER_DEPARTMENT.c.department_id == department_id
    )
    nodes = call.db.execute(sa.select(children.scalar_subquery() + members.scalar_subquery())).scalar_one()
    if nodes >= NODES_OF_A_DEPARTMENT:
        raise _over(
            f"department {department_id} holds {NODES_OF_A_DEPARTMENT} departments and members already"
        )


def refuse_too_deep(level: int) -> None:
    """40058 for a level below the fifteenth; the root is the first."""
    if level > LEVELS:
        raise _over(f"the department would stand on level {level} of {LEVELS}")


def add_department(
    call: Call,
    *,
    parentid: int,
    name: str,
    name_en: str = "",
    order: int | None = None,
    department_id: int | None = None,
    avoiding: Collection[int] = (),
) -> int:
    """Adds a department, behind its siblings unless `order` says else, and returns its id.

    Raises 40058 over the tree's limits. Ids and names must have been looked at before.
    """
    refuse_too_deep(len(path_to_root(call, parentid)) + 1)
    refuse_full(call, parentid)
    here = DEPARTMENT.c.corp_id == call.corp_id
    numbers = sa.select(sa.func.count().label("used"), sa.func.max(DEPARTMENT.c.id).label("last"))
    departments = call.db.execute(numbers.where(here)).one()
    if departments.used >= DEPARTMENTS_OF_A_CORP:
        raise _over(f"the corp has {DEPARTMENTS_OF_A_CORP} departments already")
    if order is None:
        lowest = call.db.execute(
            sa.select(sa.func.min(DEPARTMENT.c.sort_order)).where(here, DEPARTMENT.c.parentid == parentid)
        ).scalar_one()
        order = FIRST_ORDER if lowest is None else max(0, lowest - ORDER_STEP)
    made = department_id or _free_id(call, departments.last, avoiding)
    call.db.execute(
        sa.insert(DEPARTMENT).values(
            corp_id=call.corp_id, id=made, name=name, name_en=name_en, parentid=parentid, sort_order=order
        )
    )
    directory_events.department_made(call, int(made), name, parentid, order, by_assistant=True)
    return int(made)


def _free_id(call: Call, last: int, avoiding: Collection[int]) -> int:
    """An id behind the last one, or in a gap where that would be no 32-bit number; none of `avoiding`."""
    free = last + 1
    if free + len(avoiding) > UINT32:
        other = DEPARTMENT.alias()
        taken = sa.exists().where(other.c.corp_id == call.corp_id, other.c.id == DEPARTMENT.c.id + 1)
        gap = sa.select(sa.func.min(DEPARTMENT.c.id) + 1).where(DEPARTMENT.c.corp_id == call.corp_id, ~taken)
        free = call.db.execute(gap).scalar_one()
    while free in avoiding or exists(call, free):
        free += 1
    return free


def waiting_department(call: Call, avoiding: Collection[int] = ()) -> int:
    """The id of 其他（待设置部门）; where it is to be made, it gets none of the ids `avoiding`."""
    found = named_child(call, ROOT, WAITING_NAME)
    if found is not None:
        return found
    return add_department(call, parentid=ROOT, name=WAITING_NAME, avoiding=avoiding)


def _over(why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, "department tree out of limit", detail=why)
