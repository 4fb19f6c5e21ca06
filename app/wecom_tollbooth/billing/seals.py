"""Seals of the ledger: one for each past hour of a corp with records, chained to the seal before.

A seal is a SHA-256 over the previous seal and all records of the hour, in the order of their ids. The records
are hashed beside the calls, as a reading sees them; the seals are written in a short transaction if none was
added meanwhile. No record can be booked into a sealed hour: clock.HOUR_LOCK waits for running calls, and
hours with tasks that are still due stay open. The hours are those of the corp's clock. Setting it back
reopens them from there on, after checking them; they are sealed again when they have passed again.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.billing import levels, segments
from wecom_tollbooth.billing.ledger import date_of
from wecom_tollbooth.billing.meters import LEVELS
from wecom_tollbooth.billing.tables import LEDGER_SEAL, USAGE_LEVEL, USAGE_RECORD, USAGE_TOTAL
from wecom_tollbooth.corps.unfinished import is_being_restored
from wecom_tollbooth.db import Database, Transaction, reading
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import CORP_CLOCK, DAY, HOUR
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

MOST_FINDINGS = 100

ROWS_AT_A_TIME, BREATHE_EVERY = 1_000, 100

HOURS_AT_ONCE, RECORDS_AT_ONCE = 100, 50_000
"""What one transaction seals: its records are counted while all calls wait."""

_HOUR = USAGE_RECORD.c.at // HOUR


class SealBroken(Exception):
    """Sealed hours have changed; the text says which, in one sentence."""


@dataclass(frozen=True)
class Finding:
    """Something wrong; `kind` is changed, added, chain, total or level."""

    kind: str
    place: str
    message: str


@dataclass(frozen=True)
class Report:
    """The result of checking one corp's ledger."""

    hours: int
    records: int
    sealed_until: int | None
    findings: tuple[Finding, ...]


# --- sealing ---------------------------------------------------------------------------------------------


def seal_all(database: Database) -> None:
    """Seals all past hours of all corps, including deleted corps and calls without a corp.

    For a thread: it holds calls only for the moments in which seals are written.
    """
    with reading(database) as tx:
        corps = (
            tx.execute(sa.select(USAGE_TOTAL.c.corp_id).distinct().order_by(USAGE_TOTAL.c.corp_id))
            .scalars()
            .all()
        )
        has_open = [
            corp_id
            for corp_id in corps
            if not is_being_restored(tx, corp_id) and _first_past_hour(database, tx, corp_id) is not None
        ]
    for corp_id in has_open:
        seal_corp(database, corp_id)


def seal_corp(database: Database, corp_id: str) -> None:
    """Seals the corp's past hours; like seal_all."""
    while True:
        with reading(database) as tx:
            seals = next_seals(Context(database.settings, tx, corp_id))
        if not seals:
            return
        with database.transaction() as tx:
            clock.hold_hours(tx)
            write(Context(database.settings, tx, corp_id), seals)


def next_seals(context: Context) -> list[dict[str, Any]]:
    """The seals of the corp's first past hours that are open, as many as one transaction can write."""
    tx, corp_id = context.db, context.corp_id
    last, previous_hash = _chain_end(tx, corp_id)
    seals: list[dict[str, Any]] = []
    before, records = _closed_before(context), 0
    while len(seals) < HOURS_AT_ONCE and records < RECORDS_AT_ONCE:
        hour = _first_open_hour(tx, corp_id, last)
        if hour is None or hour >= before:
            break
        seal = _seal_of(tx, corp_id, hour, previous_hash)
        seals.append(seal)
        last, previous_hash, records = hour, seal["hash"], records + seal["records"]
    return seals


def write(context: Context, seals: list[dict[str, Any]]) -> None:
    """Writes the seals unless the ledger has changed under them; call clock.hold_hours() before."""
    tx, corp_id = context.db, context.corp_id
    first, last = seals[0]["hour"], seals[-1]["hour"]
    sealed_before, hash_before = _chain_end(tx, corp_id)
    records = sa.select(sa.func.count()).where(
        USAGE_RECORD.c.corp_id == corp_id,
        USAGE_RECORD.c.at >= (sealed_before + 1) * HOUR,
        USAGE_RECORD.c.at < (last + 1) * HOUR,
    )
    if (
        sealed_before < first
        and hash_before == seals[0]["previous_hash"]
        and last < _closed_before(context)
        and tx.execute(records).scalar_one() == sum(seal["records"] for seal in seals)
    ):
        tx.execute(sa.insert(LEDGER_SEAL), seals)


def _first_past_hour(database: Database, tx: Transaction, corp_id: str) -> int | None:
    hour = _first_open_hour(tx, corp_id, segments.last_seal(tx, corp_id)[0])
    if hour is not None and hour < _closed_before(Context(database.settings, tx, corp_id)):
        return hour
    return None


