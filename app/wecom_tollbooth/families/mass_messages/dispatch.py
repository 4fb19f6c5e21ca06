"""Makes the tasks of an accepted message: a scheduled task that works through its receivers in slices.

Each slice is one scheduled task and schedules the next, so that calls are answered in between. The members
see their tasks when the last slice is done.
"""

import json
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.offboarding import left_behind
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.mass_messages.receivers import (
    Selection,
    Shape,
    named,
    one_for_each,
    parameters,
    relations,
    shape_of,
)
from wecom_tollbooth.families.mass_messages.tables import (
    GROUP,
    MAKING_TASKS,
    MASS_MESSAGE,
    MASS_RECEIVER,
    MASS_TASK,
    NOT_SENT,
    SENDING,
)
from wecom_tollbooth.families.phones.screens import WAITING, show, write_message
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

KIND = "mass_message_receivers"
DELAY_SECONDS = 1
"""At least, from the call to the tasks, by the simulator's clock: who asks at once gets 41063."""
ALL_NOTED = "."
"""In the place of an id: the receivers are noted, and the tasks are due."""
SLICE = 190
"""Receivers in one transaction."""

_SELECTION = CompiledStatement(
    sa.select(MASS_MESSAGE.c.chat_type, MASS_MESSAGE.c.create_time, MASS_MESSAGE.c.selection).where(
        MASS_MESSAGE.c.corp_id == bindparam("corp_id"),
        MASS_MESSAGE.c.seq == bindparam("seq"),
        MASS_MESSAGE.c.state == MAKING_TASKS,
    )
)
_HEADER = CompiledStatement(
    sa.select(
        MASS_MESSAGE.c.msgid,
        MASS_MESSAGE.c.agentid,
        MASS_MESSAGE.c.chat_type,
        MASS_MESSAGE.c.allow_select,
        MASS_MESSAGE.c.content,
    ).where(MASS_MESSAGE.c.corp_id == bindparam("corp_id"), MASS_MESSAGE.c.seq == bindparam("seq"))
)
_NEXT_SENDER = CompiledStatement(
    sa.select(sa.func.min(MASS_RECEIVER.c.userid)).where(
        MASS_RECEIVER.c.corp_id == bindparam("corp_id"),
        MASS_RECEIVER.c.message == bindparam("message"),
        MASS_RECEIVER.c.userid > bindparam("after"),
    )
)
_ADD_TASK = CompiledStatement(
    sa.insert(MASS_TASK).values({column.name: bindparam(column.name) for column in MASS_TASK.columns})
)
_READY = CompiledStatement(
    sa.update(MASS_MESSAGE)
    .where(MASS_MESSAGE.c.corp_id == bindparam("corp"), MASS_MESSAGE.c.seq == bindparam("number"))
    .values(state=SENDING, selection=bindparam("nothing"), task_message=bindparam("shown"))
)


BY_NAME, BY_SENDER, BY_CUSTOMER = "name", "sender", "customer"
"""How receivers are worked through: those named, the relations of one sender, all customers by their ids."""


def _last(column: sa.ColumnElement[Any], *among: sa.ColumnElement[bool]) -> CompiledStatement:
    """The last of the next `most` values of the column of FOLLOW_USER behind `after`."""
    some = (
        sa.select(column.label("value"))
        .where(FOLLOW_USER.c.corp_id == bindparam("corp_id"), column > bindparam("after"), *among)
        .order_by(column)
        .limit(bindparam("most"))
        .subquery()
    )
    return CompiledStatement(sa.select(sa.func.max(some.c.value)))


_LAST = _last(FOLLOW_USER.c.external_userid)
_LAST_OF_SENDER = _last(FOLLOW_USER.c.seq, FOLLOW_USER.c.userid == bindparam("sender"))


@cache
def _note(by: str, shape: Shape) -> CompiledStatement:
    def statement(dialect: str) -> sa.ClauseElement:
        some = relations(dialect, shape)
        if by == BY_NAME:
            some = some.where(named(dialect))
        else:
            column = FOLLOW_USER.c.seq if by == BY_SENDER else FOLLOW_USER.c.external_userid
            some = some.where(column > bindparam("after"), column <= bindparam("upto"))
        chosen = (some if shape.has_sender else one_for_each(dialect, some)).subquery()
        rows = sa.select(
            bindparam("corp_id", type_=sa.String),
            sa.cast(bindparam("of_message"), sa.BigInteger),
            chosen.c.userid,
            chosen.c.external_userid,
            sa.literal_column(str(NOT_SENT)),
        )
        return sa.insert(MASS_RECEIVER).from_select(
            ["corp_id", "message", "userid", "receiver", "status"], rows
        )

    return CompiledStatement(statement)


