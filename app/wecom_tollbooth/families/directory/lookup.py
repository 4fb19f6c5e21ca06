"""Members by their userid, for calls and acts of all families."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.tables import ACTIVE, LEFT, MEMBER, Member
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.context import Context

MAY_HAVE_CUSTOMERS = MEMBER.c.may_follow.is_(True) & (MEMBER.c.status != LEFT)
"""The member is in the corp and in 客户联系's range of use."""


class FoundMember(NamedTuple):
    userid: str
    """As the directory spells it."""
    may_have_customers: bool
    status: int
    real_named: bool


_COLUMNS = (MEMBER.c.userid, MAY_HAVE_CUSTOMERS, MEMBER.c.status, MEMBER.c.real_named)

_MEMBER = CompiledStatement(
    sa.select(*_COLUMNS).where(
        MEMBER.c.corp_id == bindparam("corp_id"),
        MEMBER.c.userid_key == bindparam("userid_key"),
        MEMBER.c.status != LEFT,
    )
)


def _members_named(dialect: str) -> sa.Select[tuple[str, str, bool, int, bool]]:
    return sa.select(MEMBER.c.userid_key, *_COLUMNS).where(
        MEMBER.c.corp_id == bindparam("corp_id"),
        MEMBER.c.userid_key.in_(json_list(dialect, "userid_keys")),
        MEMBER.c.status != LEFT,
    )


_MEMBERS = CompiledStatement(_members_named)


def find_member(context: Context, userid: str) -> FoundMember | None:
    """The member, in any spelling of its userid; None if unknown or no longer in the corp."""
    row = _MEMBER.one(context.db, corp_id=context.corp_id, userid_key=userid.lower())
    return FoundMember(row[0], bool(row[1]), row[2], bool(row[3])) if row else None


def find_members(context: Context, userids: Sequence[str]) -> dict[str, FoundMember]:
    """Several members in one query, by the userid as given; unknown ones are left out."""
    keys = orjson.dumps([userid.lower() for userid in userids]).decode()
    rows = _MEMBERS.all(context.db, corp_id=context.corp_id, userid_keys=keys)
    found = {row[0]: FoundMember(row[1], bool(row[2]), row[3], bool(row[4])) for row in rows}
    return {userid: found[userid.lower()] for userid in userids if userid.lower() in found}


def the_member(context: Context, userid: str, unknown: Code = ErrCode.INVALID_USERID) -> FoundMember:
    """The member; refuses with `unknown`, by default 40003, for an unknown one."""
    return _known(context, userid, find_member(context, userid), unknown)


def _known(context: Context, userid: str, found: FoundMember | None, unknown: Code) -> FoundMember:
    if found is None:
        raise context.refusal(unknown, f"there is no member {userid!r} in this corp")
    return found


def the_members(
    context: Context, userids: Sequence[str], unknown: Code = ErrCode.INVALID_USERID
) -> list[FoundMember]:
    """As the_member, for several in one query and in the given order."""
    found = find_members(context, userids)
    return [_known(context, userid, found.get(userid), unknown) for userid in userids]


def the_visible_member(
    call: Call,
    userid: str,
    *,
    unknown: Code = ErrCode.INVALID_USERID,
    invisible: Code = ErrCode.NO_PRIVILEGE,
) -> FoundMember:
    """As the_member; raises also `invisible`, by default 60011, outside the app's visible range."""
    return _visible(call, the_member(call, userid, unknown), invisible)


def the_visible_members(call: Call, userids: Sequence[str], *, unknown: Code) -> list[FoundMember]:
    """As the_visible_member, for several in one query and in the given order; the first wrong one counts."""
    found = find_members(call, userids)
    return [
        _visible(call, _known(call, userid, found.get(userid), unknown), ErrCode.NO_PRIVILEGE)
        for userid in userids
    ]


def _visible(call: Call, member: FoundMember, invisible: Code) -> FoundMember:
    if not sees(call, member.userid):
        raise Refusal(invisible, detail=f"{member.userid} is outside the app's visible range")
    return member


def the_follower(call: Call, userid: str, unknown: Code = ErrCode.INVALID_USERID) -> FoundMember:
    """As the_visible_member; raises also 84061 for a member who may not have customers."""
    return _may_have_customers(call, the_visible_member(call, userid, unknown=unknown))


def the_active_follower(act: Act, userid: str) -> FoundMember:
    """An active member who may have customers; raises ActRefused otherwise."""
    found = _may_have_customers(act, the_member(act, userid))
    if found.status != ACTIVE:
        raise act.refusal(
            ErrCode.MEMBER_NOT_ACTIVATED, f"{found.userid} is not active (status {found.status})"
        )
    return found


def member_row(act: Act, userid: str) -> Member:
    """The member's row, to be changed; raises ActRefused for an unknown one."""
    return act.db.session.get_one(Member, (act.corp_id, the_member(act, userid).userid))


def _may_have_customers(context: Context, found: FoundMember) -> FoundMember:
    if not found.may_have_customers:
        raise context.refusal(
            ErrCode.NOT_EXTERNAL_CONTACT, f"{found.userid} is not in 客户联系's range of use"
        )
    return found
