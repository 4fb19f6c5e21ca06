"""Which members and departments an app sees, departments expanded.

An app whose stored range is None sees everyone: the usual case, which needs no query. A 营销获客 app also
sees the members to whom it may bring customers (客户可建联的成员).
"""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.callbacks.receivers import use_visible_ranges
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    MEMBER_DEPARTMENT,
    TAGGED_DEPARTMENT,
    TAGGED_MEMBER,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

Range = dict[str, list[Any]]
"""{"userid": [...], "partyid": [...], "tagid": [...]}; the tags are those of members, and may be left out."""


def sees(context: Context, userid: str) -> bool:
    """Whether the member is in the calling app's visible range."""
    visible = visible_userids(context)
    return visible is None or userid in visible


def visible_userids(context: Context) -> frozenset[str] | None:
    """The members in the calling app's visible range; None for everyone. Computed once per context."""
    if context.visible_json is None:
        return None
    if context.visible_userids is None:
        context.visible_userids = members_in_range(context.db, context.corp_id, _whole_range(context))
    return context.visible_userids


def _whole_range(context: Context) -> Range | None:
    if context.visible_json is None or context.app_kind != AppKind.MARKETING:
        return context.visible_range
    return combined_range(context.visible_range, contactable(context))


def contactable(context: Context) -> Range | None:
    """客户可建联的成员 of the calling app; None if the corp's admin has set none."""
    query = sa.select(APP.c.contactable).where(
        APP.c.corp_id == context.corp_id, APP.c.agentid == context.agentid
    )
    found: Range | None = context.db.execute(query).scalar()
    return found


def combined_range(visible: Range | None, contactable: Range | None) -> Range | None:
    """Both ranges in one. A `visible` of None is everyone; a `contactable` of None adds nobody."""
    if visible is None or contactable is None:
        return visible
    keys = ("userid", "partyid", "tagid")
    return {key: [*visible.get(key, []), *contactable.get(key, [])] for key in keys}


def refuse_wrong_departments(call: Call, departments: list[int]) -> None:
    """Raises 60123 for an unknown department, 60011 for one outside the app's visible range."""
    if not departments:
        return
    # Fetches all of the corp's: `departments` may be long, or hold numbers too large for the database.
    query = sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == call.corp_id)
    known = {row.id for row in call.db.execute(query)}
    visible = visible_departments(call)
    for department in departments:
        if department not in known:
            raise Refusal(ErrCode.INVALID_PARTY_ID, detail=f"there is no department {department}")
        if visible is not None and department not in visible:
            raise Refusal(
                ErrCode.NO_PRIVILEGE, detail=f"department {department} is outside the app's visible range"
            )


def members_in_range(db: Transaction, corp_id: str, visible: Range | None) -> frozenset[str] | None:
    """The members in a range, departments and tags expanded; None for everyone."""
    if visible is None:
        return None
    visible = with_tags(db, corp_id, visible)
    below = departments_below(db, corp_id, visible.get("partyid", []))
    query = sa.select(MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == corp_id, MEMBER_DEPARTMENT.c.department_id.in_(below)
    )
    members = {row[0] for row in db.execute(query)} if below else set()
    return frozenset(members | set(visible.get("userid", [])))


def visible_departments(context: Context) -> frozenset[int] | None:
    """The departments in the calling app's visible range with all below them; None for all."""
    return departments_in_range(context.db, context.corp_id, _whole_range(context))


def departments_in_range(db: Transaction, corp_id: str, visible: Range | None) -> frozenset[int] | None:
    """The departments in a range and those of its tags, with all below them; None for all."""
    if visible is None:
        return None
    return departments_below(db, corp_id, with_tags(db, corp_id, visible).get("partyid", []))


def with_tags(db: Transaction, corp_id: str, visible: Range) -> Range:
    """The same range with the members and departments of its tags in the place of the tags."""
    tagids = visible.get("tagid")
    if not tagids:
        return visible
    members = sa.select(TAGGED_MEMBER.c.userid).where(
        TAGGED_MEMBER.c.corp_id == corp_id, TAGGED_MEMBER.c.tagid.in_(tagids)
    )
    departments = sa.select(TAGGED_DEPARTMENT.c.department_id).where(
        TAGGED_DEPARTMENT.c.corp_id == corp_id, TAGGED_DEPARTMENT.c.tagid.in_(tagids)
    )
    return {
        "userid": [*visible.get("userid", []), *db.execute(members).scalars()],
        "partyid": [*visible.get("partyid", []), *db.execute(departments).scalars()],
    }


def departments_below(db: Transaction, corp_id: str, roots: list[int]) -> frozenset[int]:
    """`roots` and every department below them."""
    children: dict[int, list[int]] = {}
    query = sa.select(DEPARTMENT.c.id, DEPARTMENT.c.parentid).where(DEPARTMENT.c.corp_id == corp_id)
    for row in db.execute(query):
        children.setdefault(row.parentid, []).append(row.id)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        department = waiting.pop()
        if department not in found:
            found.add(department)
            waiting += children.get(department, [])
    return frozenset(found)


use_visible_ranges(members_in_range)
