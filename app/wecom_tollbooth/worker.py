"""The background worker: runs scheduled tasks, seals the ledger's hours and delivers callbacks."""

import logging
import threading
import time

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
LEADER_LOCK = 740_001


class Worker:
    """A thread that works in rounds: when it is woken, and otherwise every POLL_SECONDS."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._delivery = Delivery(server.settings, server.database)
        self._leader = _Leader(server.database)
        self._sealed_before: int | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread after the callbacks that are being sent."""
        self._stopping = True
        self._server.work_waiting.set()
        if self._thread.is_alive():
            self._thread.join(self._server.settings.callback_timeout_seconds + 1)
        self._delivery.close()

    def _run(self) -> None:
        while not self._stopping:
            self._server.work_waiting.wait(POLL_SECONDS)
            self._server.work_waiting.clear()
            try:
                self._work()
            except Exception:
                if not self._stopping:
                    log.exception("the background worker failed; trying again")
                    time.sleep(SECONDS_AFTER_FAILURE)
        self._leader.resign()

    def _work(self) -> None:
        if self._leader.leads():
            scheduled_tasks.run_all_due(self._server.settings, self._server.database)
            self._seal_passed_hours()
        while self._leader.leads() and not self._stopping and self._delivery.deliver_due():
            pass

    def _seal_passed_hours(self) -> None:
        """Seals all hours that are over, when the clock is in another hour than at the last look."""
        with self._server.database.transaction() as tx:
            hour = self._server.context(tx).now // HOUR
        if hour != self._sealed_before:
            seals.seal_all(self._server.database)
            self._sealed_before = hour


class _Leader:
    """Lets one worker of many work: on PostgreSQL the one that holds an advisory lock, until it ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sa.Connection | None = None

    def leads(self) -> bool:
        if self._database.inline or self._connection is not None:
            return True
        connection = self._database.engine.connect()
        taken = connection.execute(sa.text(f"SELECT pg_try_advisory_lock({LEADER_LOCK})")).scalar()
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
