"""What one running server holds, and how work runs in it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import anyio
import anyio.to_thread

from wecom_tollbooth import file_lock
from wecom_tollbooth.billing.budgets import Budgets
from wecom_tollbooth.billing.ledger import SealedHour
from wecom_tollbooth.billing.price_books import load_price_books, refuse_unpriced_meters
from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.readiness import Readiness
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.context import Context

T = TypeVar("T")


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


class Server:
    """Settings, price books, database and threads of one server; rooms above it hold it and each other."""

    def __init__(self, settings: Settings, meters: Iterable[str]) -> None:
        """`meters` are those of all operations. Raises WrongSetting when it cannot start as it is set."""
        self.settings = settings
        self.meters = frozenset(meters)
        self.price_books = load_price_books(settings.price_book)
        for book in self.price_books.books:
            refuse_unpriced_meters(book, self.meters)
        self.outgoing = Outgoing(settings)
        self._file = file_lock.hold(settings)
        self.database = Database(settings)
        self.readiness = Readiness(self.database, self._file)
        self.work_waiting = WorkWaiting()
        """Set after an act, a replay, a moved clock: the background threads may have something to do."""
        self.budgets = Budgets(self.price_books, len(self.meters), self.work_waiting.set)
        self._threads: anyio.CapacityLimiter | None = None

    def context(self, tx: Transaction, corp_id: str = "") -> Context:
        """Time and ids for work in `tx` on the corp."""
        return Context(self.settings, tx, corp_id)

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction: on the event loop with SQLite, in a thread with PostgreSQL.

        Runs it again, at the current time, when the hour it booked into was sealed in the meantime.
        """

        def in_transaction() -> T:
            try:
                with self.database.transaction() as tx:
                    return work(tx)
            except SealedHour:
                with self.database.transaction() as tx:
                    return work(tx)

        return await self.off_loop(in_transaction)

    async def off_loop(self, work: Callable[..., T], *args: object) -> T:
        """Runs work that opens its own transactions: on the event loop with SQLite, else in a thread."""
        if self.database.inline:
            return work(*args)
        return await self.in_thread(work, *args)

    async def in_thread(self, work: Callable[..., T], *args: object) -> T:
        """Runs `work` in one of as many threads as there are connections, so that none waits for one."""
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self.settings.pool_size)
        return await anyio.to_thread.run_sync(work, *args, limiter=self._threads)

    def close(self) -> None:
        """Ends the requests to others, closes the database and gives its file free."""
        self.outgoing.stop()
        self.database.close()
        if self._file is not None:
            self._file.close()