def _closed_before(context: Context) -> int:
    """The first hour that can't be sealed: the current one, or an earlier one with a task still due."""
    earliest = sa.select(sa.func.min(SCHEDULED_TASK.c.due_at)).where(
        SCHEDULED_TASK.c.corp_id == context.corp_id
    )
    waiting = context.db.execute(earliest).scalar()
    return (context.now if waiting is None else min(context.now, int(waiting))) // HOUR


def _chain_end(tx: Transaction, corp_id: str) -> tuple[int, str]:
    """The hour of the corp's last seal, and the hash that the next one is chained to."""
    hour, last_hash = segments.last_seal(tx, corp_id)
    segment = segments.latest(tx, corp_id)
    return hour, segment.hash if segment is not None and segment.seal_before == last_hash else last_hash


def _first_open_hour(tx: Transaction, corp_id: str, last: int) -> int | None:
    query = sa.select(sa.func.min(USAGE_RECORD.c.at)).where(
        USAGE_RECORD.c.corp_id == corp_id, USAGE_RECORD.c.at >= (last + 1) * HOUR
    )
    at = tx.execute(query).scalar()
    return None if at is None else int(at) // HOUR


def _records(tx: Transaction, corp_id: str, hour: int) -> Iterator[Any]:
    """The records of the hour in the order of their ids; few of them are in memory at a time."""
    query = (
        sa.select(USAGE_RECORD)
        .where(
            USAGE_RECORD.c.corp_id == corp_id,
            USAGE_RECORD.c.at >= hour * HOUR,
            USAGE_RECORD.c.at < (hour + 1) * HOUR,
        )
        # Plus 0, because SQLite would take the order from the primary key and read all records of the corp.
        .order_by(USAGE_RECORD.c.id + 0)
    )
    for number, record in enumerate(tx.execute(query.execution_options(yield_per=ROWS_AT_A_TIME))):
        if number % BREATHE_EVERY == 0:
            tx.breathe()
        yield record


def _seal_of(tx: Transaction, corp_id: str, hour: int, previous_hash: str) -> dict[str, Any]:
    """The seal of an hour."""
    hashed = hashlib.sha256(orjson.dumps([corp_id, hour, previous_hash]))
    count = total = 0
    for record in _records(tx, corp_id, hour):
        hashed.update(orjson.dumps(tuple(record)))
        count += 1
        total += record.quantity
    return {
        "corp_id": corp_id,
        "hour": hour,
        "records": count,
        "sum": total,
        "hash": hashed.hexdigest(),
        "previous_hash": previous_hash,
    }


# --- setting the clock back -------------------------------------------------------------------------------


