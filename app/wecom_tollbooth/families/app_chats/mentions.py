"""Whom a message in a group mentions: by userid, by mobile number, by <@userid> in its text.

Source: pages 90248 and 99110 (2026-02).
"""

import re
from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.world.context import Context

EVERYONE = "@all"
_BY_MOBILE = CompiledStatement(
    lambda dialect: sa.select(MEMBER.c.userid).where(
        MEMBER.c.corp_id == bindparam("corp"), MEMBER.c.mobile.in_(json_list(dialect, "mobiles"))
    )
)
_IN_TEXT = re.compile(r"<@([^<>\s]{1,64})>")


def mentioned(
    context: Context,
    text: str,
    members: Sequence[str],
    *,
    userids: Sequence[str] = (),
    mobiles: Sequence[str] = (),
) -> list[str]:
    """Those of the group's members who are mentioned; ["@all"] for everybody."""
    userids = [*userids, *_IN_TEXT.findall(text)]
    if EVERYONE in (*userids, *mobiles):
        return [EVERYONE]
    named = {found.userid for found in find_members(context, userids).values()} if userids else set()
    if mobiles:
        given = orjson.dumps(list(mobiles)).decode()
        named |= {row[0] for row in _BY_MOBILE.all(context.db, corp=context.corp_id, mobiles=given)}
    return [userid for userid in members if userid in named]
