"""The members and departments that a rule applies to: parsing them, and changing them (page 95097)."""

from typing import Any, TypeVar

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member, the_member
from wecom_tollbooth.families.directory.tables import DEPARTMENT
from wecom_tollbooth.families.directory.visibility import visible_departments, visible_userids
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

Id = TypeVar("Id", str, int)

USERIDS_OF_A_RULE = 10_000
NODES_PER_CALL = 1_000
"""The most members, and the most departments, in one call."""


class RangeGiven(RequestModel):
    user_list: list[str] | None = optional(doc="userids, at most 1000")
    department_list: list[int] | None = optional(doc="departments, at most 1000")


class RangeShape(TypedDict):
    user_list: list[str]
    department_list: list[int]


def range_to_add(call: Call, given: RangeGiven) -> tuple[list[str], list[int]]:
    """Userids as the directory spells them, and departments, without duplicates.

    Raises 41076, 40003, 60123, 60011.
    """
    userids, departments = _parse_range(call, given)
    for userid in userids:
        the_member(call, userid)
    query = sa.select(DEPARTMENT.c.id).where(
        DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.id.in_(departments)
    )
    unknown = set(departments) - {row.id for row in call.db.execute(query)}
    if unknown:
        raise Refusal(ErrCode.INVALID_PARTY_ID, detail=f"there is no department {min(unknown)}")
    _refuse_invisible(call, userids, departments)
    return userids, departments


def _parse_range(call: Call, given: RangeGiven) -> tuple[list[str], list[int]]:
    """As `range_to_add`, but also of members and departments that no longer exist. Raises 41076."""
    userids, departments = given.user_list or [], given.department_list or []
    if max(len(userids), len(departments)) > NODES_PER_CALL:
        raise Refusal(
            ErrCode.INTERCEPT_RANGE_TOO_LARGE,
            detail=f"use at most {NODES_PER_CALL} members and {NODES_PER_CALL} departments",
        )
    found = (find_member(call, userid) for userid in userids)
    spelled = [member[0] if member else userid for member, userid in zip(found, userids, strict=True)]
    return list(dict.fromkeys(spelled)), list(dict.fromkeys(departments))


def _refuse_invisible(call: Call, userids: list[str], departments: list[int]) -> None:
    members, visible = visible_userids(call), visible_departments(call)
    if members is None or visible is None:
        return
    outside = [*(set(userids) - members), *(set(departments) - visible)]
    if outside:
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{outside[0]!r} is outside the app's visible range")


def changed_range(call: Call, row: Any, remove: RangeGiven | None, add: RangeGiven | None) -> RangeShape:
    """The rule's range after first the removals and then the additions.

    Raises as `range_to_add`, and 41076 for over 10,000 members, 40063 for an empty range.
    """
    gone_userids, gone_departments = _parse_range(call, remove or RangeGiven())
    _refuse_invisible(call, gone_userids, gone_departments)
    new_userids, new_departments = range_to_add(call, add or RangeGiven())
    userids = _after(row.user_list, gone_userids, new_userids)
    departments = _after(row.department_list, gone_departments, new_departments)
    if len(userids) > USERIDS_OF_A_RULE:
        raise Refusal(
            ErrCode.INTERCEPT_RANGE_TOO_LARGE,
            detail=f"a rule has at most {USERIDS_OF_A_RULE} members; use departments instead",
        )
    if not userids and not departments:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="a rule needs members, departments or both")
    return {"user_list": userids, "department_list": departments}


def _after(before: list[Id], gone: list[Id], new: list[Id]) -> list[Id]:
    left = dict.fromkeys(before)
    for id_ in gone:
        left.pop(id_, None)
    return list(left | dict.fromkeys(new))
