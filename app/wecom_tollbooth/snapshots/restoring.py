"""Restoring a corp: its rows are replaced by those of a snapshot, while nobody sees the corp.

A small corp is restored in one transaction. A larger one is hidden first: its calls answer -1 until it is
done. Each step may be repeated, so what a killed process leaves is finished after the next start.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing import segments
from wecom_tollbooth.billing.tables import LEDGER_SEGMENT, USAGE_RECORD
from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import Slices, Transaction, run_in
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.snapshots import rows, stored
from wecom_tollbooth.snapshots.content import has_at_most
from wecom_tollbooth.snapshots.reading import NoCorp
from wecom_tollbooth.world import clock, scheduled_tasks
from wecom_tollbooth.world.context import Context

SMALL_ROWS = 4_000
"""A corp with so few rows, before and after, is restored in one transaction on SQLite."""


class NoSnapshot(LookupError):
    """The corp has no such snapshot."""


class IsBusy(Exception):
    """The corp is being restored already."""


@dataclass(frozen=True)
class Restore:
    """What is to be done, as it is noted for the process that goes on with it."""

    snapshot_id: int
    segment: int
    name: str
    taken_at: int


@dataclass(frozen=True)
class Restored:
    """What came of it."""

    superseded: int
    segment: int


def restoring(settings: Settings, corp_id: str, name: str) -> Slices[Restored]:
    """Restores the corp to the snapshot. Raises NoCorp, NoSnapshot and IsBusy."""
    is_small = yield partial(_is_small, corp_id, name)
    if is_small:
        restored: Restored = yield lambda tx: run_in(tx, _restoring(settings, corp_id, name, small=True))
        return restored
    try:
        restored = yield from _restoring(settings, corp_id, name)
    except (NoCorp, NoSnapshot, IsBusy, unfinished.GivenUp):
        raise
    except Exception:
        yield partial(unfinished.leave, corp_id=corp_id)
        raise
    return restored


def going_on(settings: Settings, corp_id: str, work: dict[str, Any]) -> Slices[None]:
    """Finishes a restore that a killed process left, and that was taken over."""
    yield from _replacing(settings, corp_id, Restore(**work))


def _is_small(corp_id: str, name: str, tx: Transaction) -> bool:
    if tx.dialect != "sqlite":
        return False  # calls under way have to end first
    snapshot = stored.find(tx, corp_id, name)
    return snapshot is None or (snapshot.rows <= SMALL_ROWS and has_at_most(tx, corp_id, SMALL_ROWS))


def _restoring(settings: Settings, corp_id: str, name: str, *, small: bool = False) -> Slices[Restored]:
    work = yield partial(_hide, corp_id, name)
    yield clock.hold_hours  # calls that saw the corp have ended then; see booking()
    return (yield from _replacing(settings, corp_id, work, small=small))


def _hide(corp_id: str, name: str, tx: Transaction) -> Restore:
    hold(tx, corp_id)
    snapshot = stored.find(tx, corp_id, name)
    if snapshot is None:
        raise NoSnapshot(f"the corp {corp_id!r} has no snapshot {name!r}")
    work = Restore(snapshot.id, next_segment(tx, corp_id), name, snapshot.taken_at)
    hide(tx, corp_id, asdict(work))
    return work


def hold(tx: Transaction, corp_id: str) -> None:
    """Makes sure that the corp is there until the transaction ends. Raises NoCorp and IsBusy."""
    found = sa.select(CORP.c.corp_id).where(CORP.c.corp_id == corp_id).with_for_update()
    if tx.execute(found).first() is None:
        if unfinished.is_being_restored(tx, corp_id):
            raise IsBusy(f"the corp {corp_id!r} is being restored already")
        raise NoCorp(f"there is no corp {corp_id!r}")


def next_segment(tx: Transaction, corp_id: str) -> int:
    last = segments.latest(tx, corp_id)
    return 1 if last is None else last.number + 1


def hide(tx: Transaction, corp_id: str, work: dict[str, Any]) -> None:
    """Hides the corp until `conclude`; `work` is what the process that goes on with it has to know."""
    unfinished.note(tx, corp_id, unfinished.RESTORING, work)
    for table in (CORP, APP):
        tx.execute(sa.delete(table).where(table.c.corp_id == corp_id))


def _replacing(settings: Settings, corp_id: str, work: Restore, *, small: bool = False) -> Slices[Restored]:
    parts = yield partial(stored.plan, corp_id=corp_id, snapshot_id=work.snapshot_id)
    of_ledger = rows.parts_of(parts, USAGE_RECORD)
    shown_at_end = rows.parts_of(parts, *rows.SHOWING)
    others = rows.parts_of(parts, *rows.SHOWING, USAGE_RECORD, but=True)
    yield from signed(corp_id, rows.merging_ledger(corp_id, work.snapshot_id, work.segment, of_ledger))
    yield from signed(corp_id, rows.clearing(corp_id, small=small))
    yield from signed(corp_id, rows.filling(corp_id, work.snapshot_id, others))
    digest = yield from digesting(corp_id, work.segment, work.name)

    def show(tx: Transaction) -> bool:
        unfinished.go_on_restoring(tx, corp_id)
        clock.shows_again(tx, corp_id, work.taken_at)
        rows.write_at_once(tx, corp_id, work.snapshot_id, shown_at_end)
        unfinished.forget(tx, corp_id)
        return conclude(Context(settings, tx, corp_id), digest)

    has_clock = yield show
    yield from scheduled_tasks.sorting_by_clock(corp_id, own_clock=has_clock)
    return Restored(digest.records, work.segment)


def digesting(corp_id: str, segment: int, name: str) -> Slices[segments.Digest]:
    """The hash of the new segment, once its records and the last seal are as they will be."""
    previous, seal_before = yield partial(_chain, corp_id, segment)
    digest = segments.Digest(corp_id, segment, name, seal_before, previous)
    yield from signed(corp_id, segments.digesting(corp_id, segment, digest))
    return digest


def _chain(corp_id: str, segment: int, tx: Transaction) -> tuple[str, str]:
    """The hash of the segment before, and that of the restored ledger's last seal."""
    before = sa.select(LEDGER_SEGMENT.c.hash).where(
        LEDGER_SEGMENT.c.corp_id == corp_id, LEDGER_SEGMENT.c.number == segment - 1
    )
    return str(tx.execute(before).scalar() or ""), segments.last_seal(tx, corp_id)[1]


def conclude(context: Context, digest: segments.Digest) -> bool:
    """Begins the segment of a corp that is shown again; returns whether it has a clock of its own.

    To be called after unfinished.forget: until then nobody books for the corp.
    """
    tx, corp_id = context.db, context.corp_id
    tx.execute(sa.update(CORP).where(CORP.c.corp_id == corp_id).values(generation=context.next_record_id()))
    segments.drop_future_seals(context)
    segments.begin(context, digest)
    return context.has_own_clock


def _signed(corp_id: str, work: Callable[[Transaction], Any], tx: Transaction) -> Any:
    unfinished.go_on_restoring(tx, corp_id)
    return work(tx)


def signed(corp_id: str, slices: Slices[None]) -> Slices[None]:
    """The slices, each with a sign of life, so that two workers never restore the same corp."""
    came = None
    try:
        while True:
            work = slices.send(came)
            came = yield None if work is None else partial(_signed, corp_id, work)
    except StopIteration:
        return
