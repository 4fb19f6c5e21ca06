"""Rows of departments: 部门名称, 部门ID, 父部门ID, 排序; and the departments that a file leaves out."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import insert_missing
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.departments.storing import (
    CreateDepartmentRequest,
    UpdateDepartmentRequest,
    add_department,
    change_department,
    remove_department,
)
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory_jobs.rows import as_id, failure, in_file, refuse_without, repeated
from wecom_tollbooth.families.directory_jobs.tables import IMPORT_ROW, LEFTOVER_DEPARTMENT, ImportJob
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.shapes import as_request
from wecom_tollbooth.world.acts import Act

NAME, ID, PARENT, ORDER = "部门名称", "部门ID", "父部门ID", "排序"
CREATED, RENAMED, MOVED, REORDERED = 1, 2, 4, 8
"""`action` of batch/getresult, added up."""
REMOVED_AT_ONCE = 50
RANKS_AT_ONCE = 1_000


def check_columns(columns: Sequence[str]) -> None:
    refuse_without(columns, (NAME, ID, PARENT))


def name_of(fields: dict[str, str]) -> str:
    return fields.get(ID, "")


def key_of(name: str) -> str:
    """The id without leading zeros; raises 302004 for anything else."""
    department_id = as_id(name)
    if not department_id:
        raise failure(ErrCode.INVALID_IMPORT_TREE, f"{ID}: {name!r} is no id of a department")
    return str(department_id)


# --- the file as a whole ---------------------------------------------------------------------------------


def check(act: Act, job: ImportJob) -> None:
    """Raises 302006, 302007 and 302004; departments get their rank below those above them."""
    twice = repeated(act, job)
    if twice is not None:
        raise failure(ErrCode.IMPORT_REPEATS_PARTYID, f"department {twice} is in two rows")
    row = IMPORT_ROW.c
    of_job = (row.corp_id == act.corp_id) & (row.jobid == job.jobid)
    rows: list[Any] = list(
        act.db.execute(sa.select(row.position, row.key, row.fields).where(of_job).order_by(row.position))
    )
    parents: dict[int, int] = {}
    names: set[tuple[int, str]] = set()
    for one in rows:
        department_id, parent = int(one.key), as_id(one.fields.get(PARENT) or "0")
        name = one.fields.get(NAME, "")
        if not name or parent is None:
            raise failure(
                ErrCode.INVALID_IMPORT_TREE, f"department {department_id} needs {NAME} and {PARENT}"
            )
        if (parent, name) in names:
            raise failure(ErrCode.IMPORT_REPEATS_NAME, f"two departments below {parent} are named {name!r}")
        names.add((parent, name))
        parents[department_id] = parent
    places = {int(one.key): one.position for one in rows}
    order = _top_down(act, parents)
    rank = sa.update(IMPORT_ROW).where(of_job, row.position == sa.bindparam("place"))
    ranked = [{"place": places[one], "new_rank": number} for number, one in enumerate(order, 1)]
    for begin in range(0, len(ranked), RANKS_AT_ONCE):
        act.db.execute(rank.values(rank=sa.bindparam("new_rank")), ranked[begin : begin + RANKS_AT_ONCE])
    act.db.execute(sa.delete(LEFTOVER_DEPARTMENT).where(LEFTOVER_DEPARTMENT.c.corp_id == act.corp_id))


def _top_down(act: Act, parents: dict[int, int]) -> list[int]:
    """The departments of the file, each after the one above it. Raises 302004."""
    stored = sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == act.corp_id)
    existing = set(act.db.execute(stored).scalars())
    children: dict[int, list[int]] = {}
    tops = []
    for department_id, parent in parents.items():
        if department_id == tree.ROOT:
            if parent:
                raise failure(ErrCode.INVALID_IMPORT_TREE, "there is nothing above the root, department 1")
            tops.append(department_id)
        elif parent in parents:
            children.setdefault(parent, []).append(department_id)
        elif parent in existing:
            tops.append(department_id)
        else:
            raise failure(
                ErrCode.INVALID_IMPORT_TREE, f"there is no department {parent}, above {department_id}"
            )
    order = list(tops)
    for department_id in order:
        order += children.get(department_id, [])
    if len(order) < len(parents):
        lost = min(set(parents) - set(order))
        raise failure(ErrCode.INVALID_IMPORT_TREE, f"department {lost} is below itself")
    return order


# --- one row ---------------------------------------------------------------------------------------------


def apply(act: Act, job: ImportJob, fields: dict[str, str]) -> int:
    """Adds or changes the department of the row; returns what was done. Raises Refusal."""
    department_id, name = int(fields[ID]), fields[NAME]
    parentid, order = int(fields.get(PARENT) or 0), as_id(fields.get(ORDER) or "0") or None
    own_row = (DEPARTMENT.c.corp_id == act.corp_id) & (DEPARTMENT.c.id == department_id)
    stored = act.db.execute(sa.select(DEPARTMENT).where(own_row)).first()
    given: dict[str, Any] = {"id": department_id, "name": name, "parentid": parentid}
    if order is not None:
        given["order"] = order
    if stored is None:
        add_department(act, as_request(CreateDepartmentRequest, given), by_assistant=True)
        return CREATED
    change_department(act, as_request(UpdateDepartmentRequest, given), by_assistant=True)
    action = RENAMED if name != stored.name else 0
    action |= MOVED if parentid and parentid != stored.parentid else 0
    return action | (REORDERED if order is not None and order != stored.sort_order else 0)


# --- what is left out ------------------------------------------------------------------------------------


def remove_some(act: Act, job: ImportJob) -> bool:
    """Removes some of the empty departments that are not in the file; True when nothing is left to remove.

    Those that are not empty are noted then, to go later.
    """
    left_out = ~in_file(job, sa.cast(DEPARTMENT.c.id, sa.Text)) & (DEPARTMENT.c.id != tree.ROOT)
    if _remove_empty(act, left_out):
        return False
    of_corp = DEPARTMENT.c.corp_id == act.corp_id
    kept = act.db.execute(sa.select(DEPARTMENT.c.id).where(of_corp, left_out)).scalars().all()
    if kept:
        rows = [{"corp_id": act.corp_id, "department_id": one} for one in kept]
        act.db.execute(insert_missing(act.db.dialect, LEFTOVER_DEPARTMENT), rows)
    return True


def remove_leftover(act: Act) -> bool:
    """Removes some of the departments that an earlier file left out and that are empty now."""
    noted = sa.select(LEFTOVER_DEPARTMENT.c.department_id).where(LEFTOVER_DEPARTMENT.c.corp_id == act.corp_id)
    return not _remove_empty(act, DEPARTMENT.c.id.in_(noted))


def _remove_empty(act: Act, which: sa.ColumnElement[bool]) -> bool:
    """Removes some of `which` that hold nobody and nothing; False if there was nothing to remove."""
    below, within = DEPARTMENT.alias(), MEMBER_DEPARTMENT.c
    found = (
        sa.select(DEPARTMENT.c.id)
        .where(
            DEPARTMENT.c.corp_id == act.corp_id,
            which,
            ~sa.exists().where(below.c.corp_id == act.corp_id, below.c.parentid == DEPARTMENT.c.id),
            ~sa.exists().where(within.corp_id == act.corp_id, within.department_id == DEPARTMENT.c.id),
        )
        .order_by(DEPARTMENT.c.id)
        .limit(REMOVED_AT_ONCE)
    )
    empty = act.db.execute(found).scalars().all()
    for department_id in empty:
        remove_department(act, department_id, by_assistant=True)
    of_corp = LEFTOVER_DEPARTMENT.c.corp_id == act.corp_id
    gone = LEFTOVER_DEPARTMENT.c.department_id.in_(empty)
    act.db.execute(sa.delete(LEFTOVER_DEPARTMENT).where(of_corp, gone))
    return bool(empty)
