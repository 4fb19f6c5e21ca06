"""Resetting a corp to its seed: it is made again with the same ids and at the same time.

What it was made with, and what `POST …/seed` added, is noted in `corp_seed`; an imported corp goes back to
what was imported. Like a restore, a reset supersedes records of the ledger and may go on after a kill.
"""

from functools import partial
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.advice.noting import set_strict
from wecom_tollbooth.billing import segments
from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.tables import CORP, CORP_SEED
from wecom_tollbooth.db import Database, IdBlock, Slices, Transaction, run_in
from wecom_tollbooth.seeds.additions import filling
from wecom_tollbooth.seeds.corps import Again, Making, NewCorp
from wecom_tollbooth.seeds.seeding import Seeding, note_seed
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.snapshots import restoring, rows, stored
from wecom_tollbooth.snapshots.content import has_at_most
from wecom_tollbooth.snapshots.reading import NoCorp
from wecom_tollbooth.snapshots.restoring import IsBusy, Restored
from wecom_tollbooth.world import clock, scheduled_tasks
from wecom_tollbooth.world.context import Context

SEEDS = "seeds"


class NoSeed(Exception):
    """The corp was made by an earlier version, which noted no seed: one sentence."""


def resetting(database: Database, corp_id: str) -> Slices[Restored]:
    """Resets the corp. Raises NoCorp, NoSeed and IsBusy."""
    settings = database.settings
    if (yield partial(stored.find, corp_id=corp_id, name=stored.IMPORTED)) is not None:
        return (yield from restoring.restoring(settings, corp_id, stored.IMPORTED))
    if (yield partial(_is_small, corp_id)):
        done: Restored = yield lambda tx: run_in(tx, _resetting(settings, corp_id, small=True))
        return done
    try:
        return (yield from _resetting(settings, corp_id))
    except (NoCorp, NoSeed, IsBusy, unfinished.GivenUp):
        raise
    except Exception:
        yield partial(unfinished.leave, corp_id=corp_id)
        raise


def going_on(settings: Settings) -> Slices[int]:
    """Finishes the restores and resets that killed processes left; returns how many."""
    finished = 0
    while (found := (yield unfinished.take_over)) is not None:
        corp_id, work = found
        if SEEDS in work:
            yield from _making_again(settings, corp_id, work)
        else:
            yield from restoring.going_on(settings, corp_id, work)
        finished += 1
    return finished


def _is_small(corp_id: str, tx: Transaction) -> bool:
    if tx.dialect != "sqlite":
        return False
    seeds = _seeds(tx, corp_id)
    wanted = sum(
        NewCorp.of_json(one["wanted"]).rows if one["number"] == 0 else sum(one["wanted"].values())
        for one in seeds
    )
    few = restoring.SMALL_ROWS
    return wanted * 4 <= few and has_at_most(tx, corp_id, few)


def _seeds(tx: Transaction, corp_id: str) -> list[dict[str, Any]]:
    query = sa.select(CORP_SEED).where(CORP_SEED.c.corp_id == corp_id).order_by(CORP_SEED.c.number)
    return [dict(row) for row in tx.execute(query).mappings()]


def _resetting(settings: Settings, corp_id: str, *, small: bool = False) -> Slices[Restored]:
    work = yield partial(_hide, corp_id)
    yield clock.hold_hours
    return (yield from _making_again(settings, corp_id, work, small=small))


def _hide(corp_id: str, tx: Transaction) -> dict[str, Any]:
    restoring.hold(tx, corp_id)
    seeds = _seeds(tx, corp_id)
    if not seeds:
        raise NoSeed(
            f"the corp {corp_id!r} was made by an earlier version, which noted no seed; take a snapshot"
        )
    strict = bool(tx.execute(sa.select(CORP.c.strict).where(CORP.c.corp_id == corp_id)).scalar())
    work = {"segment": restoring.next_segment(tx, corp_id), "strict": strict, SEEDS: seeds}
    restoring.hide(tx, corp_id, work)
    return work


def _making_again(
    settings: Settings, corp_id: str, work: dict[str, Any], *, small: bool = False
) -> Slices[Restored]:
    segment, (made, *added) = work["segment"], work[SEEDS]
    signed = partial(restoring.signed, corp_id)
    yield from signed(segments.superseding(corp_id, segment, -1, segments.LAST_ID, []))
    yield from signed(rows.clearing(corp_id, small=small))
    digest = yield from restoring.digesting(corp_id, segment, "")
    has_clock = False

    def additions() -> Slices[list[Seeding]]:
        return (yield from _adding_again(settings, corp_id, added))

    def show(tx: Transaction) -> None:
        unfinished.forget(tx, corp_id)

    def conclude(tx: Transaction) -> None:
        nonlocal has_clock
        has_clock = restoring.conclude(Context(settings, tx, corp_id), digest)
        if work["strict"]:
            set_strict(tx, corp_id, True)

    again = Again(corp_id, made["at"], additions, show, conclude)
    ids = IdBlock(made["ids_before"], made["ids_last"])
    making = Making(settings, NewCorp.of_json(made["wanted"]), (corp_id, ids), again=again)
    yield from signed(making.slices())
    yield from scheduled_tasks.sorting_by_clock(corp_id, own_clock=has_clock)
    return Restored(digest.records, segment)


def _adding_again(settings: Settings, corp_id: str, added: list[dict[str, Any]]) -> Slices[list[Seeding]]:
    """Adds what was added, and returns what is to be counted."""
    done = []
    for one in added:
        ids = IdBlock(one["ids_before"], one["ids_last"])
        seeding = Seeding(settings, corp_id, one["at"], ids, hidden=True, books_then=True)
        note = partial(note_seed, ids=ids, before=ids.used, at=one["at"])
        yield partial(note, corp_id=corp_id, number=one["number"], wanted=one["wanted"])
        yield from filling(seeding, **one["wanted"])
        done.append(seeding)
    return done
