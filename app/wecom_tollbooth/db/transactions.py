"""The database with its connections and ids, and one transaction on it."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Self

import sqlalchemy as sa
from sqlmodel import Session

from wecom_tollbooth.db.checkpoints import Checkpoints
from wecom_tollbooth.db.engines import postgresql_engine, sqlite_engine, sqlite_reading_engine
from wecom_tollbooth.db.errors import DatabaseBusy, is_busy
from wecom_tollbooth.db.turns import Turns
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.settings import Settings

ID_BLOCK = 1_000
"""Ids that a process reserves at a time."""

BUSY_SECONDS = 10
"""How long a transaction waits for another program's lock on the SQLite file before it gives up."""
BUSY_PAUSE_SECONDS = 0.02
CHECKPOINT_PAGES_WHEN_SERVING = 100_000
"""The main connection copies its log (400 MB) itself only where the thread of `checkpoints` can't."""


class OutOfIds(Exception):
    """A transaction needs more ids than are reserved: restart() it and call reserve_ids()."""


class IdBlock:
    """Ids that were reserved for one piece of work, so that calls in between don't change which it gets."""

    def __init__(self, before: int, last: int) -> None:
        """The ids after `before`, up to `last`."""
        self.used, self.last = before, last

    def next(self) -> int:
        if self.used >= self.last:
            raise OutOfIds
        self.used += 1
        return self.used


class Transaction:
    """A transaction: `with database.transaction() as tx:` commits at the end of the block or rolls back."""

    connection: sa.Connection
    driver: Any
    cursor: Any
    reads_only = False
    undone = 0
    """How often something was rolled back."""

    def __init__(self, database: "Database") -> None:
        self.database = database
        self.engine = database.engine
        self.dialect = database.dialect

    def __enter__(self) -> Self:
        """Begins. Raises DatabaseBusy: after BUSY_SECONDS, on a serving event loop at once."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            self.connection, self.driver = self.database.borrow()
            try:
                self.cursor = self.driver.cursor()
                self.begin()
                return self
            except DatabaseBusy:
                self.database.give_back(self.connection, self.driver)
                if time.monotonic() > deadline or (self.database.is_serving and _on_event_loop()):
                    raise
            except BaseException:
                self.database.give_back(self.connection, self.driver)
                raise
            time.sleep(BUSY_PAUSE_SECONDS)

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        committed = False
        try:
            if error is None:
                self.commit()
                committed = True
        finally:
            try:
                if not committed:
                    self.rollback()
            finally:
                self.database.give_back(self.connection, self.driver)

    @cached_property
    def session(self) -> Session:
        """An ORM session in this transaction, flushed when the transaction commits."""
        return Session(bind=self.connection, expire_on_commit=False)

    def execute(self, statement: sa.Executable, params: Any = None) -> sa.CursorResult[Any]:
        """Runs a Core statement; pending ORM changes are flushed first, so it sees them."""
        if "session" in self.__dict__:
            self.session.flush()
        return self.connection.execute(statement, params)

    def begin(self) -> None:
        if self.dialect == "sqlite":
            try:
                self.cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if is_busy(error):
                    raise DatabaseBusy(str(error)) from error
                raise

    def flush(self) -> None:
        if "session" in self.__dict__:
            self.session.flush()

    def expire(self) -> None:
        """Lets the ORM read again what compiled statements changed."""
        if "session" in self.__dict__:
            self.session.flush()
            self.session.expire_all()

    def commit(self) -> None:
        self.flush()
        if self.dialect == "sqlite":
            self.cursor.execute("COMMIT")
        else:
            self.driver.commit()
        self._forget()

    def rollback(self) -> None:
        self.undone += 1
        if self.dialect == "sqlite":
            if self.driver.in_transaction:
                self.cursor.execute("ROLLBACK")
        else:
            self.driver.rollback()
        self._forget()

    def breathe(self) -> None:
        """Does nothing: only a Reading runs beside the calls."""

    @contextmanager
    def undone_by(self, failure: type[Exception]) -> Iterator[None]:
        """If the block raises `failure`, what it did is undone and the transaction goes on.

        The ORM then holds no objects: read again what is to be changed.
        """
        self.execute(sa.text("SAVEPOINT part"))
        try:
            yield
            self.flush()
        except failure:
            self.undone += 1
            self.session.expunge_all()
            self.execute(sa.text("ROLLBACK TO SAVEPOINT part"))
            self.execute(sa.text("RELEASE SAVEPOINT part"))
            raise
        self.execute(sa.text("RELEASE SAVEPOINT part"))

    def restart(self) -> None:
        """Rolls back and begins again, so that a refused call leaves only its record."""
        self.rollback()
        self.begin()

    def mark(self) -> None:
        """Marks the present state for `return_to_mark`."""
        self.flush()
        self.cursor.execute("SAVEPOINT mark")

    def return_to_mark(self) -> None:
        """Rolls back to the mark and keeps the locks from before it."""
        self.undone += 1
        self.cursor.execute("ROLLBACK TO SAVEPOINT mark")
        if "session" in self.__dict__:
            self.session.expunge_all()

    def reserve_ids(self, count: int) -> None:
        """Reserves `count` ids for this transaction. Only at its beginning, because it commits."""
        self.database.take_ids(self, count)
        self.begin()

    def _forget(self) -> None:
        """Ends SQLAlchemy's view of a transaction that the driver has already ended."""
        session = self.__dict__.pop("session", None)
        if session is not None:
            session.expunge_all()
            session.close()
        if self.connection.in_transaction():
            self.connection.rollback()


