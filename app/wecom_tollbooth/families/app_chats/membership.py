"""Who is in a group chat of members."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.app_chats.tables import MEMBER_CHAT
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.context import Context

FEWEST, MOST = 2, 2000
"""How many members a group has."""


def find_chat(context: Context, chat_id: str, *, to_write: bool = False) -> Any:
    """The chat's row, locked if it is to be written; None for an unknown one."""
    query = sa.select(MEMBER_CHAT).where(
        MEMBER_CHAT.c.corp_id == context.corp_id, MEMBER_CHAT.c.chat_id == chat_id
    )
    return context.db.execute(query.with_for_update() if to_write else query).first()


def present(context: Context, userids: Sequence[str], owner: str) -> tuple[list[str], str]:
    """Those who have not left the corp, and their owner: the first of them if the owner has; "" of nobody."""
    known = find_members(context, userids)
    members = [userid for userid in userids if userid in known]
    if owner in members or not members:
        return members, owner if members else ""
    return members, members[0]


def refuse_wrong_size(context: Context, members: Sequence[str]) -> None:
    """Raises 86006 for fewer than FEWEST or more than MOST."""
    if not FEWEST <= len(members) <= MOST:
        raise context.refusal(
            ErrCode.WRONG_CHAT_SIZE, f"{len(members)} members: a group has {FEWEST} to {MOST}"
        )


def make_chat(
    context: Context, chat_id: str, *, agentid: int, name: str, owner: str, members: list[str]
) -> None:
    context.db.execute(
        sa.insert(MEMBER_CHAT).values(
            corp_id=context.corp_id,
            chat_id=chat_id,
            agentid=agentid,
            name=name,
            owner=owner,
            members=members,
            created_at=context.now,
            joined_at={},
        )
    )
