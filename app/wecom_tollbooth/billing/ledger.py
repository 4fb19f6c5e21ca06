"""The ledger: what was used, by whom, when. Each record is written with what it charges, and is never edited.

Every record also goes into a running total of its day, in the same statement's transaction, so that a month
is read from a few rows. The totals are a convenience: `used_from_records` gives the same from the ledger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.sql.dml import Insert

from wecom_tollbooth.billing.meters import LEVELS
from wecom_tollbooth.billing.tables import (
    LEDGER_SEAL,
    USAGE_RECORD,
    USAGE_TOTAL,
)
from wecom_tollbooth.db import CompiledStatement, Transaction, insert_into, is_duplicate
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

SHARDS = 16
"""Rows that one total may have on PostgreSQL, where calls run side by side and would wait for one row."""

_FIRST_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Used:
    """So many uses on one day, in Asia/Shanghai, by one app, of one operation with one outcome.

    `errcode` 0 is an answered call; any other a refused one, which is free unless the price book charges it.
    What an act used has agentid 0. The quantity is below 0 on a day that has only reversals.
    """

    day: date
    agentid: int
    operation: str
    meter: str
    errcode: int
    quantity: int

    @property
    def charged(self) -> bool:
        return self.errcode == 0


@dataclass(frozen=True)
class Level:
    """The most that contacts or seats, which are held and not used up, came to on a day in Asia/Shanghai."""

    day: date
    meter: str
    peak: int


class SealedHour(Exception):
    """The record belongs to an hour that was sealed a moment ago: nothing is booked."""


# --- writing ---------------------------------------------------------------------------------------------


def booking(dialect: str) -> Insert:
    """The statement that appends a record; PostgreSQL's adds it to the day's total too."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in USAGE_RECORD.columns}
    if dialect == "sqlite":
        return sa.insert(USAGE_RECORD).values(values)
    # A call reads the clock by the snapshot that its statement began with, and then waits for the lock of
    # whoever seals (see clock.HOUR_LOCK): so of an hour sealed meanwhile it may not know. The insert does.
    sealed = sa.exists().where(
        LEDGER_SEAL.c.corp_id == bindparam("corp_id"), LEDGER_SEAL.c.hour >= bindparam("hour")
    )
    booked = (
        sa.insert(USAGE_RECORD)
        .from_select(list(values), sa.select(*values.values()).where(~sealed))
        .returning(USAGE_RECORD.c.quantity)
        .cte("booked")
    )
    # The total in the same statement, because each trip to the database costs more than what it does there.
    keys = {
        name: bindparam(name, type_=column.type) for name, column in USAGE_TOTAL.primary_key.columns.items()
    }
    total: dict[str, sa.ColumnElement[Any]] = {**keys, "quantity": booked.c.quantity}
    insert = insert_into(dialect, USAGE_TOTAL).from_select(list(total), sa.select(*total.values()))
    return insert.on_conflict_do_update(
        index_elements=list(USAGE_TOTAL.primary_key.columns.keys()),
        set_={"quantity": USAGE_TOTAL.c.quantity + insert.excluded.quantity},
    )


_BOOK = CompiledStatement(booking)
_ADD_UP = CompiledStatement(
    sa.update(USAGE_TOTAL)
    .where(*(column == bindparam(column.name) for column in USAGE_TOTAL.primary_key.columns))
    .values(quantity=USAGE_TOTAL.c.quantity + bindparam("quantity"))
)
_FIRST_OF_ITS_KIND = CompiledStatement(sa.insert(USAGE_TOTAL))
"""SQLite's way: an update costs less than an insert that turns into one, and nobody comes in between."""


def book(
    tx: Transaction,
    *,
    corp_id: str,
    id: int,
    at: int,
    operation: str,
    meter: str,
    agentid: int = 0,
    errcode: int = 0,
    quantity: int = 1,
    subject: str = "",
    reverses: int | None = None,
    reason: str = "",
    by: CompiledStatement = _BOOK,
    **more: Any,
) -> None:
    """Appends one record and adds it to its day's total. Meters that are levels: levels.change().

    `by` may be a statement that does more than `booking` in the same trip, with `more` as its parameters.
    """
    record = more | {
        "corp_id": corp_id,
        "id": id,
        "at": at,
        "agentid": agentid,
        "operation": operation,
        "meter": meter,
        "errcode": errcode,
        "quantity": quantity,
        "subject": subject,
        "reverses": reverses,
        "reason": reason,
        "hour": at // clock.HOUR,
        "day": day_number(at),
        # By the id, not by the worker: the threads of one worker would wait for one another too.
        "shard": id % SHARDS if tx.dialect == "postgresql" else 0,
    }
    if not by.run(tx, **record):
        raise SealedHour(f"the hour of {at} of {corp_id} is sealed")
    if tx.dialect == "sqlite" and not _ADD_UP.run(tx, **record):
        _FIRST_OF_ITS_KIND.run(tx, **record)


# --- days ------------------------------------------------------------------------------------------------


def day_number(at: int) -> int:
    """The day, in Asia/Shanghai, that `at` falls in: days since 1970-01-01."""
    return (at + clock.SHANGHAI_SECONDS) // clock.DAY


