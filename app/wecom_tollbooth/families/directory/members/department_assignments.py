"""The departments of a member: parsing the request's parallel lists, and storing them.

Source: pages 90195 and 90197 (2026-02).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.tables import MEMBER_DEPARTMENT
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import UINT32
from wecom_tollbooth.world.context import Context

DEPARTMENTS_OF_A_MEMBER = 100


@dataclass(frozen=True)
class Assignment:
    """A member's place in one department; members with a larger `order` come first."""

    department_id: int
    order: int
    is_leader: bool


def parse_assignments(
    departments: Sequence[int], orders: Sequence[int] | None, leaders: Sequence[int] | None
) -> list[Assignment]:
    """The parallel lists as assignments; of a repeated department the first one counts.

    Raises 60110 (over 100 departments), 60132 (is_leader_in_dept of another length), 40058 (order of another
    length or outside [0, 2^32), a leader flag other than 0 or 1), 40066 (an id that is not a 32-bit number).
    """
    if len(departments) > DEPARTMENTS_OF_A_MEMBER:
        raise Refusal(
            ErrCode.TOO_MANY_DEPARTMENTS,
            detail=f"a member is in at most {DEPARTMENTS_OF_A_MEMBER} departments",
        )
    if orders and len(orders) != len(departments):
        raise _invalid("order", f"{len(orders)} values for {len(departments)} departments")
    if leaders and len(leaders) != len(departments):
        raise Refusal(
            ErrCode.LEADER_COUNT_DIFFERS,
            detail=f"is_leader_in_dept has {len(leaders)} values for {len(departments)} departments",
        )
    assignments: dict[int, Assignment] = {}
    for index, department_id in enumerate(departments):
        order = orders[index] if orders else 0
        is_leader = leaders[index] if leaders else 0
        if not 0 <= department_id <= UINT32:
            raise Refusal(ErrCode.INVALID_PARTY_LIST, detail=f"{department_id} is not a department id")
        if not 0 <= order <= UINT32:
            raise _invalid("order", f"{order} is outside [0, 2^32)")
        if is_leader not in (0, 1):
            raise _invalid("is_leader_in_dept", f"{is_leader} is neither 0 nor 1")
        assignments.setdefault(department_id, Assignment(department_id, order, bool(is_leader)))
    return list(assignments.values())


def assignments_of(context: Context, userid: str) -> list[Assignment]:
    query = sa.select(MEMBER_DEPARTMENT).where(
        MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.userid == userid
    )
    return [
        Assignment(row.department_id, row.sort_order, row.is_leader)
        for row in context.db.execute(query.order_by(MEMBER_DEPARTMENT.c.position))
    ]


def store_assignments(context: Context, userid: str, assignments: Sequence[Assignment]) -> None:
    """Replaces the member's departments by these. Raises 81001 if one is full."""
    before = {assignment.department_id for assignment in assignments_of(context, userid)}
    for assignment in assignments:
        if assignment.department_id not in before:
            tree.refuse_full(context, assignment.department_id)
    context.db.execute(
        sa.delete(MEMBER_DEPARTMENT).where(
            MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.userid == userid
        )
    )
    rows: list[dict[str, Any]] = [
        {
            "corp_id": context.corp_id,
            "userid": userid,
            "department_id": assignment.department_id,
            "position": position,
            "sort_order": assignment.order,
            "is_leader": assignment.is_leader,
        }
        for position, assignment in enumerate(assignments)
    ]
    context.db.execute(sa.insert(MEMBER_DEPARTMENT), rows)


def _invalid(field: str, why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, f"{field} invalid", detail=f"{field}: {why}")
