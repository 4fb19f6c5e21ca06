"""Whom the message archive covers."""

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.tables import (
    LEFT,
    MEMBER,
    MEMBER_DEPARTMENT,
    TAGGED_DEPARTMENT,
    TAGGED_MEMBER,
)
from wecom_tollbooth.families.directory.visibility import departments_below
from wecom_tollbooth.families.message_archive.tables import (
    ARCHIVE_EDITION,
    ENTERPRISE,
    SERVICE,
    ArchiveEdition,
)
from wecom_tollbooth.world.context import Context

WITH_CUSTOMERS = (SERVICE, ENTERPRISE)
"""Editions that archive conversations with customers, if these agree."""

FEW = 500
"""Members looked up by name; for more, all of the corp are read."""

_COLUMNS = [column for column in ARCHIVE_EDITION.columns if column.name != "corp_id"]
_EDITIONS = CompiledStatement(
    sa.select(*_COLUMNS)
    .where(ARCHIVE_EDITION.c.corp_id == bindparam("corp_id"))
    .order_by(ARCHIVE_EDITION.c.edition)
)


def editions(context: Context) -> list[ArchiveEdition]:
    """All that the corp has bought, expired ones too."""
    context.db.flush()
    found = []
    for edition, userids, partyids, tagids, seats, expires_at in _EDITIONS.all(
        context.db, corp_id=context.corp_id
    ):
        ranges = [orjson.loads(text) for text in (userids, partyids, tagids)]
        found.append(
            ArchiveEdition(
                corp_id=context.corp_id,
                edition=edition,
                userids=ranges[0],
                partyids=ranges[1],
                tagids=ranges[2],
                seats=seats,
                expires_at=expires_at,
            )
        )
    return found


def in_force(context: Context, edition: ArchiveEdition) -> bool:
    return edition.expires_at is None or context.now < edition.expires_at


def covered(context: Context, edition: ArchiveEdition) -> list[str]:
    """The members in the edition's range who are in the corp, as many as there are seats.

    Members who were named come first, then those of departments, then those of tags.
    """
    tagged = _tagged(context, edition.tagids)
    departments = [*edition.partyids, *_tagged_departments(context, edition.tagids)]
    userids = [*edition.userids, *_in_departments(context, departments), *tagged]
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == context.corp_id, MEMBER.c.status != LEFT)
    if len(userids) <= FEW:
        query = query.where(MEMBER.c.userid.in_(userids))
    present = {row.userid for row in context.db.execute(query)}
    members = [userid for userid in dict.fromkeys(userids) if userid in present]
    return members if edition.seats is None else members[: edition.seats]


def archived_with_customers(context: Context) -> frozenset[str]:
    """The members whose conversations with customers are archived now."""
    found: set[str] = set()
    for edition in editions(context):
        if edition.edition in WITH_CUSTOMERS and in_force(context, edition):
            found.update(covered(context, edition))
    return frozenset(found)


def _in_departments(context: Context, departments: list[int]) -> list[str]:
    below = departments_below(context.db, context.corp_id, departments) if departments else frozenset()
    query = (
        sa.select(MEMBER_DEPARTMENT.c.userid)
        .where(MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.department_id.in_(below))
        .order_by(MEMBER_DEPARTMENT.c.userid)
    )
    return [row.userid for row in context.db.execute(query)] if below else []


def _tagged(context: Context, tagids: list[int]) -> list[str]:
    query = (
        sa.select(TAGGED_MEMBER.c.userid)
        .where(TAGGED_MEMBER.c.corp_id == context.corp_id, TAGGED_MEMBER.c.tagid.in_(tagids))
        .order_by(TAGGED_MEMBER.c.userid)
    )
    return [row.userid for row in context.db.execute(query)] if tagids else []


def _tagged_departments(context: Context, tagids: list[int]) -> list[int]:
    query = sa.select(TAGGED_DEPARTMENT.c.department_id).where(
        TAGGED_DEPARTMENT.c.corp_id == context.corp_id, TAGGED_DEPARTMENT.c.tagid.in_(tagids)
    )
    return [row.department_id for row in context.db.execute(query)] if tagids else []
