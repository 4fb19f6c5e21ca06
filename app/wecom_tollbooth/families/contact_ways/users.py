"""The members of a contact way: checked when it is configured, expanded when a customer scans it.

A member must be active, have passed 实名认证 and be in 客户联系's range of use; members and departments
must be in the app's visible range; with departments expanded there are at most 100 (page 92228, 2026-08).
"""

from collections.abc import Collection

import sqlalchemy as sa

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.directory.tables import (
    ACTIVE,
    LEFT,
    MEMBER,
    MEMBER_DEPARTMENT,
)
from wecom_tollbooth.families.directory.visibility import departments_below, refuse_wrong_departments
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

MOST_USERS = 100

USER_ERRORS = (
    ErrCode.INVALID_USERID,
    ErrCode.NO_PRIVILEGE,
    ErrCode.MEMBER_NOT_ACTIVATED,
    ErrCode.MEMBER_NOT_REAL_NAMED,
    ErrCode.NO_CUSTOMER_CONTACT_RIGHT,
    ErrCode.INVALID_PARTY_ID,
    ErrCode.TOO_MANY_CONTACT_WAY_USERS,
)
"""The errcodes of the checks in this module."""


def checked_members(call: Call, userids: list[str]) -> list[str]:
    """Returns the members in the directory's spelling, without duplicates.

    Raises 40003 (unknown), 60011 (not in the visible range), 41054, 40098, 84074, 41041 (over 100 given).
    """
    if len(userids) > MOST_USERS:
        raise _too_many(len(userids))
    return list({_checked_member(call, userid): None for userid in userids})


def _checked_member(call: Call, userid: str) -> str:
    found = the_visible_member(call, userid)
    name = found.userid
    if found.status != ACTIVE:
        raise Refusal(ErrCode.MEMBER_NOT_ACTIVATED, detail=f"{name} is not active (status {found.status})")
    if not found.real_named:
        raise Refusal(ErrCode.MEMBER_NOT_REAL_NAMED, detail=f"{name} has not passed 实名认证")
    if not found.may_have_customers:
        raise Refusal(ErrCode.NO_CUSTOMER_CONTACT_RIGHT, detail=f"{name} is not in 客户联系's range of use")
    return name


def checked_departments(call: Call, parties: list[int]) -> list[int]:
    """Returns the departments without duplicates. Raises 60123 (unknown), 60011 (outside the range)."""
    refuse_wrong_departments(call, parties)
    return list(dict.fromkeys(parties))


def refuse_too_many(call: Call, userids: list[str], parties: list[int]) -> None:
    """Raises 41041 for over 100 members, departments expanded."""
    count = len(members_of(call.db, call.corp_id, userids, parties)) if parties else len(userids)
    if count > MOST_USERS:
        raise _too_many(count)


def _too_many(count: int) -> Refusal:
    return Refusal(
        ErrCode.TOO_MANY_CONTACT_WAY_USERS, detail=f"{count} members; a contact way has at most {MOST_USERS}"
    )


def members_of(
    db: Transaction, corp_id: str, userids: Collection[str], parties: list[int], *, able: bool = False
) -> list[str]:
    """Returns the members, and those of the departments and their subdepartments, ordered by id.

    `able`: only those who can have customers: active, real-named and in 客户联系's range of use.
    """
    below = departments_below(db, corp_id, parties) if parties else frozenset[int]()
    placed = sa.select(MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == corp_id, MEMBER_DEPARTMENT.c.department_id.in_(below)
    )
    named = MEMBER.c.userid.in_(userids)
    query = sa.select(MEMBER.c.userid).where(
        MEMBER.c.corp_id == corp_id,
        MEMBER.c.status != LEFT,
        named | MEMBER.c.userid.in_(placed) if below else named,
    )
    if able:
        query = query.where(
            MEMBER.c.status == ACTIVE, MEMBER.c.real_named.is_(True), MEMBER.c.may_follow.is_(True)
        )
    return sorted(db.execute(query).scalars())
