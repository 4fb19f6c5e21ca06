"""Who is asked to publish a moment of the corp, and which of the given senders and tags are not valid."""

from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS, find_members
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER
from wecom_tollbooth.families.directory.visibility import Range, departments_in_range, members_in_range
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.families.tag_library.library import CORP
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG
from wecom_tollbooth.world.context import Context


class Checked(NamedTuple):
    """The valid among the given senders and tags, and the invalid, which the result of the job names."""

    userids: list[str]
    departments: list[int]
    tags: list[str]
    invalid_userids: list[str]
    invalid_departments: list[int]
    invalid_tags: list[str]


def check(context: Context, agentid: int, senders: dict[str, Any] | None, tags: list[str] | None) -> Checked:
    """Sorts what was given into valid and invalid: unknown, or outside the app's visible range."""
    userids = list(dict.fromkeys((senders or {}).get("user_list") or []))
    departments = list(dict.fromkeys((senders or {}).get("department_list") or []))
    visible = _visible(context, agentid)
    seen = members_in_range(context.db, context.corp_id, visible)
    found = find_members(context, userids)
    valid = {
        userid: member.userid for userid, member in found.items() if seen is None or member.userid in seen
    }
    known = _departments_seen(context, visible)
    corp_tags = _corp_tags(context, tags or [])
    return Checked(
        list(dict.fromkeys(valid.values())),
        [one for one in departments if one in known],
        [tag for tag in dict.fromkeys(tags or []) if tag in corp_tags],
        [userid for userid in userids if userid not in valid],
        [one for one in departments if one not in known],
        [tag for tag in dict.fromkeys(tags or []) if tag not in corp_tags],
    )


def senders(context: Context, agentid: int, valid: dict[str, Any] | None) -> frozenset[str] | None:
    """The userids in the app's visible range and among the senders; None for everybody.

    `valid` has the valid senders, with departments not expanded; None where none were given.
    """
    seen = members_in_range(context.db, context.corp_id, _visible(context, agentid))
    if valid is None:
        return seen
    given: Range = {"userid": valid["user_list"], "partyid": valid["department_list"]}
    named = members_in_range(context.db, context.corp_id, given) or frozenset()
    return named if seen is None else named & seen


def _visible(context: Context, agentid: int) -> Range | None:
    """The visible range of the app; nobody if it was deleted meanwhile. The console (0) sees everybody."""
    if not agentid:
        return None
    query = sa.select(APP.c.visible).where(APP.c.corp_id == context.corp_id, APP.c.agentid == agentid)
    row = context.db.execute(query).first()
    if row is None:
        return {"userid": [], "partyid": []}
    visible: Range | None = row.visible
    return visible


def _departments_seen(context: Context, visible: Range | None) -> frozenset[int]:
    query = sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == context.corp_id)
    known = frozenset(row.id for row in context.db.execute(query))
    seen = departments_in_range(context.db, context.corp_id, visible)
    return known if seen is None else known & seen


_CORP_TAGS = CompiledStatement(
    lambda dialect: sa.select(TAG.c.tag_id).where(
        TAG.c.corp_id == bindparam("corp"),
        TAG.c.tag_id.in_(json_list(dialect, "tags")),
        TAG.c.strategy_id == CORP,
        TAG.c.deleted_at.is_(None),
    )
)


def _corp_tags(context: Context, tags: list[str]) -> set[str]:
    rows = _CORP_TAGS.all(context.db, corp=context.corp_id, tags=orjson.dumps(tags).decode())
    return {row[0] for row in rows}


_MEMBERS = (
    sa.select(MEMBER.c.userid)
    .where(MEMBER.c.corp_id == bindparam("corp"), MAY_HAVE_CUSTOMERS, MEMBER.c.userid > bindparam("after"))
    .order_by(MEMBER.c.userid)
    .limit(bindparam("most"))
)
_ALL = CompiledStatement(_MEMBERS)


def _followers_of_tagged(dialect: str) -> sa.Select[tuple[str]]:
    tagged = (
        sa.select(FOLLOW_TAG.c.userid)
        .join(
            FOLLOW_USER,
            (FOLLOW_USER.c.corp_id == FOLLOW_TAG.c.corp_id)
            & (FOLLOW_USER.c.external_userid == FOLLOW_TAG.c.external_userid)
            & (FOLLOW_USER.c.userid == FOLLOW_TAG.c.userid),
        )
        .where(
            FOLLOW_TAG.c.corp_id == bindparam("corp"),
            FOLLOW_TAG.c.tag_id.in_(json_list(dialect, "tags")),
            IS_ACTIVE,
        )
    )
    return _MEMBERS.where(MEMBER.c.userid.in_(tagged))


_OF_TAGGED = CompiledStatement(_followers_of_tagged)


def members_after(context: Context, after: str, tags: list[str], most: int) -> list[str]:
    """The next members who may have customers, by userid; with `tags` those who follow such customers."""
    given = {"corp": context.corp_id, "after": after, "most": most}
    if tags:
        rows = _OF_TAGGED.all(context.db, **given, tags=orjson.dumps(tags).decode())
    else:
        rows = _ALL.all(context.db, **given)
    return [row[0] for row in rows]
