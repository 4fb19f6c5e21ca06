"""Copies SQLite's write-ahead log into the database file, in a thread, so that no call waits for the disk.

The main connection would do it inside the commit of some call, about 100 ms for 80 MB.
"""

import logging
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from wecom_tollbooth.db.turns import Turns

COPY = "PRAGMA wal_checkpoint(PASSIVE)"

log = logging.getLogger("tollbooth.database")

POLL_SECONDS = 0.2
SECONDS_AFTER_FAILURE = 1
COPY_FROM_BYTES = 16 * 1024 * 1024
FINISH_FROM_BYTES = 64 * 1024 * 1024
"""From here on long work pauses, and the last pages are copied while nobody writes: under unbroken load there
are always some left, and a log with pages left is never begun again."""
KEPT_BYTES = 4 * 1024 * 1024
"""The log is cut to this length when it is begun again, so that its length shows how much is to be copied."""


class Checkpoints:
    """The thread; `turns` is the lock of the main connection."""

    def __init__(self, file: Path, turns: Turns) -> None:
        self._file, self._turns = file, turns
        self._log = file.with_name(file.name + "-wal")
        self._stopping = False
        self._is_copied = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def are_behind(self) -> bool:
        """Whether long work should pause, because it writes faster than is copied; wakes the thread then."""
        if self._is_copied or self._size() < FINISH_FROM_BYTES:
            return False
        self._woken.set()
        return True

    def _run(self) -> None:
        connection = sqlite3.connect(self._file, timeout=0, isolation_level=None)
        with closing(connection):
            while not self._stopping:
                self._woken.wait(POLL_SECONDS)
                self._woken.clear()
                try:
                    self._copy(connection)
                except (sqlite3.Error, OSError) as error:
                    log.warning("the write-ahead log could not be copied, trying again: %s", error)
                    time.sleep(SECONDS_AFTER_FAILURE)

    def _copy(self, connection: sqlite3.Connection) -> None:
        size = self._size()
        self._is_copied = False
        if size < COPY_FROM_BYTES:
            return
        # Up to the end that the log had when this began, or to where a reading still needs it.
        _, pages, copied = connection.execute(COPY).fetchone()
        if copied == pages and size >= FINISH_FROM_BYTES:
            self._turns.acquire()
            try:
                _, pages, copied = connection.execute(COPY).fetchone()
                self._is_copied = copied == pages
            finally:
                self._turns.release()

    def _size(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0