def refuse_to_reopen_changed(tx: Transaction, at: int, corp_id: str = clock.SERVER) -> None:
    """Raises SealBroken if an hour from that of `at` on has changed, so that a change isn't covered up.

    Of the corp, or of all that follow the server's clock.
    """
    corps = tx.execute(sa.select(LEDGER_SEAL.c.corp_id).where(_from(at, corp_id)).distinct()).scalars().all()
    for corp_id in corps:
        for finding in _check_seals(tx, corp_id, at // HOUR):
            raise SealBroken(
                f"the clock can't go back over sealed hours of {corp_id!r} that have changed: "
                f"{finding.message}"
            )


def reopen(tx: Transaction, at: int, corp_id: str = clock.SERVER) -> None:
    """Removes the seals from the hour of `at` on, of the same corps; call clock.hold_hours() before."""
    tx.execute(sa.delete(LEDGER_SEAL).where(_from(at, corp_id)))


def _from(at: int, corp_id: str) -> sa.ColumnElement[bool]:
    has_own_clock = sa.exists().where(CORP_CLOCK.c.corp_id == LEDGER_SEAL.c.corp_id)
    these = sa.not_(has_own_clock) if corp_id == clock.SERVER else LEDGER_SEAL.c.corp_id == corp_id
    return (LEDGER_SEAL.c.hour >= at // HOUR) & these


# --- checking --------------------------------------------------------------------------------------------


def verify(tx: Transaction, corp_id: str) -> Report:
    """Checks the corp's seals, totals and levels against its records, all as one reading sees them."""
    sealed = tx.execute(
        sa.select(LEDGER_SEAL.c.hour, LEDGER_SEAL.c.records)
        .where(LEDGER_SEAL.c.corp_id == corp_id)
        .order_by(LEDGER_SEAL.c.hour)
    ).all()
    hours, records = len(sealed), sum(seal.records for seal in sealed)
    last = sealed[-1].hour if sealed else None
    findings: list[Finding] = []
    checks = (_check_seals, _check_segments, _check_totals, _check_levels)
    for check in (check(tx, corp_id) for check in checks):
        for finding in check:
            findings.append(finding)
            if len(findings) == MOST_FINDINGS:
                break
    return Report(hours, records, None if last is None else (last + 1) * HOUR, tuple(findings))


def _check_seals(tx: Transaction, corp_id: str, since: int = 0) -> Iterator[Finding]:
    """Checks that each hour from `since` to the last seal is unchanged and chained to the one before."""
    before = sa.select(LEDGER_SEAL.c.hash).where(LEDGER_SEAL.c.corp_id == corp_id, LEDGER_SEAL.c.hour < since)
    previous_hash = tx.execute(before.order_by(LEDGER_SEAL.c.hour.desc()).limit(1)).scalar() or ""
    query = (
        sa.select(LEDGER_SEAL)
        .where(LEDGER_SEAL.c.corp_id == corp_id, LEDGER_SEAL.c.hour >= since)
        .order_by(LEDGER_SEAL.c.hour)
    )
    next_hour = since
    after: defaultdict[str, set[str]] = defaultdict(set)
    for segment in segments.all_of(tx, corp_id):
        after[segment.seal_before].add(segment.hash)
    for seal in tx.execute(query).all():
        yield from _between(tx, corp_id, next_hour, seal.hour)
        place = _shown_hour(seal.hour)
        if seal.previous_hash not in {previous_hash, *after[previous_hash]}:
            yield Finding("chain", place, f"the seal of {place} does not follow the seal before it")
        found = _seal_of(tx, corp_id, seal.hour, seal.previous_hash)
        if found["records"] != seal.records:
            message = f"{place} was sealed with {seal.records} records and has {found['records']} now"
            yield Finding("changed", place, message)
        elif (found["hash"], found["sum"]) != (seal.hash, seal.sum):
            yield Finding(
                "changed", place, f"a record of {place} or its seal has changed since it was sealed"
            )
        previous_hash, next_hour = seal.hash, seal.hour + 1


def _check_segments(tx: Transaction, corp_id: str) -> Iterator[Finding]:
    """Checks that what restores took out of the ledger is unchanged, and that no segment is missing."""
    previous_hash = ""
    for place, segment in enumerate(segments.all_of(tx, corp_id), 1):
        named = f"segment {segment.number}"
        if segment.number != place or segment.previous_hash != previous_hash:
            yield Finding("chain", named, f"{named} does not follow the segment before it")
        if segments.digest(tx, segment) != (segment.records, segment.sum, segment.hash):
            message = f"a superseded record of {named}, or the segment itself, has changed since the restore"
            yield Finding("changed", named, message)
        previous_hash = segment.hash


def _between(tx: Transaction, corp_id: str, since: int, until: int) -> Iterator[Finding]:
    """Finds records in hours that had none when later hours were sealed."""
    query = (
        sa.select(_HOUR.label("hour"), sa.func.count().label("records"))
        .where(
            USAGE_RECORD.c.corp_id == corp_id,
            USAGE_RECORD.c.at >= since * HOUR,
            USAGE_RECORD.c.at < until * HOUR,
        )
        .group_by(sa.literal_column("1"))
        .order_by(sa.literal_column("1"))
    )
    for row in tx.execute(query):
        place = _shown_hour(row.hour)
        yield Finding(
            "added", place, f"{place} has {row.records} records and no seal, but later hours are sealed"
        )


def _check_totals(tx: Transaction, corp_id: str) -> Iterator[Finding]:
    day = (USAGE_RECORD.c.at + clock.SHANGHAI_SECONDS) // DAY
    keys = ("meter", "operation", "errcode", "agentid")
    records = sa.select(day.label("day"), *(USAGE_RECORD.c[name] for name in keys), USAGE_RECORD.c.quantity)
    totals = sa.select(USAGE_TOTAL.c.day, *(USAGE_TOTAL.c[name] for name in keys), -USAGE_TOTAL.c.quantity)
    both = sa.union_all(
        records.where(USAGE_RECORD.c.corp_id == corp_id), totals.where(USAGE_TOTAL.c.corp_id == corp_id)
    ).subquery()
    group = (both.c.day, *(both.c[name] for name in keys))
    difference = sa.func.sum(both.c.quantity)
    query = sa.select(*group, difference.label("difference")).group_by(*group)
    query = query.having(difference != 0).order_by(*group)
    for row in tx.execute(query.limit(MOST_FINDINGS)):
        place = f"{date_of(row.day)} {row.meter} {row.operation}"
        more = f"{row.difference} more than their total"
        message = f"the records of {place}, errcode {row.errcode}, add up to {more}"
        yield Finding("total", place, message)


def _check_levels(tx: Transaction, corp_id: str) -> Iterator[Finding]:
    for meter in LEVELS:
        days = dict(levels.walk_through_records(tx, corp_id, meter))
        query = sa.select(USAGE_LEVEL.c.day, USAGE_LEVEL.c.level, USAGE_LEVEL.c.peak)
        kept = {
            row.day: (row.level, row.peak)
            for row in tx.execute(query.where(USAGE_LEVEL.c.corp_id == corp_id, USAGE_LEVEL.c.meter == meter))
        }
        for day in sorted(days.keys() | kept.keys()):
            if days.get(day) != kept.get(day):
                place = f"{date_of(day)} {meter}"
                yield Finding("level", place, f"the records of {place} don't add up to its level and peak")


def _shown_hour(hour: int) -> str:
    """ "2026-08-01T09:00+08:00"."""
    return datetime.fromtimestamp(hour * HOUR, clock.SHANGHAI).isoformat(timespec="minutes")
