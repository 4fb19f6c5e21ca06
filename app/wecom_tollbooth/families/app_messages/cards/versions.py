"""The versions of a message on phones: as it was sent, and as updates made it for some members."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE, CARD_VERSION
from wecom_tollbooth.families.phones.screens import RECALLED, write_message
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.world.context import Context

UPDATED = "updated"
"""State of an item whose card an update changed."""

Body = dict[str, Any]

_VERSIONS = CompiledStatement(
    sa.select(CARD_VERSION.c.version_id).where(
        CARD_VERSION.c.corp_id == bindparam("corp"), CARD_VERSION.c.message_id == bindparam("message")
    )
)
_NOTE_VERSION = CompiledStatement(
    sa.insert(CARD_VERSION).values({column.name: bindparam(column.name) for column in CARD_VERSION.columns})
)
_BODY = CompiledStatement(
    sa.select(PHONE_MESSAGE.c.body).where(
        PHONE_MESSAGE.c.corp_id == bindparam("corp"), PHONE_MESSAGE.c.id == bindparam("message")
    )
)
_HOLDS = (PHONE_ITEM.c.corp_id == bindparam("corp")) & (PHONE_ITEM.c.state != RECALLED)
_VERSION = (CARD_VERSION.c.corp_id == PHONE_ITEM.c.corp_id) & (
    CARD_VERSION.c.version_id == PHONE_ITEM.c.message_id
)
_HOLDER = (PHONE_ITEM.c.person, PHONE_ITEM.c.message_id)
_ALL_HOLDERS = CompiledStatement(
    sa.union_all(
        sa.select(*_HOLDER).where(_HOLDS, PHONE_ITEM.c.message_id == bindparam("message")),
        sa.select(*_HOLDER)
        .join(CARD_VERSION, _VERSION)
        .where(_HOLDS, CARD_VERSION.c.message_id == bindparam("message")),
    )
)
# By the phones of the people: a card that many have pressed has as many versions.
_HOLDERS_AMONG = CompiledStatement(
    lambda dialect: (
        sa.select(*_HOLDER)
        .join(CARD_VERSION, _VERSION, isouter=True)
        .where(
            _HOLDS,
            PHONE_ITEM.c.person.in_(json_list(dialect, "people")),
            PHONE_ITEM.c.at >= bindparam("since"),
            sa.or_(
                PHONE_ITEM.c.message_id + 0 == bindparam("message"),
                CARD_VERSION.c.message_id == bindparam("message"),
            ),
        )
    )
)
_REPLACE = CompiledStatement(
    lambda dialect: (
        sa.update(PHONE_ITEM)
        .where(
            _HOLDS,
            PHONE_ITEM.c.message_id == bindparam("message"),
            PHONE_ITEM.c.person.in_(json_list(dialect, "people")),
        )
        .values(message_id=bindparam("version"), state=UPDATED)
    )
)
_SEEN_BY_NOBODY = ~sa.exists(
    sa.select(PHONE_ITEM.c.person).where(
        PHONE_ITEM.c.corp_id == bindparam("corp"), PHONE_ITEM.c.message_id == bindparam("version")
    )
)
_FORGET_VERSION = CompiledStatement(
    sa.delete(CARD_VERSION).where(
        CARD_VERSION.c.corp_id == bindparam("corp"),
        CARD_VERSION.c.version_id == bindparam("version"),
        _SEEN_BY_NOBODY,
    )
)
_FORGET_MESSAGE = CompiledStatement(
    sa.delete(PHONE_MESSAGE).where(
        PHONE_MESSAGE.c.corp_id == bindparam("corp"), PHONE_MESSAGE.c.id == bindparam("version")
    )
)
_SENT_AS = CompiledStatement(
    sa.select(APP_MESSAGE.c.agentid, APP_MESSAGE.c.sent_at).where(
        APP_MESSAGE.c.corp_id == bindparam("corp"), APP_MESSAGE.c.message_id == bindparam("message")
    )
)
_ROOT = CompiledStatement(
    sa.select(CARD_VERSION.c.message_id).where(
        CARD_VERSION.c.corp_id == bindparam("corp"), CARD_VERSION.c.version_id == bindparam("version")
    )
)


def versions_of(context: Context, message_id: int) -> list[int]:
    """The phone messages that show the message: as it was sent, then as updates made it."""
    rows = _VERSIONS.all(context.db, corp=context.corp_id, message=message_id)
    return [message_id, *(row[0] for row in rows)]


def sent_as(context: Context, shown: int) -> int:
    """The message as it was sent, from one of its versions."""
    row = _ROOT.one(context.db, corp=context.corp_id, version=shown)
    return int(row[0]) if row else shown


def body_of(context: Context, shown: int) -> Body:
    row = _BODY.one(context.db, corp=context.corp_id, message=shown)
    assert row is not None
    body: Body = json.loads(row[0])
    return body


def sender_of(context: Context, message_id: int) -> int:
    """The agentid of the app that sent it."""
    return _sent(context, message_id)[0]


def _sent(context: Context, message_id: int) -> tuple[int, int]:
    row = _SENT_AS.one(context.db, corp=context.corp_id, message=message_id)
    assert row is not None
    return int(row[0]), int(row[1])


def holders(context: Context, message_id: int, among: Iterable[str] | None = None) -> dict[str, int]:
    """The members on whose phones the message is, with the version there; recalled ones are left out."""
    if among is None:
        rows = _ALL_HOLDERS.all(context.db, corp=context.corp_id, message=message_id)
    else:
        rows = _HOLDERS_AMONG.all(
            context.db,
            corp=context.corp_id,
            message=message_id,
            people=orjson.dumps(list(among)).decode(),
            since=_sent(context, message_id)[1],
        )
    return {row[0]: row[1] for row in rows}


def change(
    context: Context, message_id: int, having: Mapping[str, int], new_body: Callable[[Body], Body]
) -> None:
    """Shows `new_body(body)` in place of the body on the phones of `having`, as `holders` returns them."""
    by_version: dict[int, list[str]] = {}
    for person, version in having.items():
        by_version.setdefault(version, []).append(person)
    sender = str(sender_of(context, message_id))
    written: dict[str, int] = {}
    for version, people in by_version.items():
        body = new_body(body_of(context, version))
        text = json.dumps(body, sort_keys=True)
        if text not in written:
            written[text] = write_message(context, "app_message", sender, body)
            _NOTE_VERSION.run(
                context.db, corp_id=context.corp_id, version_id=written[text], message_id=message_id
            )
        _REPLACE.run(
            context.db,
            corp=context.corp_id,
            message=version,
            version=written[text],
            people=orjson.dumps(people).decode(),
        )
        if version != message_id and _FORGET_VERSION.run(context.db, corp=context.corp_id, version=version):
            _FORGET_MESSAGE.run(context.db, corp=context.corp_id, version=version)