def date_of(day: int) -> date:
    return date.fromordinal(_FIRST_DAY + day)


# --- reversing -------------------------------------------------------------------------------------------


class NotReversed(Exception):
    """A record that cannot be reversed; its text says why, in one sentence."""


def reverse(context: Context, number: int, reason: str) -> int:
    """Appends a record that takes the record `number` back; returns its id. Raises NotReversed."""
    tx, corp_id = context.db, context.corp_id
    found = tx.execute(
        sa.select(USAGE_RECORD).where(USAGE_RECORD.c.corp_id == corp_id, USAGE_RECORD.c.id == number)
    ).first()
    if found is None:
        raise NotReversed(f"the ledger has no record {number} of this corp")
    if found.reverses is not None:
        raise NotReversed(f"{number} is a reversal itself, of {found.reverses}")
    if found.meter in LEVELS:
        raise NotReversed(
            f"{number} counts {found.meter}, which follow what there is: let the contact end or begin instead"
        )
    reversal = context.next_id()
    try:
        book(
            tx,
            corp_id=corp_id,
            id=reversal,
            at=context.now,
            agentid=found.agentid,
            operation=found.operation,
            meter=found.meter,
            errcode=found.errcode,
            quantity=-found.quantity,
            subject=found.subject,
            reverses=number,
            reason=reason,
        )
    except Exception as error:
        # The index decides, not a look before it: of two who reverse at once one comes second.
        if not is_duplicate(error):
            raise
        raise NotReversed(f"{number} was reversed already") from None
    return reversal


# --- reading ---------------------------------------------------------------------------------------------


def used_by_day(tx: Transaction, corp_id: str, since: int, until: int) -> list[Used]:
    """What the corp used from the day of `since` up to but not including that of `until`, both 0:00, by day.

    From the running totals, without the meters that are levels. The corp_id "" has the calls that named no
    corp.
    """
    what = (
        USAGE_TOTAL.c.day,
        USAGE_TOTAL.c.agentid,
        USAGE_TOTAL.c.operation,
        USAGE_TOTAL.c.meter,
        USAGE_TOTAL.c.errcode,
    )
    query = (
        sa.select(*what, sa.func.sum(USAGE_TOTAL.c.quantity).label("quantity"))
        .where(
            USAGE_TOTAL.c.corp_id == corp_id,
            USAGE_TOTAL.c.day >= day_number(since),
            USAGE_TOTAL.c.day < day_number(until),
        )
        .where(USAGE_TOTAL.c.meter.not_in(LEVELS))
        .group_by(*what)
        .order_by(*what)
    )
    return _used(tx.execute(query))


def used_from_records(tx: Transaction, corp_id: str, since: int, until: int) -> list[Used]:
    """As used_by_day, from every single record: what the totals must agree with."""
    day = ((USAGE_RECORD.c.at + clock.SHANGHAI_SECONDS) // clock.DAY).label("day")
    what = (
        day,
        USAGE_RECORD.c.agentid,
        USAGE_RECORD.c.operation,
        USAGE_RECORD.c.meter,
        USAGE_RECORD.c.errcode,
    )
    places: list[sa.ColumnElement[Any]] = [sa.literal_column(str(place)) for place in range(1, len(what) + 1)]
    query = (
        sa.select(*what, sa.func.sum(USAGE_RECORD.c.quantity).label("quantity"))
        .where(USAGE_RECORD.c.corp_id == corp_id, USAGE_RECORD.c.at >= since, USAGE_RECORD.c.at < until)
        .where(USAGE_RECORD.c.meter.not_in(LEVELS))
        .group_by(*places)
        .order_by(*places)
    )
    return _used(tx.execute(query))


def records_behind(
    tx: Transaction,
    corp_id: str,
    since: int,
    until: int,
    *,
    after: tuple[int, int] = (0, 0),
    limit: int = 100,
    meters: Sequence[str] = (),
    **exactly: Any,
) -> Sequence[sa.Row[Any]]:
    """The records from `since` to before `until`, oldest first, from the one `after` (at, id) on.

    `exactly` narrows it to those whose column has that value, or to refused ones by refused=True.
    """
    query = sa.select(USAGE_RECORD).where(
        USAGE_RECORD.c.corp_id == corp_id,
        USAGE_RECORD.c.at >= max(since, after[0]),
        USAGE_RECORD.c.at < until,
        sa.tuple_(USAGE_RECORD.c.at, USAGE_RECORD.c.id) > sa.tuple_(*map(sa.literal, after)),
    )
    if meters:
        query = query.where(USAGE_RECORD.c.meter.in_(meters))
    refused = exactly.pop("refused", None)
    if refused is not None:
        query = query.where(USAGE_RECORD.c.errcode != 0 if refused else USAGE_RECORD.c.errcode == 0)
    for column, value in exactly.items():
        if value is not None:
            query = query.where(USAGE_RECORD.c[column] == value)
    return tx.execute(query.order_by(USAGE_RECORD.c.at, USAGE_RECORD.c.id).limit(limit)).all()


def _used(rows: Iterable[Any]) -> list[Used]:
    return [Used(date_of(row[0]), row[1], row[2], row[3], row[4], int(row[5])) for row in rows]
