"""Putting an event into the outbox, in the transaction of the act that raised it."""

import random
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.tables import CALLBACK, DELIVERY_FAULTS, Callback
from wecom_tollbooth.db import CompiledStatement, Transaction

_PUT = CompiledStatement(
    sa.insert(CALLBACK).values({column.name: bindparam(column.name) for column in CALLBACK.columns})
)
_DELIVERY_FAULTS = CompiledStatement(
    sa.select(
        DELIVERY_FAULTS.c.duplicate,
        DELIVERY_FAULTS.c.reorder,
        DELIVERY_FAULTS.c.delay_seconds,
        DELIVERY_FAULTS.c.drop_one_in,
        DELIVERY_FAULTS.c.same_second,
    ).where(DELIVERY_FAULTS.c.corp_id == bindparam("corp_id"))
)
_LAST_SECONDS = CompiledStatement(
    sa.select(CALLBACK.c.at, sa.func.count())
    .where(CALLBACK.c.corp_id == bindparam("corp_id"), CALLBACK.c.agentid == bindparam("agentid"))
    .group_by(CALLBACK.c.at)
    .order_by(CALLBACK.c.at.desc())
    .limit(1)
)
NO_DELIVERY_FAULTS = (0, 0, 0, 0, 0)


class Bare(str):
    """Text that the platform writes without CDATA."""


class Repeated(list[str]):
    """Texts that are written as so many elements of one name, without Item elements in them."""


Value = str | int | Sequence[str] | Mapping[str, "Value"] | Sequence[Mapping[str, "Value"]]
Field = tuple[str, Value]


def put(
    db: Transaction,
    *,
    corp_id: str,
    agentid: int,
    url: str,
    now: int,
    event: str,
    change_type: str,
    fields: Mapping[str, Value],
    change_type_last: bool = False,
    sender: str = "sys",
) -> int:
    """Writes one event for one app and returns the callback's id; the knobs of the corp are applied here.

    `sender` is who did it where the event's page says so, as with documents.
    `fields` follow the envelope in their order; a number is written bare, text as CDATA unless it is Bare,
    a list as Items, as WeCom does.
    """
    duplicate, reorder, delay, drop_one_in, same_second = (
        read_delivery_faults(db, corp_id) or NO_DELIVERY_FAULTS
    )
    number = db.next_id()
    at = _second_of(db, corp_id, agentid, now, same_second)
    xml = envelope(corp_id, at, event, change_type, fields, change_type_last=change_type_last, sender=sender)
    state = "waiting" if url else "kept"
    if drop_one_in and random.Random(number).randrange(drop_one_in) == 0:
        state = "dropped"
    row = {
        "corp_id": corp_id,
        "id": number,
        "agentid": agentid,
        "at": at,
        "event": event,
        "change_type": change_type,
        "xml": xml,
        "state": state,
        "due_at": now + delay + (1 if reorder else 0),
        "attempts": 0,
        "copy_of": None,
    }
    _PUT.run(db, **row)
    for _ in range(duplicate if state == "waiting" else 0):
        again = db.next_id()
        _PUT.run(db, **{**row, "id": again, "copy_of": number})
    return number


def read_delivery_faults(db: Transaction, corp_id: str) -> tuple[int, ...] | None:
    """duplicate, reorder, delay_seconds, drop_one_in, same_second; None where none was ever set."""
    return _DELIVERY_FAULTS.one(db, corp_id=corp_id)


def put_again(db: Transaction, callback: Callback, now: int, state: str) -> int:
    """A replay: the same event once more, as a callback of its own."""
    number = db.next_id()
    _PUT.run(
        db,
        corp_id=callback.corp_id,
        id=number,
        agentid=callback.agentid,
        at=callback.at,
        event=callback.event,
        change_type=callback.change_type,
        xml=callback.xml,
        state=state,
        due_at=now,
        attempts=0,
        copy_of=callback.id,
    )
    return number


def envelope(
    corp_id: str,
    at: int,
    event: str,
    change_type: str,
    fields: Mapping[str, Value],
    *,
    change_type_last: bool = False,
    sender: str = "sys",
) -> str:
    """The plain XML of an event to a self-built app (pages 92130, 97299).

    Tag events write ChangeType behind their own fields, all others before them, unless the fields have it
    in a place of its own, as with groups.
    """
    head: list[Field] = [
        ("ToUserName", corp_id),
        ("FromUserName", sender),
        ("CreateTime", at),
        ("MsgType", "event"),
        ("Event", event),
    ]
    own: list[Field] = [
        (name, one)
        for name, value in fields.items()
        for one in (value if isinstance(value, Repeated) else [value])
    ]
    kind: list[Field] = [] if "ChangeType" in fields else [("ChangeType", change_type)]
    ordered = [*head, *own, *kind] if change_type_last else [*head, *kind, *own]
    return "<xml>" + "".join(_element(name, value) for name, value in ordered) + "</xml>"


def _element(name: str, value: Value) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>" + "".join(_element(*one) for one in value.items()) + f"</{name}>"
    if not isinstance(value, str):
        items = (_element("Item", Bare(item) if isinstance(item, str) else item) for item in value)
        return f"<{name}>" + "".join(items) + f"</{name}>"
    if isinstance(value, Bare) or "]]>" in value:
        return f"<{name}>{escape(value)}</{name}>"
    return f"<{name}><![CDATA[{value}]]></{name}>"


def _second_of(db: Transaction, corp_id: str, agentid: int, now: int, same_second: int) -> int:
    """CreateTime: the present second, or the one before while the same-second knob holds."""
    if not same_second:
        return now
    last = _LAST_SECONDS.one(db, corp_id=corp_id, agentid=agentid)
    return int(last[0]) if last and last[1] < same_second else now