class Database:
    """The engine, and the blocks of ids that `hand_out_id` hands out."""

    def __init__(
        self, settings: Settings, *, is_server: bool = False, files: FilesFolder | None = None
    ) -> None:
        self.settings = settings
        self.files = files or FilesFolder(settings)
        """The folder of uploaded files, which belongs to the database."""
        self.dialect = "sqlite" if settings.is_sqlite else "postgresql"
        if settings.is_sqlite:
            self.engine = sqlite_engine(settings)
        else:
            self.engine = postgresql_engine(settings, is_server=is_server)
        self._next_id = self._last_id = 0
        self._id_lock = threading.Lock()
        self._turns = Turns()
        self._sqlite_connection: tuple[sa.Connection, Any] | None = None
        self._checkpoints: Checkpoints | None = None
        self.is_serving = False

    @property
    def inline(self) -> bool:
        """Whether calls run on the event loop itself, because the database is in the process."""
        return self.dialect == "sqlite"

    def transaction(self) -> Transaction:
        """A transaction for a `with` block; at least half a block of ids is reserved for it."""
        if self._next_id + ID_BLOCK // 2 > self._last_id:
            self._reserve_ids()
        return Transaction(self)

    @cached_property
    def reading_engine(self) -> sa.Engine:
        """The connections of readings: on SQLite beside the one that writes, on PostgreSQL from the pool."""
        return sqlite_reading_engine(self.settings) if self.dialect == "sqlite" else self.engine

    def hand_out_id(self) -> int:
        """A number that no other row of this database has; only Context.next_id() asks for it."""
        with self._id_lock:
            if self._next_id >= self._last_id:
                raise OutOfIds
            self._next_id += 1
            return self._next_id

    def reserve_ids(self, count: int) -> None:
        """Reserves `count` ids on top of a block, for a transaction such as a seed."""
        self._reserve_ids(count + ID_BLOCK)

    def serve(self) -> None:
        """Calls are answered from now on: no transaction may hold up the event loop."""
        self.is_serving = True
        file = self.settings.sqlite_file
        if file is not None:
            with self.transaction() as tx:
                tx.cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES_WHEN_SERVING}")
            self._checkpoints = Checkpoints(file, self._turns)
            self._checkpoints.start()

    def block_of_ids(self, count: int, tx: Transaction) -> IdBlock:
        """Reserves the next `count` ids. Only at the beginning of `tx`, because it may commit."""
        if self._last_id - self._next_id < count:
            tx.reserve_ids(count + ID_BLOCK)
        with self._id_lock:
            if self._last_id - self._next_id < count:
                raise OutOfIds  # another thread was faster
            block = IdBlock(self._next_id, self._next_id + count)
            self._next_id = block.last
        return block

    def skip_ids(self, tx: Transaction, last: int) -> None:
        """Hands out no id up to `last` from now on. Only at the beginning of `tx`, because it may commit."""
        if last <= self._next_id:
            return
        tx.cursor.execute(
            f"UPDATE id_block SET reserved_to = {int(last)} WHERE name = 'row' AND reserved_to < {int(last)}"
        )
        with self._id_lock:
            if self._next_id < last:
                # What is left of the block, ids below `last`, is not handed out.
                self._next_id = self._last_id = 0
        tx.reserve_ids(ID_BLOCK)

    def give_back_ids(self, block: IdBlock) -> None:
        """Hands out the rest of the block next, if nobody has got later ids since: then ids have no gap."""
        with self._id_lock:
            if self._next_id == block.last:
                self._next_id = block.used

    @property
    def writes_too_fast(self) -> bool:
        """Whether long work should pause until what it wrote is copied into the file; never on PostgreSQL."""
        return self._checkpoints is not None and self._checkpoints.are_behind()

    def close(self) -> None:
        if self._checkpoints is not None:
            self._checkpoints.stop()
        if self._sqlite_connection is not None:
            self._sqlite_connection[0].close()
            self._sqlite_connection = None
        if "reading_engine" in self.__dict__:
            self.reading_engine.dispose()
        self.engine.dispose()
        if self._checkpoints is not None:
            self._checkpoints.close()

    def borrow(self) -> tuple[sa.Connection, Any]:
        """A connection and the driver's own behind it. SQLite has only one, so the next borrower waits."""
        if self.dialect != "sqlite":
            return with_driver(self.engine.connect())
        self._turns.acquire()
        try:
            if self._sqlite_connection is None:
                self._sqlite_connection = with_driver(self.engine.connect())
                # A busy file is Transaction.__enter__'s to wait for: SQLite would hold the event loop.
                self._sqlite_connection[1].execute("PRAGMA busy_timeout = 0")
            return self._sqlite_connection
        except BaseException:
            self._turns.release()
            raise

    def give_back(self, connection: sa.Connection, driver: Any) -> None:
        if self.dialect == "sqlite":
            self._turns.release()
            return
        self.give_back_reading(connection, driver)

    def give_back_reading(self, connection: sa.Connection, driver: Any) -> None:
        if self.dialect == "postgresql" and driver.closed:
            # PostgreSQL was restarted or ended the session: the pool's other connections are dead too.
            connection.invalidate()
            self.engine.dispose()
        connection.close()

    def _reserve_ids(self, count: int = ID_BLOCK) -> None:
        # In a transaction of its own, so that no rollback hands out the same ids again.
        with Transaction(self) as tx:
            tx.reserve_ids(count)

    def take_ids(self, tx: Transaction, count: int) -> None:
        """Reserves the next `count` ids for this process and commits `tx`, which has done nothing yet."""
        tx.cursor.execute(
            f"UPDATE id_block SET reserved_to = reserved_to + {int(count)} "
            "WHERE name = 'row' RETURNING reserved_to"
        )
        last: int = tx.cursor.fetchone()[0]
        tx.commit()
        with self._id_lock:
            if last < self._last_id:
                return  # another thread has already reserved a later block
            if self._last_id != last - count:
                self._next_id = last - count
            # Otherwise the new block continues the old one: with one process ids have no gaps, so they don't
            # depend on which thread reserved when.
            self._last_id = last


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def with_driver(connection: sa.Connection) -> tuple[sa.Connection, Any]:
    """The connection, and the driver's own behind it."""
    return connection, connection.connection.driver_connection
