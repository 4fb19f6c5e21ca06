"""What one running server holds, and how work runs in it."""

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sized
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread

from wecom_tollbooth import file_lock
from wecom_tollbooth.billing.budgets import Budgets
from wecom_tollbooth.billing.price_books import PriceBooks, check_meters, load_price_books, warning
from wecom_tollbooth.counts import FOLDER_VARIABLE, Counts
from wecom_tollbooth.db import (
    BUSY_PAUSE_SECONDS,
    BUSY_SECONDS,
    Database,
    DatabaseBusy,
    SessionLock,
    Slices,
    Transaction,
    in_transaction,
    reading,
    run_slices,
)
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.files.folder import WrongFolder
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.readiness import Readiness
from wecom_tollbooth.settings import Settings, WrongSetting
from wecom_tollbooth.world import scheduled_tasks
from wecom_tollbooth.world.clock import SERVER
from wecom_tollbooth.world.context import Context

log = logging.getLogger("tollbooth.billing")

T = TypeVar("T")

CLOCK_LOCK = 740_008
MOST_MOVES = 8
"""Of clocks of corps at a time on PostgreSQL, where each has a session of its own."""
POLL_SECONDS = 0.05
SLICE_SECONDS = 0.005
"""How long slices may hold the event loop before calls are let in; a single slice may take longer."""
LONGEST_PAUSE_SECONDS, PAUSE_SECONDS = 0.5, 0.01
"""Of a long action that writes too fast."""
SHARE_OF_CALLS = 3
"""Under full load, calls get so many times the time of a long action."""


Wake = Callable[[str | None], None]
"""Gets the corp that there is work for, or None if it may be for any."""


class WorkWaiting:
    """Wakes the background threads: there may be something to do."""

    def __init__(self) -> None:
        self._listeners: list[Wake] = []

    def add_listener(self, wake: Wake) -> None:
        """`wake` is called in the thread that has left the work, so it must be quick."""
        self._listeners.append(wake)

    def set(self, corp_id: str | None = None) -> None:
        """Say which corp it is for where that is known: then only its queues are looked at."""
        for wake in self._listeners:
            wake(corp_id)


@dataclass
class _Moves:
    """The moves of one clock, one after the other."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    under_way: int = 0


def _number_of_moves(corp_id: str) -> int:
    """The number of PostgreSQL's advisory lock around moves of the clock."""
    if corp_id == SERVER:
        return CLOCK_LOCK
    return int.from_bytes(hashlib.sha256(f"clock/{corp_id}".encode()).digest()[:8], signed=True)


