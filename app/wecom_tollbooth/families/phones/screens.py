"""Showing messages on phones, and changing the state of what is shown.

message_id = write_message(call, "welcome", userid, {"text": {"content": "你好"}})
show(call, message_id, [external_userid])
"""

import json
from collections.abc import Iterable
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.world.context import Context

Kind = Literal[
    "welcome",
    "group_welcome",
    "conclusions",
    "mass_message",
    "mass_message_task",
    "moment",
    "moment_task",
    "app_message",
    "chat_message",
    "robot_message",
    "passive_reply",
]
"""What a phone shows; mass_message_task and moment_task: as the member who must act on it sees it."""

DELIVERED, OPENED, RECALLED = "delivered", "opened", "recalled"
WAITING, CONFIRMED, IGNORED, CANCELLED, PUBLISHED = (
    "waiting",
    "confirmed",
    "ignored",
    "cancelled",
    "published",
)
"""States of an item; the second five of tasks that wait for a member."""

_WRITE = CompiledStatement(
    sa.insert(PHONE_MESSAGE).values({column.name: bindparam(column.name) for column in PHONE_MESSAGE.columns})
)
_SHOW = CompiledStatement(
    sa.insert(PHONE_ITEM).values({column.name: bindparam(column.name) for column in PHONE_ITEM.columns})
)
_SET_STATE = CompiledStatement(
    sa.update(PHONE_ITEM)
    .where(PHONE_ITEM.c.corp_id == bindparam("corp"), PHONE_ITEM.c.message_id == bindparam("message"))
    .values(state=bindparam("state"))
)
_SET_STATE_OF_ONE = CompiledStatement(
    sa.update(PHONE_ITEM)
    .where(
        PHONE_ITEM.c.corp_id == bindparam("corp"),
        PHONE_ITEM.c.person == bindparam("who"),
        PHONE_ITEM.c.message_id == bindparam("message"),
    )
    .values(state=bindparam("state"))
)


def write_message(context: Context, kind: Kind, sender: str, body: dict[str, Any]) -> int:
    """Writes the message, which nobody sees yet, and returns its id."""
    message_id = context.next_id()
    _WRITE.run(
        context.db,
        corp_id=context.corp_id,
        id=message_id,
        kind=kind,
        sender=sender,
        body=json.dumps(body, ensure_ascii=False),
    )
    return message_id


def show(context: Context, message_id: int, people: Iterable[str], state: str = DELIVERED) -> None:
    """Shows the message on the phones of `people`, userids or external_userids."""
    _SHOW.many(
        context.db,
        [
            {
                "corp_id": context.corp_id,
                "person": person,
                "id": context.next_id(),
                "at": context.now,
                "message_id": message_id,
                "state": state,
            }
            for person in people
        ],
    )


def set_state(context: Context, message_id: int, state: str, person: str | None = None) -> int:
    """Changes the state of the message on every phone, or on that of `person`; returns on how many."""
    if person is None:
        return _SET_STATE.run(context.db, corp=context.corp_id, message=message_id, state=state)
    return _SET_STATE_OF_ONE.run(
        context.db, corp=context.corp_id, who=person, message=message_id, state=state
    )
