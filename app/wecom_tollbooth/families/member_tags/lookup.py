"""Tags by their ids: which exist, who may change them, and whom they stand for."""

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.directory.receiving import CAN_RECEIVE, members_in
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    MEMBER,
    MEMBER_TAG,
    TAGGED_DEPARTMENT,
    TAGGED_MEMBER,
    MemberTag,
)
from wecom_tollbooth.families.directory.visibility import (
    visible_departments,
    visible_userids,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

AN_ADMIN = 0
"""created_by of a tag that an admin made in the console."""


def _named(column: sa.ColumnElement[int], dialect: str) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.Text).in_(json_list(dialect, "ids"))


_KNOWN = CompiledStatement(
    lambda dialect: sa.select(MEMBER_TAG.c.tagid).where(
        MEMBER_TAG.c.corp_id == bindparam("corp"), _named(MEMBER_TAG.c.tagid, dialect)
    )
)
_MEMBERS = CompiledStatement(
    lambda dialect: (
        sa.select(MEMBER.c.userid)
        .join(
            TAGGED_MEMBER,
            (TAGGED_MEMBER.c.corp_id == MEMBER.c.corp_id) & (TAGGED_MEMBER.c.userid == MEMBER.c.userid),
        )
        .where(
            TAGGED_MEMBER.c.corp_id == bindparam("corp"),
            _named(TAGGED_MEMBER.c.tagid, dialect),
            CAN_RECEIVE,
        )
        .order_by(MEMBER.c.userid)
    )
)
_DEPARTMENTS = CompiledStatement(
    lambda dialect: sa.select(TAGGED_DEPARTMENT.c.department_id).where(
        TAGGED_DEPARTMENT.c.corp_id == bindparam("corp"), _named(TAGGED_DEPARTMENT.c.tagid, dialect)
    )
)


def find_tag(context: Context, tagid: int) -> MemberTag | None:
    return context.db.session.get(MemberTag, (context.corp_id, tagid))


def the_tag(context: Context, tagid: int) -> MemberTag:
    """Refuses with 40068 if there is none."""
    found = find_tag(context, tagid)
    if found is None:
        raise context.refusal(ErrCode.INVALID_TAGID, f"there is no member tag {tagid}")
    return found


def the_own_tag(call: Call, tagid: int) -> MemberTag:
    """A tag that the calling app may change. Raises 40068 if there is none, 81011 for another app's."""
    found = the_tag(call, tagid)
    is_admins = found.created_by == AN_ADMIN and call.app_kind == AppKind.CONTACTS_SYNC
    if found.created_by != call.agentid and not is_admins:
        owner = f"app {found.created_by}" if found.created_by else "an admin"
        raise Refusal(ErrCode.NO_PRIVILEGE_ON_TAG, detail=f"tag {tagid} was created by {owner}")
    return found


def members_with_tags(call: Call, tagids: list[str]) -> tuple[list[str], list[str]]:
    """The members in the tags and their departments whom the app sees, without disabled ones; unknown tags.

    Unknown tags are returned as given.
    """
    if not tagids:
        return [], []
    known = {str(row[0]) for row in _KNOWN.all(call.db, corp=call.corp_id, ids=_json(tagids))}
    unknown = [one for one in tagids if one not in known]
    if not known:
        return [], unknown
    ids = _json(sorted(known))
    members = [row[0] for row in _MEMBERS.all(call.db, corp=call.corp_id, ids=ids)]
    members += members_in(call, [row[0] for row in _DEPARTMENTS.all(call.db, corp=call.corp_id, ids=ids)])
    visible = visible_userids(call)
    seen = [one for one in members if visible is None or one in visible]
    return list(dict.fromkeys(seen)), unknown


def members_seen(call: Call, given: list[str]) -> tuple[list[str], list[str]]:
    """The members whom the app sees, as the directory spells them, and the others as given."""
    visible = visible_userids(call)
    found = {
        one: member.userid
        for one, member in find_members(call, given).items()
        if visible is None or member.userid in visible
    }
    return list(dict.fromkeys(found.values())), [one for one in given if one not in found]


def departments_seen(call: Call, given: list[int]) -> tuple[list[int], list[int]]:
    """The departments that the app sees, and the others."""
    if not given:
        return [], []
    visible = visible_departments(call)
    query = sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == call.corp_id)
    known = {one for one in call.db.execute(query).scalars() if visible is None or one in visible}
    return [one for one in given if one in known], [one for one in given if one not in known]


def _json(texts: list[str]) -> str:
    return orjson.dumps(texts).decode()
