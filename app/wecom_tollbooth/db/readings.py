"""Reading transactions: one consistent state of the database, beside the calls and without holding any."""

import time
from typing import TYPE_CHECKING, Self

from wecom_tollbooth.db.transactions import Transaction, with_driver

if TYPE_CHECKING:
    from wecom_tollbooth.db.transactions import Database

BUSY_SECONDS_OF_PYTHON = 0.002
REST_SECONDS = 0.001


def reading(database: "Database") -> Transaction:
    """A transaction for a `with` block that sees one state of the database until it ends, and writes nothing.

    To be run in a thread. A SQLite database in memory has one connection: there it's an ordinary transaction.
    """
    if database.dialect == "sqlite" and database.settings.sqlite_file is None:
        return database.transaction()
    return Reading(database)


class Reading(Transaction):
    """On SQLite it has a connection of its own, and the log of WAL mode keeps the state for it."""

    reads_only = True

    def __init__(self, database: "Database") -> None:
        super().__init__(database)
        self._rested_at = time.monotonic()

    def __enter__(self) -> Self:
        self.connection, self.driver = with_driver(self.database.reading_engine.connect())
        try:
            self.cursor = self.driver.cursor()
            self.begin()
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            self.rollback()
        finally:
            self._give_back()

    def begin(self) -> None:
        if self.dialect == "sqlite":
            self.cursor.execute("BEGIN")
            self.cursor.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()  # the state is that of now
        else:
            self.cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def breathe(self) -> None:
        """To be called now and then where many rows are read: lets the event loop have the interpreter.

        The loop asks for the interpreter's lock dozens of times in a call, and would wait 5 ms each time.
        """
        now = time.monotonic()
        if now - self._rested_at > BUSY_SECONDS_OF_PYTHON:
            time.sleep(REST_SECONDS)
            self._rested_at = time.monotonic()

    def _give_back(self) -> None:
        self.database.give_back_reading(self.connection, self.driver)
