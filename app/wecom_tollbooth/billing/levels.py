"""Held meters, such as contacts: their current level, and their peak on each day.

A change is a ledger record like any other. The level at the end of each day and its peak are stored as well;
a day without a change has no row and takes the level of the day before when it is read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing.ledger import Level, book, date_of, day_number
from wecom_tollbooth.billing.meters import LEVELS
from wecom_tollbooth.billing.tables import USAGE_LEVEL, USAGE_RECORD
from wecom_tollbooth.db import CompiledStatement, Transaction, upsert
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

_OF_CORP = sa.func.hashtext(bindparam("corp_id"), type_=sa.Integer)
_LOCK = CompiledStatement(sa.select(sa.func.pg_advisory_xact_lock(740_004, _OF_CORP)))
_LATEST = CompiledStatement(
    sa.select(
        USAGE_LEVEL.c.day,
        USAGE_LEVEL.c.level,
        USAGE_LEVEL.c.peak,
        USAGE_LEVEL.c.last_at,
        USAGE_LEVEL.c.last_id,
    )
    .where(
        USAGE_LEVEL.c.corp_id == bindparam("corp_id"),
        USAGE_LEVEL.c.meter == bindparam("meter"),
        USAGE_LEVEL.c.day <= bindparam("day"),
    )
    .order_by(USAGE_LEVEL.c.day.desc())
    .limit(1)
)
_WRITE = CompiledStatement(lambda dialect: upsert(dialect, USAGE_LEVEL, ("corp_id", "meter", "day")))
_MOVE_LATER = CompiledStatement(
    sa.update(USAGE_LEVEL)
    .where(
        USAGE_LEVEL.c.corp_id == bindparam("of_corp_id"),
        USAGE_LEVEL.c.meter == bindparam("of_meter"),
        USAGE_LEVEL.c.day > bindparam("of_day"),
    )
    .values(level=USAGE_LEVEL.c.level + bindparam("change"), peak=USAGE_LEVEL.c.peak + bindparam("change"))
)


def lock(tx: Transaction, corp_id: str) -> None:
    """Locks the corp's levels until the transaction ends.

    Take it before checking whether there is something to change. SQLite has one transaction at a time.
    """
    if tx.dialect == "postgresql":
        _LOCK.one(tx, corp_id=corp_id)


def change(
    context: Context, meter: str, by: int, operation: str, subject: str = "", *, number: int | None = None
) -> None:
    """Books a change of the level by `by` now, in the record `number` or a new one; `lock` must be held."""
    change_each(context, meter, by, operation, [(subject, 0)], [number] if number is not None else None)


def change_each(
    context: Context,
    meter: str,
    by: int,
    operation: str,
    whose: Sequence[tuple[str, int]],
    numbers: Sequence[int] | None = None,
) -> None:
    """Like `change` for each (subject, agentid), with a record for each and the level read once."""
    if not whose:
        return
    tx, corp_id, at = context.db, context.corp_id, context.now
    numbers = numbers or [context.next_record_id() for _ in whose]
    for number, (subject, agentid) in zip(numbers, whose, strict=True):
        book(
            tx,
            corp_id=corp_id,
            id=number,
            at=at,
            agentid=agentid,
            operation=operation,
            meter=meter,
            quantity=by,
            subject=subject,
        )
    first, last, total = min(numbers), max(numbers), by * len(numbers)
    day = day_number(at)
    found = _LATEST.one(tx, corp_id=corp_id, meter=meter, day=day) or (day - 1, 0, 0, 0, 0)
    of_day, before, peak, last_at, last_id = found
    if of_day < day:
        level, peak = before + total, max(before, before + total)
    elif (at, first) > (last_at, last_id):
        level, peak = before + total, max(peak, before + total)
    else:
        # The clock was set back within the day, or another worker's ids are higher: calculate the day again
        # from its records, in the order of their times.
        start = _LATEST.one(tx, corp_id=corp_id, meter=meter, day=day - 1)
        level, peak = _through_a_day(tx, corp_id, meter, day, start[1] if start else 0)
    at_last, id_last = max((at, last), (last_at, last_id)) if of_day == day else (at, last)
    _WRITE.run(
        tx,
        corp_id=corp_id,
        meter=meter,
        day=day,
        level=level,
        peak=peak,
        last_at=at_last,
        last_id=id_last,
    )
    _MOVE_LATER.run(tx, of_corp_id=corp_id, of_meter=meter, of_day=day, change=total)


def level_now(tx: Transaction, corp_id: str, meter: str) -> int:
    """The current level, after all booked changes."""
    latest = _LATEST.one(tx, corp_id=corp_id, meter=meter, day=day_number(clock.LATEST))
    return int(latest[1]) if latest else 0


# --- reading ---------------------------------------------------------------------------------------------


def levels_by_day(context: Context, since: int, until: int) -> list[Level]:
    """The peak of each meter on each day from `since` to before `until`.

    A day's peak is at least the level at its beginning. Days with a peak of 0 and days in the future are
    omitted.
    """
    tx, corp_id = context.db, context.corp_id
    first, after_last = day_number(since), _last_day(context, until)
    query = (
        sa.select(USAGE_LEVEL.c.meter, USAGE_LEVEL.c.day, USAGE_LEVEL.c.level, USAGE_LEVEL.c.peak)
        .where(USAGE_LEVEL.c.corp_id == corp_id, USAGE_LEVEL.c.day >= first, USAGE_LEVEL.c.day < after_last)
        .order_by(USAGE_LEVEL.c.day)
    )
    rows: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in tx.execute(query):
        rows[row.meter][row.day] = (row.level, row.peak)
    return [
        found
        for meter in LEVELS
        for found in _each_day(meter, first, after_last, _before(tx, corp_id, meter, first), rows[meter])
    ]


def levels_from_records(
    context: Context,
    since: int,
    until: int,
    *,
    meters: Sequence[str] = LEVELS,
    agentids: Collection[int] | None = None,
) -> list[Level]:
    """Like levels_by_day, calculated from the records: what the stored levels must equal.

    With `agentids`, only the changes by those apps.
    """
    first, after_last = day_number(since), _last_day(context, until)
    found: list[Level] = []
    for meter in meters:
        days = dict(walk_through_records(context.db, context.corp_id, meter, agentids))
        start = max((day for day in days if day < first), default=None)
        found += _each_day(meter, first, after_last, 0 if start is None else days[start][0], days)
    return found


def walk_through_records(
    tx: Transaction, corp_id: str, meter: str, agentids: Collection[int] | None = None
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yields each day on which the meter changed with (level at its end, peak), from the records."""
    query = (
        sa.select(USAGE_RECORD.c.at, USAGE_RECORD.c.quantity)
        .where(USAGE_RECORD.c.corp_id == corp_id, USAGE_RECORD.c.meter == meter)
        .order_by(USAGE_RECORD.c.at, USAGE_RECORD.c.id)
    )
    if agentids is not None:
        query = query.where(USAGE_RECORD.c.agentid.in_(agentids))
    level = 0
    rows = tx.execute(query.execution_options(yield_per=1_000))
    for day, records in groupby(rows, key=lambda record: day_number(record.at)):
        tx.breathe()
        peak = level
        for record in records:
            level += record.quantity
            peak = max(peak, level)
        yield day, (level, peak)