class Server:
    """Settings, price books, database and threads of one server; rooms above it hold it and each other."""

    def __init__(self, settings: Settings, meters: Iterable[str]) -> None:
        """`meters` are those of all operations. Raises WrongSetting when it cannot start as it is set."""
        self.settings = settings
        self.meters = frozenset(meters)
        books = load_price_books(settings.price_book).books
        self.price_books = PriceBooks(check_meters(book, self.meters) for book in books)
        self._warn_of_missing_prices()
        self.outgoing = Outgoing(settings)
        self.files = FilesFolder(settings)
        try:
            self.files.refuse_foreign()
        except WrongFolder as error:
            raise WrongSetting(str(error)) from None
        self._file = file_lock.hold(settings)
        self.database = Database(settings, is_server=True, files=self.files)
        self.counts = Counts(os.environ.get(FOLDER_VARIABLE))
        self.readiness = Readiness(self.database, self._file)
        self.work_waiting = WorkWaiting()
        """Set after an act, a replay, a moved clock: the background threads may have something to do."""
        self.budgets = Budgets(self.price_books, len(self.meters), self.work_waiting.set)
        self.waiting_calls: Sized = ()
        """The calls that wait for the event loop, set by the gateway."""
        self._threads: anyio.CapacityLimiter | None = None
        self._free: asyncio.Task[None] | None = None
        self._clock_moves: dict[str, _Moves] = {}
        self._sessions_of_moves = asyncio.Semaphore(MOST_MOVES)

    def _warn_of_missing_prices(self) -> None:
        """Once for each start: the process that starts workers has no folder of counts, its workers do."""
        text = warning(self.price_books.books)
        if text is not None and FOLDER_VARIABLE not in os.environ:
            log.warning(text, extra={"several_lines": True})

    def context(self, tx: Transaction, corp_id: str = "") -> Context:
        """Time and ids for work in `tx` on the corp."""
        return Context(self.settings, tx, corp_id)

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction: on the event loop with SQLite, in a thread with PostgreSQL.

        Runs it again, at the current time, when the hour it booked into was sealed in the meantime. Raises
        DatabaseBusy when another program keeps the SQLite file locked.
        """
        if self.database.inline:
            return await self.when_free(partial(in_transaction, self.database, work))
        return await self.in_thread(in_transaction, self.database, work)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work`, which only reads, on one consistent state in a thread: it holds up nobody."""

        def in_reading() -> T:
            with reading(self.database) as tx:
                return work(tx)

        return await self.in_thread(in_reading)

    async def in_slices(self, slices: Slices[T]) -> T:
        """Runs the slices and returns what their generator returns; calls are answered in between."""
        if not self.database.inline:
            return await self.in_thread(run_slices, self.database, slices)
        try:
            work = next(slices)
            begun = time.monotonic()
            while True:
                try:
                    came = None if work is None else await self.run(work)
                    taken = time.monotonic() - begun
                    if taken > SLICE_SECONDS:
                        await self._let_calls_in(taken)
                        begun = time.monotonic()
                except BaseException as error:
                    work = slices.throw(error)
                else:
                    work = slices.send(came)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            slices.close()

    async def settle(self, corp_id: str) -> None:
        """Runs the corp's due tasks, so that a corp with a key is in one state when its next call comes."""
        await self.in_slices(scheduled_tasks.run_due(self.settings, corp_id=corp_id))

    def clock_is_moving(self, corp_id: str = SERVER) -> bool:
        """Whether a move of the clock runs in this process, or waits for another one's."""
        return corp_id in self._clock_moves

    @asynccontextmanager
    async def moving_the_clock(self, corp_id: str = SERVER) -> AsyncIterator[None]:
        """Lets one move of a clock begin after the other has ended, over all workers."""
        moves = self._clock_moves.setdefault(corp_id, _Moves())
        moves.under_way += 1
        try:
            async with moves.lock:
                if self.database.inline:
                    yield
                    return
                async with nullcontext() if corp_id == SERVER else self._sessions_of_moves:
                    lock = SessionLock(self.database, _number_of_moves(corp_id))
                    try:
                        while not await self.in_thread(lock.take):
                            await asyncio.sleep(POLL_SECONDS)
                        yield
                    finally:
                        lock.release()
        finally:
            moves.under_way -= 1
            if not moves.under_way:
                del self._clock_moves[corp_id]

    async def _let_calls_in(self, taken: float) -> None:
        """Lets the loop answer calls until none waits, or for SHARE_OF_CALLS times the seconds `taken`."""
        until = time.monotonic() + SHARE_OF_CALLS * taken
        # A call takes up to three rounds from its arrival to its beginning.
        for _ in range(3):
            await asyncio.sleep(0)
        while self.waiting_calls and time.monotonic() < until:
            await asyncio.sleep(0)
        until = time.monotonic() + LONGEST_PAUSE_SECONDS
        while self.database.writes_too_fast and time.monotonic() < until:
            await asyncio.sleep(PAUSE_SECONDS)

    async def when_free(self, work: Callable[[], T]) -> T:
        """Runs `work` on the event loop, again as soon as another program gives the SQLite file free.

        Raises DatabaseBusy after BUSY_SECONDS. `work` must have done nothing when it raises DatabaseBusy.
        """
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return work()
            except DatabaseBusy:
                if time.monotonic() > deadline:
                    raise
            if self._free is None or self._free.done():
                self._free = asyncio.create_task(self._until_free())
            await asyncio.wait((self._free,), timeout=max(0.0, deadline - time.monotonic()))

    async def _until_free(self) -> None:
        """One for all that wait, so that a thousand waiting calls don't try a thousand times."""
        while True:
            await asyncio.sleep(BUSY_PAUSE_SECONDS)
            try:
                with self.database.transaction():
                    return
            except DatabaseBusy:
                continue

    async def in_thread(self, work: Callable[..., T], *args: object) -> T:
        """Runs `work` in one of as many threads as there are connections, so that none waits for one."""
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self.settings.pool_size)
        return await anyio.to_thread.run_sync(work, *args, limiter=self._threads)

    def close(self) -> None:
        """Ends the requests to others, closes the database and gives its file free."""
        self.outgoing.stop()
        self.database.close()
        self.files.close()
        if self._file is not None:
            self._file.close()