left_behind(MASS_TASK.c.userid, MASS_TASK.c.state == WAITING)


def schedule_tasks(context: Context, message: int, after: str = "", *, at: int | None = None) -> None:
    """Has the tasks of the message made, of its receivers behind `after`."""
    schedule(context, KIND, context.now if at is None else at, f"{message}|{after}")


@scheduled_task(KIND, alone=True)
def make_tasks(act: Act, reference: str) -> None:
    """Notes the next receivers of a message, or makes the members' tasks when all are noted."""
    number, _, after = reference.partition("|")
    message = int(number)
    row = _SELECTION.one(act.db, corp_id=act.corp_id, seq=message)
    if row is None:
        return
    chat_type, create_time, selection = row[0], row[1], orjson.loads(row[2])
    if after != ALL_NOTED:
        upto = None
        if chat_type == GROUP:
            _note_groups(act, message, selection)
        else:
            upto = _note_customers(act, message, selection, after)
        if upto is not None:
            schedule_tasks(act, message, upto)
            return
        if act.now < create_time + DELAY_SECONDS:
            schedule_tasks(act, message, ALL_NOTED, at=create_time + DELAY_SECONDS)
            return
    senders = [selection["sender"]] if chat_type == GROUP else _senders(act, message)
    _finish(act, message, _without_gone(act, message, senders))


def _note_customers(act: Act, message: int, selection: Selection, after: str) -> str | None:
    """Notes SLICE receivers behind `after`; returns where the next slice begins, None at the end."""
    given: dict[str, Any] = parameters(selection) | {"corp_id": act.corp_id, "of_message": message}
    if "customers" in selection:
        by, start = BY_NAME, int(after or 0)
        these = selection["customers"][start : start + SLICE]
        upto = str(start + SLICE) if these else None
        given["customers"] = orjson.dumps(these).decode()
    elif "sender" in selection:
        by, begin = BY_SENDER, int(after or 0)
        row = _LAST_OF_SENDER.one(
            act.db, corp_id=act.corp_id, sender=selection["sender"], after=begin, most=SLICE
        )
        upto = None if row is None or row[0] is None else str(row[0])
        given |= {"after": begin, "upto": int(upto or 0)}
    else:
        by = BY_CUSTOMER
        row = _LAST.one(act.db, corp_id=act.corp_id, after=after, most=SLICE)
        upto = None if row is None else row[0]
        given |= {"after": after, "upto": upto}
    if upto is not None:
        _note(by, shape_of(selection)).run(act.db, **given)
    return upto


def _note_groups(act: Act, message: int, selection: Selection) -> None:
    rows = [
        {
            "corp_id": act.corp_id,
            "message": message,
            "userid": selection["sender"],
            "receiver": chat_id,
            "status": NOT_SENT,
        }
        for chat_id in selection.get("groups", [])
    ]
    if rows:
        act.db.execute(sa.insert(MASS_RECEIVER), rows)


def _senders(act: Act, message: int) -> list[str]:
    """The members of the noted receivers; each is found by one step in the index."""
    senders: list[str] = []
    while True:
        after = senders[-1] if senders else ""
        row = _NEXT_SENDER.one(act.db, corp_id=act.corp_id, message=message, after=after)
        if row is None or row[0] is None:
            return senders
        senders.append(row[0])


def _without_gone(act: Act, message: int, senders: list[str]) -> list[str]:
    """The senders who may still send: who left since the call gets no task, and their receivers go."""
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == act.corp_id, MAY_HAVE_CUSTOMERS)
    present = set(act.db.execute(query).scalars())
    for userid in senders:
        if userid not in present:
            act.db.execute(
                sa.delete(MASS_RECEIVER).where(
                    MASS_RECEIVER.c.corp_id == act.corp_id,
                    MASS_RECEIVER.c.message == message,
                    MASS_RECEIVER.c.userid == userid,
                )
            )
    return [userid for userid in senders if userid in present]


def _finish(act: Act, message: int, senders: list[str]) -> None:
    """Makes the members' tasks and shows them on their phones."""
    header = _HEADER.one(act.db, corp_id=act.corp_id, seq=message)
    assert header is not None
    msgid, agentid, chat_type, allow_select, content = header
    body = {"msgid": msgid, "chat_type": chat_type, "allow_select": bool(allow_select), **json.loads(content)}
    shown = write_message(act, "mass_message_task", str(agentid), body)
    _ADD_TASK.many(
        act.db,
        [
            {
                "corp_id": act.corp_id,
                "message": message,
                "userid": userid,
                "state": WAITING,
                "confirmed_at": None,
                "phone_message": None,
            }
            for userid in senders
        ],
    )
    show(act, shown, senders, WAITING)
    _READY.run(act.db, corp=act.corp_id, number=message, nothing=None, shown=shown)
