"""Why a database can't be used, in words for the operator: where it is, the reason, the fix."""

import sqlite3

import sqlalchemy as sa

from wecom_tollbooth.db.errors import DatabaseBusy, is_unavailable
from wecom_tollbooth.file_lock import MAKE_ROOM, fix_of_a_file
from wecom_tollbooth.settings import Settings

DATABASE_ERRORS = (sa.exc.DBAPIError, sqlite3.Error, OSError, LookupError, DatabaseBusy)
"""What opening, reading and writing a database may raise, but for what psycopg raises on its own cursor."""


def is_database_error(error: Exception) -> bool:
    """Whether the database is the reason, on whichever way it was asked."""
    return isinstance(error, DATABASE_ERRORS) or is_unavailable(error)


_FIXES_OF_SQLITE: tuple[tuple[str, str], ...] = (
    ("file is not a database", "name another file"),
    ("malformed", "restore a backup with `tollbooth restore FILE`, or name another file"),
    ("disk is full", MAKE_ROOM),
    ("disk I/O error", f"{MAKE_ROOM}, and see whether the disk works"),
    ("readonly", "make the file and its folder writable"),
    ("already another table", "move the other program's tables out, see docs/moving-out.md"),
    ("locked", "close the program that has it open"),
    ("unable to open", "name a file that may be read and written, in a folder that exists"),
)
_FIXES_OF_POSTGRESQL: tuple[tuple[str, str], ...] = (
    ("password", "correct the user and the password in the address"),
    ("no pg_hba.conf entry", "let this host in with a line in pg_hba.conf"),
    ('role "', "create the role, or correct the user in the address"),
    ("permission denied", "GRANT the user CREATE on the schema, and all rights to our tables"),
    ("read-only", "name the primary server, or one that may be written"),
    ("too many", "raise max_connections there, or lower TOLLBOOTH_POOL_SIZE or TOLLBOOTH_WORKERS"),
    ("remaining connection slots", "raise max_connections there, or lower TOLLBOOTH_POOL_SIZE"),
    ("no space left", MAKE_ROOM),
    ("already exists", "move the other program's tables out, see docs/moving-out.md"),
    (
        "accepting connections",
        "wait until it accepts connections, or ALTER DATABASE … ALLOW_CONNECTIONS true",
    ),
    ("connection option", "correct what follows the ? in the address"),
)


def explained(error: Exception, settings: Settings) -> str:
    """One line: the file or the address without its password, the reason, what to do about it."""
    reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".?")
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    if settings.sqlite_file is not None and settings.sqlite_file.is_dir():
        return f"{place(settings)}: is a folder; name a file"
    return f"{place(settings)}: {reason}; {_fix(error, reason, settings)}"


def place(settings: Settings) -> str:
    """The file of SQLite, or PostgreSQL's host, port and database."""
    if settings.is_sqlite:
        return str(settings.sqlite_file or ":memory:")
    url = sa.make_url(settings.database_url)
    host = url.host or url.query.get("host") or "localhost"
    return f"{host}:{url.port or url.query.get('port') or 5432}/{url.database or ''}"


def _fix(error: Exception, reason: str, settings: Settings) -> str:
    if settings.is_sqlite:
        if isinstance(error, OSError):
            return fix_of_a_file(error)
        words, otherwise = _FIXES_OF_SQLITE, "name another file"
    else:
        words, otherwise = _FIXES_OF_POSTGRESQL, "start PostgreSQL there, or correct the address"
        if "does not exist" in reason and "database" in reason:
            return f"CREATE DATABASE {sa.make_url(settings.database_url).database}, or correct the address"
    return next((fix for word, fix in words if word.lower() in reason.lower()), otherwise)
