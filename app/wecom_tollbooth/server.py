"""Server: everything that one running server holds, made once and handed down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from wecom_tollbooth import file_lock
from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.settings import Settings

if TYPE_CHECKING:
    from wecom_tollbooth.billing.price_books import PriceBooks
    from wecom_tollbooth.gateway.operation import Registry
    from wecom_tollbooth.gateway.steps.rate_limits import RateLimits

T = TypeVar("T")


class Server:
    """Settings, database, registry of operations, limits and the price books."""

    def __init__(self, settings: Settings) -> None:
        from wecom_tollbooth.billing.price_books import load_price_books, refuse_unpriced_meters
        from wecom_tollbooth.callbacks.delivery import Delivery
        from wecom_tollbooth.gateway.operation import load_families
        from wecom_tollbooth.gateway.steps.rate_limits import RateLimits

        self.settings = settings
        self.operations: Registry = load_families()
        self.price_books: PriceBooks = load_price_books(settings.price_book)
        for book in self.price_books.books:
            refuse_unpriced_meters(book, self.meters)
        self._file_lock = file_lock.hold(settings)
        self.database = Database(settings)
        self.rate_limits: RateLimits = RateLimits(settings, self.database)
        self.callbacks_waiting = threading.Event()
        """Set when something may have fallen due: an act, a replay, a moved clock."""
        self.delivery = Delivery(settings, self.database, self.callbacks_waiting)
        self._threads: anyio.CapacityLimiter | None = None

    @property
    def meters(self) -> set[str]:
        """Those of all operations."""
        return {operation.meter for operation in self.operations}

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction: on the event loop with SQLite, in a thread with PostgreSQL.

        Once more, by a fresh clock, when the hour that it would book in was sealed while it was under way.
        """
        from wecom_tollbooth.billing.ledger import SealedHour

        def in_transaction() -> T:
            try:
                with self.database.transaction() as tx:
                    return work(tx)
            except SealedHour:
                with self.database.transaction() as tx:
                    return work(tx)

        if self.database.inline:
            return in_transaction()
        return await self.in_thread(in_transaction)

    async def in_thread(self, work: Callable[..., T], *args: object) -> T:
        """Runs `work` in one of as many threads as there are connections, so that none waits for one."""
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self.settings.pool_size)
        return await anyio.to_thread.run_sync(work, *args, limiter=self._threads)

    def close(self) -> None:
        self.delivery.stop()
        self.rate_limits.close()
        self.database.close()
        if self._file_lock is not None:
            self._file_lock.close()
