"""Which worker delivers: leases that are kept by a beat, so that any worker may deliver and no two do.

A worker has a row whose `beat` it raises every BEAT_SECONDS. Another worker that sees the same beat for
LEASE_SECONDS takes it for dead and frees its endpoints. Only time counts in which the observer reached the
database, by its own steady clock: neither a moved clock nor an outage of the database ends a lease. On SQLite
there is one process. It always has the same number, and so continues what it left when it was killed.
"""

import logging
import threading
import time

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks import queues
from wecom_tollbooth.callbacks.tables import DELIVERY_WORKER
from wecom_tollbooth.db import CompiledStatement, Database, Transaction

log = logging.getLogger("tollbooth.worker")

BEAT_SECONDS = 2
LEASE_SECONDS = 10
ONLY_WORKER = 0

_REGISTER = CompiledStatement(sa.insert(DELIVERY_WORKER).values(beat=0).returning(DELIVERY_WORKER.c.id))
# While this transaction runs, nobody can take the worker for dead and free what it claims.
_IS_REGISTERED = CompiledStatement(
    sa.select(DELIVERY_WORKER.c.id)
    .where(DELIVERY_WORKER.c.id == bindparam("id"))
    .with_for_update(read=True, key_share=True)
)
_BEAT = CompiledStatement(
    sa.update(DELIVERY_WORKER)
    .where(DELIVERY_WORKER.c.id == bindparam("of_id"))
    .values(beat=DELIVERY_WORKER.c.beat + 1)
)
_ALL = CompiledStatement(sa.select(DELIVERY_WORKER.c.id, DELIVERY_WORKER.c.beat))
_DELETE = CompiledStatement(sa.delete(DELIVERY_WORKER).where(DELIVERY_WORKER.c.id == bindparam("of_id")))
_DELETE_SILENT = CompiledStatement(
    sa.delete(DELIVERY_WORKER).where(
        DELIVERY_WORKER.c.id == bindparam("of_id"), DELIVERY_WORKER.c.beat == bindparam("of_beat")
    )
)


class Leases:
    """The number under which this process holds endpoints."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = ONLY_WORKER
        self._used = False
        self._watch = _Watch()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Beats, and watches the others, from now on: also a worker that holds nothing takes over."""
        if self._thread is None and not self._database.inline:
            self._thread = threading.Thread(target=self._beat, name="delivery-beat", daemon=True)
            self._thread.start()

    @property
    def owner(self) -> int:
        return self._owner

    def confirm(self, tx: Transaction) -> int:
        """The number to claim with in `tx`; another one than before if this process was taken for dead."""
        self._used = True
        if not self._database.inline and not _IS_REGISTERED.one(tx, id=self._owner):
            row = _REGISTER.one(tx)
            assert row is not None
            self._owner = row[0]
        return self._owner

    def end(self) -> None:
        """Gives back all endpoints."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(BEAT_SECONDS)
        if self._used:
            with self._database.transaction() as tx:
                queues.release_all(tx, self._owner)
                if not self._database.inline:
                    _DELETE.run(tx, of_id=self._owner)

    def _beat(self) -> None:
        while not self._stopping.wait(BEAT_SECONDS):
            try:
                with self._database.transaction() as tx:
                    _BEAT.run(tx, of_id=self._owner)
                with self._database.transaction() as tx:
                    self._free_silent(tx)
            except Exception:
                self._watch.forget()
                log.warning("the beat of the delivery failed; trying again", exc_info=True)

    def _free_silent(self, tx: Transaction) -> None:
        beats = {id_: beat for id_, beat in _ALL.all(tx) if id_ != self._owner}
        for id_ in self._watch.silent(beats, time.monotonic()):
            if _DELETE_SILENT.run(tx, of_id=id_, of_beat=beats[id_]):
                log.warning("delivery worker %d is gone; its endpoints are taken over", id_)
                queues.release_all(tx, id_)


class _Watch:
    """What was seen of the other workers' beats, and since when."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, float]] = {}
        self._looked_at = 0.0

    def forget(self) -> None:
        self._seen.clear()

    def silent(self, beats: dict[int, int], now: float) -> list[int]:
        """Workers whose beat has stood still for LEASE_SECONDS; `now` in seconds of any steady clock."""
        if now - self._looked_at > 2 * BEAT_SECONDS:
            self.forget()  # nobody knows what happened in between
        self._looked_at = now
        self._seen = {
            id_: self._seen[id_] if self._seen.get(id_, (None, 0))[0] == beat else (beat, now)
            for id_, beat in beats.items()
        }
        return [id_ for id_, (_, since) in self._seen.items() if now - since >= LEASE_SECONDS]
