"""Copies SQLite's write-ahead log into the database file, in a thread, so that no call waits for the disk.

The main connection would do it inside the commit of some call, about 100 ms for 80 MB.
"""

import logging
import sqlite3
import struct
import threading
import time
from contextlib import closing
from io import FileIO
from pathlib import Path

from wecom_tollbooth.db.turns import Turns

COPY = "PRAGMA wal_checkpoint(PASSIVE)"

log = logging.getLogger("tollbooth.database")

POLL_SECONDS = 0.2
SECONDS_AFTER_FAILURE = 1
PAGE_BYTES = 4096 + 24
"""A page in the log, with its header."""
COPY_EACH = 64 * 1024 * 1024 // PAGE_BYTES
"""Pages. Each copying waits for the disk and has calls wait with it, and a page that was written twice is
copied once: so it is done seldom."""
FINISH_FROM = 192 * 1024 * 1024 // PAGE_BYTES
"""From so many pages on long work pauses, and the last ones are copied while nobody writes: under unbroken
load there are always some left, and a log with pages left is never begun again."""
SHORT_COPY_SECONDS = 0.01
MOST_COPIES = 5
"""So many before the last pages, until one is short: calls wait for the copying of the last pages alone."""
KEPT_BYTES = 256 * 1024 * 1024
"""A longer log is cut to this length when it is begun again; not a shorter one, as a call waits for that."""

IN_LOG, COPIED = struct.Struct("=16xI"), struct.Struct("=96xI")
"""Numbers of pages in the file `-shm`, as https://sqlite.org/walformat.html lays it out (2026-08)."""


class Checkpoints:
    """The thread; `turns` is the lock of the main connection."""

    def __init__(self, file: Path, turns: Turns) -> None:
        self._file, self._turns = file, turns
        self._index = file.with_name(file.name + "-shm")
        self._opened: FileIO | None = None
        self._opening = threading.Lock()
        self._stopping = False
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
        in_log, copied = self._pages()
        if in_log < FINISH_FROM or copied == in_log:
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
        in_log, copied = self._pages()
        if in_log >= FINISH_FROM and copied < in_log:
            self._finish(connection)
        elif in_log - copied >= COPY_EACH:
            connection.execute(COPY)

    def _finish(self, connection: sqlite3.Connection) -> None:
        for _ in range(MOST_COPIES):
            began = time.monotonic()
            # Up to the end that the log had when this began, or to where a reading still needs it.
            _, in_log, copied = connection.execute(COPY).fetchone()
            if copied < in_log:
                return
            if time.monotonic() - began < SHORT_COPY_SECONDS:
                break
        self._turns.acquire()
        try:
            connection.execute(COPY)
        finally:
            self._turns.release()

    def close(self) -> None:
        """To be called when SQLite's own connections are closed; see _head."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _head(self) -> bytes:
        """The beginning of `-shm`, through one descriptor that stays open.

        To close any descriptor of a file drops the process's POSIX locks on it, also those of SQLite: another
        program that opens the database would then take it for abandoned and cut `-shm` short under us.
        """
        with self._opening:
            if self._opened is None:
                try:
                    self._opened = self._index.open("rb", buffering=0)
                except FileNotFoundError:
                    return b""
            self._opened.seek(0)
            return self._opened.read(COPIED.size) or b""

    def _pages(self) -> tuple[int, int]:
        """How many pages the log has, and how many of them are copied."""
        head = self._head()
        if len(head) < COPIED.size:
            return 0, 0
        return IN_LOG.unpack_from(head)[0], COPIED.unpack_from(head)[0]
