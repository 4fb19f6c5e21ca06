"""Locks that one of all workers on PostgreSQL holds over many transactions."""

from typing import Any

from wecom_tollbooth.db.transactions import Database


class SessionLock:
    """An advisory lock on a connection of its own, so that its holder doesn't run out of the pool's.

    It ends with its session, if the process dies.
    """

    def __init__(self, database: Database, number: int) -> None:
        self._database, self._number = database, number
        self._connection: Any = None

    def take(self) -> bool:
        """Takes the lock if it is free, and says whether it did."""
        if self._connection is None:
            dialect, engine = self._database.engine.dialect, self._database.engine
            arguments, named = dialect.create_connect_args(engine.url)
            self._connection = dialect.connect(*arguments, **named)
            self._connection.autocommit = True
        query = f"SELECT pg_try_advisory_lock({self._number})"
        return bool(self._connection.execute(query).fetchone()[0])

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
