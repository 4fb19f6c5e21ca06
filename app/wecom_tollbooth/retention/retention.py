"""Looks after all corps once a minute, and gives back the room that removed rows leave in a SQLite file."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Database, Slices, Transaction, run_slices
from wecom_tollbooth.retention.bounds import bounds_of
from wecom_tollbooth.retention.sweep import Left, Sweep, TakenElsewhere, take_turn
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

FIRST_ROUND_SECONDS = 5
SECONDS_BETWEEN_ROUNDS = 60
"""From the end of a round to the next, in real time."""
SHARE_OF_CALLS = 4
"""After a slice, everybody else gets so many times its duration."""
SHORTEST_PAUSE_SECONDS = 0.005
CORPS_A_SLICE = 50
NO_CORP = ""
"""Under which the journal keeps calls that named no corp."""

FREE_PAGES_KEPT = 2_000
"""Free pages that a SQLite file keeps for new rows, besides a tenth of the file."""
PAGES_A_SLICE = 100
SLICE_SECONDS = 0.004
"""How long a slice moves pages at most; the more free pages there are, the longer it looks for each."""


class Ended(Exception):
    """The server stops."""


@dataclass(frozen=True)
class Known:
    """What is known of one kind of rows of a corp since its last sweep, which was on `day` of its clock."""

    left: Left
    day: int


class Retention:
    """Removes rows in rounds. What a round has to look at is kept in memory, so that most are short."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._sweeps = [Sweep(bound) for bound in bounds_of(settings)]
        self._known: dict[tuple[str, str], Known] = {}
        self._waited = False

    def work(self, pause: Callable[[float], bool]) -> float:
        """Runs a round and returns the seconds until the next. `pause` waits, and returns whether to end."""
        if not self._waited:
            self._waited = True
            return FIRST_ROUND_SECONDS
        with suppress(Ended):
            self.run_round(pause)
        return SECONDS_BETWEEN_ROUNDS

    def run_round(self, pause: Callable[[float], bool]) -> None:
        """One round over all corps. Raises Ended when `pause` says so."""
        begun = time.monotonic()

        def between() -> None:
            nonlocal begun
            if pause(max(SHORTEST_PAUSE_SECONDS, SHARE_OF_CALLS * (time.monotonic() - begun))):
                raise Ended
            begun = time.monotonic()

        # The other worker's round does the same.
        with suppress(TakenElsewhere):
            run_slices(self._database, self._round(), between)
        if self._database.inline:
            run_slices(self._database, _give_back_room(), between)

    def _round(self) -> Slices[None]:
        corp_ids: list[str] = yield _corp_ids
        existing = {NO_CORP, *corp_ids}
        self._known = {key: one for key, one in self._known.items() if key[1] in existing}
        for sweep in self._sweeps:
            for start in range(0, len(corp_ids) + 1, CORPS_A_SLICE):
                some = [NO_CORP, *corp_ids][start : start + CORPS_A_SLICE]
                changed: list[str] = yield partial(self._changed, sweep=sweep, corp_ids=some)
                for corp_id in changed:
                    yield from self._look_at(sweep, corp_id)

    def _changed(self, tx: Transaction, sweep: Sweep, corp_ids: list[str]) -> list[str]:
        """The corps that were never seen or not on this day, and those that have newer rows."""
        take_turn(tx)
        times = clock.times_of(tx, corp_ids)
        changed = []
        for corp_id in corp_ids:
            known = self._known.get((sweep.bound.kind, corp_id))
            day = times[corp_id] // clock.DAY
            if known is None or known.day != day or self._has_newer(tx, sweep, corp_id, known):
                changed.append(corp_id)
        return changed

    def _has_newer(self, tx: Transaction, sweep: Sweep, corp_id: str, known: Known) -> bool:
        """Whether rows were added; where only the age counts, they can wait until the next day."""
        return sweep.bound.kept is not None and sweep.newest(tx, corp_id) != known.left.newest

    def _look_at(self, sweep: Sweep, corp_id: str) -> Slices[None]:
        """Sweeps the corp unless it is known to have at most a tenth more rows than are kept."""
        place = sweep.bound.kind, corp_id
        day: int = yield partial(_today, corp_id)
        known, kept = self._known.get(place), sweep.bound.kept
        if not (yield partial(sweep.has_old, corp_id=corp_id)):
            self._known[place] = Known(Left(0, None), day)
            return
        if known is not None and known.day == day and known.left.newest is not None and kept is not None:
            left = yield from sweep.count_since(corp_id, known.left)
            if left.rows <= kept + kept // 10:
                self._known[place] = Known(left, day)
                return
        self._known[place] = Known((yield from sweep.run(corp_id)), day)


def _today(corp_id: str, tx: Transaction) -> int:
    return Context(tx.database.settings, tx, corp_id).now // clock.DAY


def _corp_ids(tx: Transaction) -> list[str]:
    return list(tx.execute(sa.select(CORP.c.corp_id).order_by(CORP.c.corp_id)).scalars())


def _give_back_room() -> Slices[None]:
    """Shortens the SQLite file by its free pages; nothing for one that can't shrink."""
    while (yield _shorten):
        pass


def _shorten(tx: Transaction) -> bool:
    """Moves a few pages from the end of the file into free ones; whether there is more to do."""
    incremental, free, pages = (
        tx.cursor.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("auto_vacuum", "freelist_count", "page_count")
    )
    if incremental != 2 or free <= FREE_PAGES_KEPT + pages // 10:
        return False
    begun = time.monotonic()
    for _ in range(PAGES_A_SLICE):
        # Python takes one step of the statement, which moves one page, whatever number it is given.
        tx.cursor.execute("PRAGMA incremental_vacuum(1)")
        if time.monotonic() - begun > SLICE_SECONDS:
            break
    return True
