"""The outbox: events wait here for delivery. They are put in by the transaction that raised them."""

import json
import random
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.advice.watching import watch_callback
from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.event import Event
from wecom_tollbooth.callbacks.messages import OwnAddress
from wecom_tollbooth.callbacks.receivers import Receiver
from wecom_tollbooth.callbacks.tables import CALLBACK, DELIVERY_FAULTS, Callback
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import CompiledStatement, IdBlock, Transaction
from wecom_tollbooth.world import keyed_corps
from wecom_tollbooth.world.context import Context


def _put(dialect: str) -> sa.Insert:
    row: dict[str, Any] = {column.name: bindparam(column.name) for column in CALLBACK.columns}
    sequence: sa.ColumnElement[int] = sa.literal_column("nextval('callback_position')")
    position = row["id"] if dialect == "sqlite" else sequence
    return sa.insert(CALLBACK).values({**row, "position": position, "aside": sa.false()})


_PUT = CompiledStatement(_put)
_DELIVERY_FAULTS = CompiledStatement(
    sa.select(
        DELIVERY_FAULTS.c.duplicate,
        DELIVERY_FAULTS.c.reorder,
        DELIVERY_FAULTS.c.delay_seconds,
        DELIVERY_FAULTS.c.drop_one_in,
        DELIVERY_FAULTS.c.same_second,
    ).where(DELIVERY_FAULTS.c.corp_id == bindparam("corp_id"))
)
_SETTINGS = CompiledStatement(
    sa.select(
        CORP.c.strict,
        DELIVERY_FAULTS.c.duplicate,
        DELIVERY_FAULTS.c.reorder,
        DELIVERY_FAULTS.c.delay_seconds,
        DELIVERY_FAULTS.c.drop_one_in,
        DELIVERY_FAULTS.c.same_second,
    )
    .outerjoin_from(CORP, DELIVERY_FAULTS, DELIVERY_FAULTS.c.corp_id == CORP.c.corp_id)
    .where(CORP.c.corp_id == bindparam("corp_id"))
)
_LAST_SECONDS = CompiledStatement(
    sa.select(CALLBACK.c.at, sa.func.count())
    .where(CALLBACK.c.corp_id == bindparam("corp_id"), CALLBACK.c.agentid == bindparam("agentid"))
    .group_by(CALLBACK.c.at)
    .order_by(CALLBACK.c.at.desc())
    .limit(1)
)
NO_DELIVERY_FAULTS = (0, 0, 0, 0, 0)
NUMBERS_OF_A_REPLY = 8


def put(context: Context, receiver: Receiver, event: Event, address: OwnAddress | None = None) -> int:
    """Writes the event for one app and returns the callback's id; applies the corp's delivery faults."""
    db, corp_id, now = context.db, context.corp_id, context.now
    strict, *faults = _SETTINGS.one(db, corp_id=corp_id) or (False, None)
    duplicate, reorder, delay, drop_one_in, same_second = (
        faults if faults[0] is not None else NO_DELIVERY_FAULTS
    )
    number = _next_number(context, event)
    at = _second_of(db, corp_id, receiver.agentid, now, same_second)
    state = "waiting" if receiver.url or address else "kept"
    if drop_one_in and random.Random(number).randrange(drop_one_in) == 0:
        state = "dropped"
    row = {
        "corp_id": corp_id,
        "id": number,
        "agentid": receiver.agentid,
        "at": at,
        "event": event.event,
        "change_type": event.change_type(),
        "xml": to_xml(corp_id, at, event),
        "state": state,
        "due_at": now + delay + (1 if reorder else 0),
        "attempts": 0,
        "copy_of": None,
        "address": json.dumps(asdict(address)) if address else None,
    }
    _PUT.run(db, **row)
    for _ in range(duplicate if state == "waiting" else 0):
        again = _next_number(context, event)
        _PUT.run(db, **{**row, "id": again, "copy_of": number})
    if strict and event.asks_for and state == "waiting":
        watch_callback(context, number, event.asks_for, event.label(), event.named())
    return number


def _next_number(context: Context, event: Event | None = None) -> int:
    """The id of a callback. Where the corp counts its own, its passive reply gets the numbers after it: that
    comes at any time, and must not change the numbers of what is done meanwhile."""
    if event is None or event.takes_reply:
        ids = context.reserved_ids(1 + NUMBERS_OF_A_REPLY)
        if ids is not None:
            return ids.next()
    return context.next_id()


def numbers_of_reply(corp_id: str, callback_id: int) -> IdBlock | None:
    """The numbers for the passive reply to a callback; None: any."""
    if not keyed_corps.is_keyed(corp_id):
        return None
    return IdBlock(callback_id, callback_id + NUMBERS_OF_A_REPLY)


def read_delivery_faults(db: Transaction, corp_id: str) -> tuple[int, ...] | None:
    """duplicate, reorder, delay_seconds, drop_one_in and same_second; None if they were never set."""
    return _DELIVERY_FAULTS.one(db, corp_id=corp_id)


def put_again(context: Context, callback: Callback, state: str) -> int:
    """Replays a callback: writes the same event as a new callback and returns its id."""
    number = _next_number(context)
    _PUT.run(
        context.db,
        corp_id=callback.corp_id,
        id=number,
        agentid=callback.agentid,
        at=callback.at,
        event=callback.event,
        change_type=callback.change_type,
        xml=callback.xml,
        state=state,
        due_at=context.now,
        attempts=0,
        copy_of=callback.id,
        address=json.dumps(callback.address) if callback.address else None,
    )
    return number


def _second_of(db: Transaction, corp_id: str, agentid: int, now: int, same_second: int) -> int:
    """CreateTime: the current second, or that of the app's last event while the fault same_second applies."""
    if not same_second:
        return now
    last = _LAST_SECONDS.one(db, corp_id=corp_id, agentid=agentid)
    return int(last[0]) if last and last[1] < same_second else now
