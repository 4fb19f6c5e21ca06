"""Who gets a message: the named members, departments and tags that the app sees (page 90236, 2026-02)."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.directory.receiving import CAN_RECEIVE, members_in
from wecom_tollbooth.families.directory.tables import DEPARTMENT, DISABLED, MEMBER
from wecom_tollbooth.families.directory.visibility import (
    visible_departments,
    visible_userids,
)
from wecom_tollbooth.families.member_tags.lookup import members_with_tags
from wecom_tollbooth.families.providers.licences import without_any_account
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

EVERYONE = "@all"
MOST_USERS, MOST_PARTIES, MOST_TAGS = 1000, 100, 100

_ALL = CompiledStatement(sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == bindparam("corp"), CAN_RECEIVE))


class Receivers(NamedTuple):
    userids: list[str]
    """As the directory spells them, each once."""
    invalid_users: list[str]
    """As given."""
    invalid_parties: list[str]
    invalid_tags: list[str]
    unlicensed: list[str]
    """Members named by their userid whom the app sees, without the licence that it needs."""


class Named(NamedTuple):
    """What the request names; `everyone`: the rest doesn't count."""

    users: list[str]
    parties: list[str]
    tags: list[str]
    everyone: bool


def named(touser: str | None, toparty: str | None, totag: str | None) -> Named:
    """Raises 82001 if nobody is named, 40032, 82002 and 82003 for too many."""
    users, parties, tags = (list(dict.fromkeys(_parts(text))) for text in (touser, toparty, totag))
    if not users and not parties and not tags:
        raise Refusal(ErrCode.NO_RECEIVER, detail="touser, toparty and totag are all empty")
    if EVERYONE in users:
        return Named([], [], [], True)
    for given, most, code in (
        (users, MOST_USERS, ErrCode.USERID_LIST_TOO_LONG),
        (parties, MOST_PARTIES, ErrCode.TOO_MANY_PARTIES),
        (tags, MOST_TAGS, ErrCode.TOO_MANY_TAGS),
    ):
        if len(given) > most:
            raise Refusal(code, detail=f"{len(given)} given, at most {most}")
    return Named(users, parties, tags, False)


def _parts(text: str | None) -> list[str]:
    """The ids between the bars; samples of the page have spaces around them."""
    return [part.strip() for part in (text or "").split("|") if part.strip()]


def find_receivers(call: Call, who: Named) -> Receivers:
    """Raises 81013 if nobody is left."""
    found = _everyone(call) if who.everyone else _found(call, who)
    if not found.userids:
        raise Refusal(
            ErrCode.ALL_RECEIVERS_INVALID,
            detail="nobody who was named exists, is visible to the app and licensed",
        )
    return found


def _everyone(call: Call) -> Receivers:
    visible = visible_userids(call)
    members = [row[0] for row in _ALL.all(call.db, corp=call.corp_id)]
    return Receivers(
        _licensed(call, [one for one in members if visible is None or one in visible]), [], [], [], []
    )


def _found(call: Call, who: Named) -> Receivers:
    members, invalid_users = members_of(call, who.users)
    parties, invalid_parties = departments_of(call, who.parties)
    licensed = set(_licensed(call, members))
    of_parties = members_in(call, parties)
    userids = [one for one in members if one in licensed]
    userids += _licensed(call, of_parties)
    of_tags, invalid_tags = members_with_tags(call, who.tags)
    userids += _licensed(call, of_tags)
    return Receivers(
        list(dict.fromkeys(userids)),
        invalid_users,
        invalid_parties,
        invalid_tags,
        [one for one in members if one not in licensed],
    )


def members_of(call: Call, userids: list[str]) -> tuple[list[str], list[str]]:
    """The members whom the app sees and who are not disabled, and the ids as given of the others."""
    visible = visible_userids(call)
    found = find_members(call, userids)
    valid = {
        given: member.userid
        for given, member in found.items()
        if member.status != DISABLED and (visible is None or member.userid in visible)
    }
    return list(dict.fromkeys(valid.values())), [given for given in userids if given not in valid]


def lowered(given: list[str], invalid: list[str]) -> list[str]:
    """The userids of `given` that are among `invalid` in any spelling, in lower case."""
    keys = {one.lower() for one in invalid}
    return list(dict.fromkeys(one.lower() for one in given if one.lower() in keys))


def departments_of(call: Call, parties: list[str]) -> tuple[list[int], list[str]]:
    """The departments that exist and the app sees, and the ids as given of the others."""
    if not parties:
        return [], []
    known = {
        row[0]
        for row in call.db.execute(sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == call.corp_id))
    }
    visible = visible_departments(call)
    seen = {str(one): one for one in known if visible is None or one in visible}
    return [seen[one] for one in parties if one in seen], [one for one in parties if one not in seen]


def _licensed(call: Call, members: list[str]) -> list[str]:
    lacking = without_any_account(call, members)
    return [one for one in members if one not in lacking] if lacking else members
