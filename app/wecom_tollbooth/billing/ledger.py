"""The ledger: what was used, by whom, when. Records are appended with what they charge and never edited.

Each record is also added to a running total of its day in the same transaction, so that a month is read from
a few rows. `used_from_records` calculates the same from the records themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.sql.dml import Insert

from wecom_tollbooth.billing.meters import LEVELS, NOT_BY_DAY, RESTORED
from wecom_tollbooth.billing.tables import (
    LEDGER_SEAL,
    USAGE_RECORD,
    USAGE_TOTAL,
)
from wecom_tollbooth.corps.tables import UNFINISHED_CORP
from wecom_tollbooth.corps.unfinished import RESTORING
from wecom_tollbooth.db import CompiledStatement, StartOver, Transaction, insert_into, is_duplicate
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

SHARDS = 16
"""Rows of one total on PostgreSQL, where concurrent calls would otherwise wait for a single row."""

_FIRST_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Used:
    """Usage of one operation with one outcome, by one app on one day in Asia/Shanghai.

    `errcode` 0 means answered; any other refused, which is free unless the price book charges it. Usage by
    acts has agentid 0. The quantity is negative on a day that has only reversals.
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
    """The peak of a held meter (contacts or seats) on a day in Asia/Shanghai."""

    day: date
    meter: str
    peak: int


class SealedHour(StartOver):
    """The record belongs to an hour that has just been sealed; nothing was booked."""


# --- writing ---------------------------------------------------------------------------------------------


def booking(dialect: str) -> Insert:
    """The statement that appends a record; on PostgreSQL it also adds it to the day's total."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in USAGE_RECORD.columns}
    if dialect == "sqlite":
        return sa.insert(USAGE_RECORD).values(values)
    # A call reads the clock with the snapshot of its statement, and may then wait for a sealing transaction
    # (see clock.HOUR_LOCK), so it may not know that the hour was sealed meanwhile. The insert does.
    sealed = sa.exists().where(
        LEDGER_SEAL.c.corp_id == bindparam("corp_id"), LEDGER_SEAL.c.hour >= bindparam("hour")
    )
    # Likewise for a restore, which hides the corp first: what the call has read is of the state before.
    hidden = sa.exists().where(
        UNFINISHED_CORP.c.corp_id == bindparam("corp_id"), UNFINISHED_CORP.c.state == RESTORING
    )
    booked = (
        sa.insert(USAGE_RECORD)
        .from_select(list(values), sa.select(*values.values()).where(~sealed, ~hidden))
        .returning(USAGE_RECORD.c.quantity)
        .cte("booked")
    )
    # The total in the same statement, because a round trip costs more than the work in the database.
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
_ADD_TO_TOTAL = CompiledStatement(
    sa.update(USAGE_TOTAL)
    .where(*(column == bindparam(column.name) for column in USAGE_TOTAL.primary_key.columns))
    .values(quantity=USAGE_TOTAL.c.quantity + bindparam("quantity"))
)
_INSERT_TOTAL = CompiledStatement(sa.insert(USAGE_TOTAL))
"""On SQLite an update costs less than an upsert, and no other transaction can interfere."""


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
    """Appends a record and adds it to its day's total. For held meters use levels.change().

    `by` may be a statement that does more than `booking` in the same round trip, with `more` as its
    parameters.
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
        # By id and not by worker: the threads of one worker would wait for each other too.
        "shard": id % SHARDS if tx.dialect == "postgresql" else 0,
    }
    if not by.run(tx, **record):
        raise SealedHour(f"the hour of {at} of {corp_id} is sealed")
    if tx.dialect == "sqlite" and not _ADD_TO_TOTAL.run(tx, **record):
        _INSERT_TOTAL.run(tx, **record)


# --- days ------------------------------------------------------------------------------------------------


def day_number(at: int) -> int:
    """The day in Asia/Shanghai that contains `at`, as days since 1970-01-01."""
    return (at + clock.SHANGHAI_SECONDS) // clock.DAY


def date_of(day: int) -> date:
    return date.fromordinal(_FIRST_DAY + day)


# --- reversing -------------------------------------------------------------------------------------------


class NotReversed(Exception):
    """The record can't be reversed; the text says why, in one sentence."""


def reverse(context: Context, number: int, reason: str) -> int:
    """Appends a record that cancels the record `number`, and returns its id. Raises NotReversed."""
    tx, corp_id = context.db, context.corp_id
    found = tx.execute(
        sa.select(USAGE_RECORD).where(USAGE_RECORD.c.corp_id == corp_id, USAGE_RECORD.c.id == number)
    ).first()
    if found is None:
        raise NotReversed(f"the ledger has no record {number} of this corp")
    if found.reverses is not None:
        raise NotReversed(f"{number} is a reversal itself, of {found.reverses}")
    if found.meter == RESTORED:
        raise NotReversed(f"{number} is the record of a restore, which charges nothing")
    if found.meter in LEVELS:
        raise NotReversed(
            f"{number} counts {found.meter}, which can't be reversed; end or begin the contact or seat"
        )
    reversal = context.next_record_id()
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
        # The unique index decides, so that of two concurrent reversals only one succeeds.
        if not is_duplicate(error):
            raise
        raise NotReversed(f"{number} has already been reversed") from None
    return reversal


# --- reading ---------------------------------------------------------------------------------------------


def used_by_day(tx: Transaction, corp_id: str, since: int, until: int) -> list[Used]:
    """The corp's usage by day, from `since` to before `until`, both 0:00 in Asia/Shanghai.

    Read from the running totals, without held meters and restores. The corp_id "" has the calls that named no
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
        .where(USAGE_TOTAL.c.meter.not_in(NOT_BY_DAY))
        .group_by(*what)
        .order_by(*what)
    )
    return _used(tx.execute(query))


def used_from_records(tx: Transaction, corp_id: str, since: int, until: int) -> list[Used]:
    """Like used_by_day, calculated from the records: what the totals must equal."""
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
        .where(USAGE_RECORD.c.meter.not_in(NOT_BY_DAY))
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
    """The records from `since` to before `until` that follow `after` (at, id), oldest first.

    `exactly` selects by the value of columns; refused=True selects refused calls, False charged ones.
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
