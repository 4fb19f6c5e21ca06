"""The background threads of a server: scheduled tasks and ledger seals in one, deliveries in another."""

import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa

from wecom_tollbooth.billing import seals
from wecom_tollbooth.callbacks.delivery import Delivery
from wecom_tollbooth.db import Database
from wecom_tollbooth.server import Server
from wecom_tollbooth.world import scheduled_tasks
from wecom_tollbooth.world.clock import HOUR

log = logging.getLogger("tollbooth.worker")

POLL_SECONDS = 0.2
SECONDS_AFTER_FAILURE = 1
TASKS_LOCK, DELIVERY_LOCK = 740_001, 740_006


class Worker:
    """The background threads: no receiver of callbacks holds up a scheduled task or a seal."""

    def __init__(self, server: Server) -> None:
        self._seconds_to_stop = server.settings.callback_timeout_seconds + 1
        self._deliveries = _Deliveries(server)
        self._threads = (
            _Rounds("tasks", server, TASKS_LOCK, _Tasks(server).run_due),
            _Rounds("delivery", server, DELIVERY_LOCK, self._deliveries.deliver_due),
        )

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the threads after the callbacks that are being sent."""
        self._deliveries.stopping = True
        for thread in self._threads:
            thread.end()
        for thread in self._threads:
            thread.join(self._seconds_to_stop)
        self._deliveries.close()


class _Tasks:
    """Runs scheduled tasks and seals the hours that are over."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sealed_before: int | None = None

    def run_due(self) -> None:
        server = self._server
        if scheduled_tasks.run_all_due(server.settings, server.database):
            server.work_waiting.set()
        with server.database.transaction() as tx:
            hour = server.context(tx).now // HOUR
        if hour != self._sealed_before:
            seals.seal_all(server.database)
            self._sealed_before = hour


class _Deliveries:
    def __init__(self, server: Server) -> None:
        self.stopping = False
        self._delivery = Delivery(server.settings, server.database)

    def deliver_due(self) -> None:
        while not self.stopping and self._delivery.deliver_due():
            pass

    def close(self) -> None:
        self._delivery.close()


class _Rounds:
    """A thread that works in rounds: when it is woken, and otherwise every POLL_SECONDS."""

    def __init__(self, name: str, server: Server, lock: int, work: Callable[[], None]) -> None:
        self._work = work
        self._leader = _Leader(server.database, lock)
        self._stopping = False
        self._woken = threading.Event()
        server.work_waiting.add_listener(self._woken.set)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Lets the thread end; doesn't wait for it."""
        self._stopping = True
        self._woken.set()

    def join(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        pause = POLL_SECONDS
        while not self._stopping:
            self._woken.wait(pause)
            if self._stopping:
                break
            self._woken.clear()
            pause = POLL_SECONDS
            try:
                if self._leader.leads():
                    self._work()
            except Exception:
                log.exception("the background work failed; trying again")
                pause = SECONDS_AFTER_FAILURE
        self._leader.resign()


class _Leader:
    """Lets one worker of many work: on PostgreSQL the one that holds an advisory lock, until it ends."""

    def __init__(self, database: Database, lock: int) -> None:
        self._database = database
        self._lock = lock
        self._connection: sa.Connection | None = None

    def leads(self) -> bool:
        """Whether the lock is held, taken now if it is free. Raises when its session has ended."""
        if self._database.inline:
            return True
        if self._connection is not None:
            try:
                # The lock ends with its session: a session that answers still holds it.
                self._connection.exec_driver_sql("SELECT 1")
                self._connection.commit()
            except BaseException:
                self.resign()
                raise
            return True
        connection = self._database.engine.connect()
        taken = connection.execute(sa.text(f"SELECT pg_try_advisory_lock({self._lock})")).scalar()
        connection.commit()
        if taken:
            self._connection = connection
            return True
        connection.close()
        return False

    def resign(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