def _through_a_day(tx: Transaction, corp_id: str, meter: str, day: int, level: int) -> tuple[int, int]:
    """(level at the end, peak) of a day that began with `level`, from the records of the day."""
    query = (
        sa.select(USAGE_RECORD.c.quantity)
        .where(
            USAGE_RECORD.c.corp_id == corp_id,
            USAGE_RECORD.c.meter == meter,
            USAGE_RECORD.c.at >= _begin_of(day),
            USAGE_RECORD.c.at < _begin_of(day + 1),
        )
        .order_by(USAGE_RECORD.c.at, USAGE_RECORD.c.id)
    )
    peak = level
    for row in tx.execute(query):
        level += row.quantity
        peak = max(peak, level)
    return level, peak


def _each_day(
    meter: str, first: int, after_last: int, level: int, rows: dict[int, tuple[int, int]]
) -> Iterator[Level]:
    for day in range(first, after_last):
        level, peak = rows.get(day, (level, level))
        if peak:
            yield Level(date_of(day), meter, peak)


def _before(tx: Transaction, corp_id: str, meter: str, day: int) -> int:
    found = _LATEST.one(tx, corp_id=corp_id, meter=meter, day=day - 1)
    return int(found[1]) if found else 0


def _last_day(context: Context, until: int) -> int:
    return min(day_number(until), day_number(context.now) + 1)


def _begin_of(day: int) -> int:
    return day * clock.DAY - clock.SHANGHAI_SECONDS
