"""What a database error means, whichever driver raised it."""

import sqlite3


class DatabaseBusy(Exception):
    """Another program holds a lock on the SQLite file; nothing was done, a retry may succeed."""


class StartOver(Exception):
    """The transaction was overtaken by another one; rolled back and run again, it can succeed."""


def is_conflict(error: Exception) -> bool:
    """Whether another transaction interfered, so that a retry can succeed."""
    return _kind(error) in {"UniqueViolation", "SerializationFailure", "DeadlockDetected"}


def is_duplicate(error: Exception) -> bool:
    """Whether a row with the same key exists. On PostgreSQL the transaction must then be rolled back."""
    return _kind(error) in {"UniqueViolation", "IntegrityError"}


def is_locked(error: Exception) -> bool:
    """Whether a SELECT … FOR UPDATE NOWAIT found its row locked by another transaction."""
    return _kind(error) == "LockNotAvailable"


def is_from_driver(error: Exception) -> bool:
    """Whether the database, or the connection to it, failed; SQLAlchemy may have wrapped the error."""
    raised = getattr(error, "orig", error)
    return isinstance(raised, sqlite3.Error) or type(raised).__module__.startswith("psycopg")


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another connection to the SQLite file, usually another program's, holds a lock on it."""
    primary_code = error.sqlite_errorcode & 0xFF
    return primary_code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_unkeepable(error: Exception) -> bool:
    """Whether a value can't be stored: a number beyond its column, text too long or not UTF-8."""
    return _kind(error) in {
        "CharacterNotInRepertoire",
        "DataError",
        "NumericValueOutOfRange",
        "OverflowError",
        "ProgramLimitExceeded",
        "UnicodeEncodeError",
        "UntranslatableCharacter",
    }


def is_unavailable(error: Exception) -> bool:
    """Whether the database doesn't answer: it is away, locked, full or damaged."""
    kinds = {kind.__name__ for kind in type(getattr(error, "orig", error)).__mro__}
    return bool(kinds & {"OperationalError", "InterfaceError"}) or _kind(error) == "TimeoutError"


def _kind(error: Exception) -> str:
    """The class name of the driver's own error, which SQLAlchemy may wrap."""
    return type(getattr(error, "orig", error)).__name__
