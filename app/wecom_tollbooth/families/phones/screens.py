"""Showing messages on phones, and changing the state of what is shown.

message_id = write_message(call, "welcome", userid, {"text": {"content": "你好"}})
show(call, message_id, [external_userid])
"""

import json
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction, json_list
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.context import Context

Kind = Literal[
    "welcome",
    "group_welcome",
    "group_welcome_task",
    "conclusions",
    "mass_message",
    "mass_message_task",
    "moment",
    "moment_task",
    "app_message",
    "chat_message",
    "robot_message",
    "passive_reply",
    "verification_task",
]
"""What a phone shows; what ends in _task: as the member who is to act on it sees it."""

DELIVERED, OPENED, RECALLED = "delivered", "opened", "recalled"
WAITING, CONFIRMED, IGNORED, CANCELLED, PUBLISHED, PASSED = (
    "waiting",
    "confirmed",
    "ignored",
    "cancelled",
    "published",
    "passed",
)
"""States of an item; the second six of tasks that wait for a member."""

_WRITE = CompiledStatement(
    sa.insert(PHONE_MESSAGE).values({column.name: bindparam(column.name) for column in PHONE_MESSAGE.columns})
)


def _showing(dialect: str) -> sa.ClauseElement:
    """One statement for all people: 20,000 rows take half as long as one by one."""
    people = json_list(dialect, "people").subquery()
    row = sa.select(
        bindparam("corp_id", type_=sa.Text),
        people.c.value,
        bindparam("at", type_=sa.BigInteger),
        bindparam("id", type_=sa.BigInteger),
        bindparam("message_id", type_=sa.BigInteger),
        bindparam("state", type_=sa.Text),
    )
    return sa.insert(PHONE_ITEM).from_select(
        ["corp_id", "person", "at", "id", "message_id", "state"], row, include_defaults=False
    )


_SHOW = CompiledStatement(_showing)
_SET_STATE = CompiledStatement(
    sa.update(PHONE_ITEM)
    .where(PHONE_ITEM.c.corp_id == bindparam("corp"), PHONE_ITEM.c.message_id == bindparam("message"))
    .values(state=bindparam("state"))
)
_SET_STATE_FROM = CompiledStatement(
    sa.update(PHONE_ITEM)
    .where(
        PHONE_ITEM.c.corp_id == bindparam("corp"),
        PHONE_ITEM.c.message_id == bindparam("message"),
        PHONE_ITEM.c.state == bindparam("was"),
    )
    .values(state=bindparam("becomes"))
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
_PAGE = CompiledStatement(
    sa.select(
        PHONE_ITEM.c.id,
        PHONE_ITEM.c.at,
        PHONE_MESSAGE.c.kind,
        PHONE_MESSAGE.c.sender,
        PHONE_MESSAGE.c.body,
        PHONE_ITEM.c.state,
    )
    .join_from(
        PHONE_ITEM,
        PHONE_MESSAGE,
        (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id) & (PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id),
    )
    .where(
        PHONE_ITEM.c.corp_id == bindparam("corp"),
        PHONE_ITEM.c.person == bindparam("who"),
        sa.tuple_(PHONE_ITEM.c.at, PHONE_ITEM.c.id) > sa.tuple_(bindparam("at"), bindparam("after")),
    )
    .order_by(PHONE_ITEM.c.at, PHONE_ITEM.c.id)
    .limit(bindparam("most"))
)
_ITEM = (
    (PHONE_ITEM.c.corp_id == bindparam("corp"))
    & (PHONE_ITEM.c.person == bindparam("who"))
    & (PHONE_ITEM.c.id == bindparam("item"))
)
_STATE_OF_ITEM = CompiledStatement(sa.select(PHONE_ITEM.c.state).where(_ITEM))
_OPEN = CompiledStatement(sa.update(PHONE_ITEM).where(_ITEM).values(state=OPENED))


class ShownItem(NamedTuple):
    """An item of a phone, with its message."""

    id: int
    at: int
    kind: Kind
    sender: str
    body: dict[str, Any]
    state: str


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
    """Shows the message on the phones of `people`, userids or external_userids, each named once."""
    _SHOW.run(
        context.db,
        corp_id=context.corp_id,
        people=json.dumps(list(people)),
        at=context.now,
        id=context.next_id(),
        message_id=message_id,
        state=state,
    )


def set_state(context: Context, message_id: int, state: str, person: str | None = None) -> int:
    """Changes the state of the message on every phone, or on that of `person`; returns on how many."""
    if person is None:
        return _SET_STATE.run(context.db, corp=context.corp_id, message=message_id, state=state)
    return _SET_STATE_OF_ONE.run(
        context.db, corp=context.corp_id, who=person, message=message_id, state=state
    )


def page_of(
    tx: Transaction, corp_id: str, person: str, after: tuple[int, int], limit: int
) -> list[ShownItem]:
    """Up to `limit` items of the phone, oldest first, after the item of this second and id."""
    at, item = after
    rows = _PAGE.all(tx, corp=corp_id, who=person, at=at, after=item, most=limit)
    return [ShownItem(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5]) for row in rows]


def open_item(context: Context, person: str, item: int) -> None:
    """Marks an item of the phone as opened. Raises the context's refusal if it isn't there to be opened."""
    row = _STATE_OF_ITEM.one(context.db, corp=context.corp_id, who=person, item=item)
    if row is None:
        raise context.refusal(ErrCode.INVALID_PARAMETER, f"the phone of {person} has no item {item}")
    if row[0] not in (DELIVERED, OPENED):
        raise context.refusal(
            ErrCode.INVALID_PARAMETER,
            f"item {item} of {person} is {row[0]}: only what is delivered can be opened",
        )
    _OPEN.run(context.db, corp=context.corp_id, who=person, item=item)


def set_state_from(context: Context, message_id: int, was: str, state: str) -> int:
    """Changes the state of the message on the phones where it is `was`; returns on how many."""
    return _SET_STATE_FROM.run(context.db, corp=context.corp_id, message=message_id, was=was, becomes=state)
