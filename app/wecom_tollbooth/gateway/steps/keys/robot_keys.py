"""Keys of group robots: a call with one needs no token and belongs to the key's corp.

Source: page 99110 (2026-02). A key looks like a UUID, as real ones do. It names its corp, as a token does, so
that it is found by (corp, key), as all rows are.
"""

import re

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.steps import tokens
from wecom_tollbooth.gateway.steps.corp_flags import FLAGS, take_flags
from wecom_tollbooth.gateway.tables import GROUP_ROBOT
from wecom_tollbooth.world import keyed_corps
from wecom_tollbooth.world.context import Context

HEX = "0123456789abcdef"
_CORP = re.compile("(ww|wx)[0-9a-f]{16}")
_KEY = re.compile("([0-9a-f]{8})-([0-9a-f]{4})-([47])([0-9a-f]{3})-[89ab][0-9a-f]{3}-([0-9a-f])[0-9a-f]{11}")
"""A UUID of version 4, or 7 if the corp has a key of its own; the other groups are the corp's 16 digits."""
_PREFIXES = {"4": "ww", "7": keyed_corps.PREFIX}

_ROBOT = CompiledStatement(
    sa.select(GROUP_ROBOT.c.enabled, *FLAGS)
    .join_from(GROUP_ROBOT, CORP, CORP.c.corp_id == GROUP_ROBOT.c.corp_id)
    .where(GROUP_ROBOT.c.corp_id == bindparam("corp_id"), GROUP_ROBOT.c.key == bindparam("key"))
)


def identify(call: Call) -> None:
    """Finds out which corp's robot is called.

    Raises 93000 for an unknown key, or 40058 where a file is uploaded, as captured in 2024; 93004 for a
    disabled robot.
    """
    key = call.request.query.get("key", "")
    corp_id = corp_of(key)
    robot = _ROBOT.one(call.db, corp_id=corp_id, key=key) if corp_id else None
    if robot is None:
        raise unknown_key(
            call, "no robot has the key of this address; the act member_adds_group_robot makes one"
        )
    enabled, *flags = robot
    call.corp_id, call.app_kind = corp_id, "robot"
    take_flags(call, *flags)
    if not enabled:
        raise Refusal(ErrCode.ROBOT_DISABLED, detail="an admin has disabled the robot")


def unknown_key(call: Call, detail: str) -> Refusal:
    """What a call with a key of no robot is refused with."""
    if call.operation.takes_file is not None:
        return Refusal(ErrCode.INVALID_PARAMETER, "invalid param 'key'", detail=detail)
    return Refusal(ErrCode.INVALID_ROBOT_KEY, detail=detail)


def corp_of(key: str) -> str:
    """The corp that a key names, without checking the key; "" if it does not look like one."""
    found = _KEY.fullmatch(key)
    if found is None:
        return tokens.corp_of(key)
    first, second, version, third, last = found.groups()
    return f"{_PREFIXES[version]}{first}{second}{third}{last}"


def new_key(context: Context) -> str:
    """A key that names the corp."""
    corp_id = context.corp_id
    if not _CORP.fullmatch(corp_id):
        return tokens.new_token(context.seed, corp_id, "robot", context.next_id())
    drawn = context.draw("robot key", 15, HEX)
    version = next(version for version, prefix in _PREFIXES.items() if corp_id.startswith(prefix))
    digits, variant = corp_id[2:], "89ab"[int(drawn[0], 16) % 4]
    named = f"{digits[:8]}-{digits[8:12]}-{version}{digits[12:15]}"
    return f"{named}-{variant}{drawn[1:4]}-{digits[15]}{drawn[4:]}"


def key_under(key: str, corp_id: str) -> str:
    """The key with another corp in it, of the same drawn characters."""
    if not _KEY.fullmatch(key) or not _CORP.fullmatch(corp_id):
        return tokens.token_under(key, corp_id)
    version = next(version for version, prefix in _PREFIXES.items() if corp_id.startswith(prefix))
    digits = corp_id[2:]
    named = f"{digits[:8]}-{digits[8:12]}-{version}{digits[12:15]}"
    return f"{named}-{key[19:23]}-{digits[15]}{key[25:]}"
