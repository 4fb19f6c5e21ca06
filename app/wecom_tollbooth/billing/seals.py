"""Seals of the ledger: one for each past hour of a corp with records, chained to the seal before.

A seal is a SHA-256 over the previous seal and all records of the hour, in the order of their ids. No record
can be booked into a sealed hour: clock.HOUR_LOCK waits for running calls, and hours with tasks that are still
due stay open. Setting the clock back reopens the hours from there on, after checking them; they are sealed
again when they have passed again.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.billing import levels
from wecom_tollbooth.billing.ledger import date_of
from wecom_tollbooth.billing.meters import LEVELS
from wecom_tollbooth.billing.tables import LEDGER_SEAL, USAGE_LEVEL, USAGE_RECORD, USAGE_TOTAL
from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import DAY, HOUR
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

MOST_FINDINGS = 100

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
    """Seals all past hours of all corps, including deleted corps and calls without a corp."""
    with database.transaction() as tx:
        corps = (
            tx.execute(sa.select(USAGE_TOTAL.c.corp_id).distinct().order_by(USAGE_TOTAL.c.corp_id))
            .scalars()
            .all()
        )
    for corp_id in corps:
        seal_corp(database, corp_id)


def seal_corp(database: Database, corp_id: str) -> None:
    """Seals the corp's past hours, one per transaction, because all calls wait while an hour is sealed."""
    while True:
        with database.transaction() as tx:
            if not _has_open_hour(Context(database.settings, tx, corp_id)):
                return
        with database.transaction() as tx:
            clock.hold_hours(tx)
            seal_next(Context(database.settings, tx, corp_id))


def _has_open_hour(context: Context) -> bool:
    tx, corp_id = context.db, context.corp_id
    hour = _first_open_hour(tx, corp_id, _last_seal(tx, corp_id)[0])
    return hour is not None and hour < _closed_before(context)


def seal_next(context: Context) -> bool:
    """Seals the corp's first past hour that is open; False without one. Call clock.hold_hours() before."""
    tx, corp_id = context.db, context.corp_id
    last, previous_hash = _last_seal(tx, corp_id)
    hour = _first_open_hour(tx, corp_id, last)
    if hour is None or hour >= _closed_before(context):
        return False
    tx.execute(
        sa.insert(LEDGER_SEAL).values(_seal_of(corp_id, hour, previous_hash, _records(tx, corp_id, hour)))
    )
    return True


def _closed_before(context: Context) -> int:
    """The first hour that can't be sealed: the current one, or an earlier one with a task still due."""
    earliest = sa.select(sa.func.min(SCHEDULED_TASK.c.due_at)).where(
        SCHEDULED_TASK.c.corp_id == context.corp_id
    )
    waiting = context.db.execute(earliest).scalar()
    return (context.now if waiting is None else min(context.now, int(waiting))) // HOUR


def _last_seal(tx: Transaction, corp_id: str) -> tuple[int, str]:
    """The hour and hash of the corp's last seal."""
    query = sa.select(LEDGER_SEAL.c.hour, LEDGER_SEAL.c.hash).where(LEDGER_SEAL.c.corp_id == corp_id)
    found = tx.execute(query.order_by(LEDGER_SEAL.c.hour.desc()).limit(1)).first()
    return (found.hour, found.hash) if found else (-1, "")


def _first_open_hour(tx: Transaction, corp_id: str, last: int) -> int | None:
    query = sa.select(sa.func.min(USAGE_RECORD.c.at)).where(
        USAGE_RECORD.c.corp_id == corp_id, USAGE_RECORD.c.at >= (last + 1) * HOUR
    )
    at = tx.execute(query).scalar()
    return None if at is None else int(at) // HOUR


def _records(tx: Transaction, corp_id: str, hour: int) -> Iterator[Any]:
    yield from tx.execute(
        sa.select(USAGE_RECORD)
        .where(
            USAGE_RECORD.c.corp_id == corp_id,
            USAGE_RECORD.c.at >= hour * HOUR,
            USAGE_RECORD.c.at < (hour + 1) * HOUR,
        )
        .order_by(USAGE_RECORD.c.id)
    )


def _seal_of(corp_id: str, hour: int, previous_hash: str, records: Iterator[Any]) -> dict[str, Any]:
    """The seal of an hour with these records."""
    hashed = hashlib.sha256(orjson.dumps([corp_id, hour, previous_hash]))
    count = total = 0
    for record in records:
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


def reopen(tx: Transaction, at: int) -> None:
    """Removes the seals from the hour of `at` on; call clock.hold_hours() before.

    Raises SealBroken if one of these hours has changed, so that a change isn't covered up.
    """
    later = LEDGER_SEAL.c.hour >= at // HOUR
    corps = tx.execute(sa.select(LEDGER_SEAL.c.corp_id).where(later).distinct()).scalars().all()
    for corp_id in corps:
        for finding in _check_seals(tx, corp_id, at // HOUR):
            raise SealBroken(
                f"the clock can't go back over sealed hours of {corp_id!r} that have changed: "
                f"{finding.message}"
            )
    tx.execute(sa.delete(LEDGER_SEAL).where(later))


# --- checking --------------------------------------------------------------------------------------------


def verify(tx: Transaction, corp_id: str) -> Report:
    """Checks the corp's seals, totals and levels against its records."""
    levels.lock(tx, corp_id)
    sealed = tx.execute(
        sa.select(LEDGER_SEAL.c.hour, LEDGER_SEAL.c.records)
        .where(LEDGER_SEAL.c.corp_id == corp_id)
        .order_by(LEDGER_SEAL.c.hour)
    ).all()
    hours, records = len(sealed), sum(seal.records for seal in sealed)
    last = sealed[-1].hour if sealed else None
    findings: list[Finding] = []
    for check in (_check_seals(tx, corp_id), _check_totals(tx, corp_id), _check_levels(tx, corp_id)):
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
    for seal in tx.execute(query).all():
        yield from _between(tx, corp_id, next_hour, seal.hour)
        place = _shown_hour(seal.hour)
        if seal.previous_hash != previous_hash:
            yield Finding("chain", place, f"the seal of {place} does not follow the seal before it")
        found = _seal_of(corp_id, seal.hour, seal.previous_hash, _records(tx, corp_id, seal.hour))
        if found["records"] != seal.records:
            message = f"{place} was sealed with {seal.records} records and has {found['records']} now"
            yield Finding("changed", place, message)
        elif (found["hash"], found["sum"]) != (seal.hash, seal.sum):
            yield Finding(
                "changed", place, f"a record of {place} or its seal has changed since it was sealed"
            )
        previous_hash, next_hour = seal.hash, seal.hour + 1


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
    """One statement, so that a call booked meanwhile is in both records and totals or in neither."""
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
