"""Locks that one of all workers on PostgreSQL holds over many transactions."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db.transactions import Database


class SessionLock:
    """An advisory lock on a connection of its own, so that its holder doesn't run out of the pool's.

    It ends with its session, if the process dies.
    """

    def __init__(self, database: Database, number: int) -> None:
        self._database, self._number = database, number
        self._connection: sa.Connection | None = None
        self._is_held = False

    def take(self) -> bool:
        """Takes the lock if it is free, and says whether it is held. Raises when its session has ended."""
        try:
            if self._connection is None:
                self._connection = self._database.engine.connect()
                self._connection.detach()
            # The lock ends with its session: a session that answers still holds it.
            query = "SELECT true" if self._is_held else f"SELECT pg_try_advisory_lock({self._number})"
            self._is_held = bool(self._connection.exec_driver_sql(query).scalar())
            self._connection.commit()
        except BaseException:
            self.release()
            raise
        return self._is_held

    def release(self) -> None:
        """Closes the session itself: dropped, it would hold the lock until Python collects garbage."""
        if self._connection is not None:
            # Not driver_connection, which a detached connection doesn't have.
            driver: Any = (
                None if self._connection.invalidated else self._connection.connection.dbapi_connection
            )
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
            if driver is not None:
                driver.close()
        self._is_held = False
