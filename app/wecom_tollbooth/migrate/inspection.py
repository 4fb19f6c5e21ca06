"""Whose database it is: looked at before a byte is written, and refused where it is another program's.

Ours is a database with our version table. One of 0.1, which had Alembic's default name for it, is ours where
it holds one of our revisions and our tables stand. An empty database becomes ours.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.db.failures import DATABASE_ERRORS, explained, place
from wecom_tollbooth.migrate.revisions import (
    VERSION_TABLE,
    VERSION_TABLE_OF_0_1,
    newest_revision,
    revisions,
)
from wecom_tollbooth.migrate.table_names import ON_POSTGRESQL_ALONE, tables_at
from wecom_tollbooth.settings import Settings, WrongSetting

MOST_NAMED = 5
"""Tables of another program that a message names."""

_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
_POSTGRESQL_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p')
    AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )
"""
"""Of the schema where tables are made, without those of extensions, such as PostGIS's spatial_ref_sys."""

Select = Callable[[str], Iterable[str]]
"""Runs a query and gives the first column."""


@dataclass(frozen=True)
class Found:
    """The tables of a database, and where our revision is written down, if it is."""

    tables: frozenset[str] = frozenset()
    version_table: str | None = None
    revision: str | None = None

    @property
    def is_current(self) -> bool:
        return (self.version_table, self.revision) == (VERSION_TABLE, newest_revision())

    @property
    def ours(self) -> list[str]:
        """Our tables, by name; none where nothing says that any are."""
        if self.version_table is None or self.revision is None:
            return sorted(self.tables & {VERSION_TABLE})
        return sorted(self.tables & (tables_at(self.revision) | {self.version_table}))

    @property
    def foreign(self) -> list[str]:
        """The tables of another program, by name."""
        return sorted(self.tables.difference(self.ours))

    @property
    def foreign_in_words(self) -> str:
        named, more = self.foreign[:MOST_NAMED], len(self.foreign) - MOST_NAMED
        return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def look(database: Database) -> Found:
    """What is there. A file is neither made nor opened for writing. Raises as `refuse_unfit`."""
    settings = database.settings
    if settings.sqlite_file is not None:
        return look_before_opening(settings)
    with told_in_one_line(settings), database.engine.connect() as connection, connection.begin():
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        return refuse_unfit(settings, look_through(connection))


def look_before_opening(settings: Settings) -> Found:
    """The same of a file of SQLite alone, for who must know before it makes so much as a lock beside it."""
    path = settings.sqlite_file
    if path is None:
        return Found()
    with told_in_one_line(settings):
        return refuse_unfit(settings, look_at_file(path))


def about_foreign_tables(settings: Settings) -> str | None:
    """The line about tables of another program in the same database as ours, or None."""
    if settings.is_sqlite:
        found = look_before_opening(settings)
    else:
        database = Database(settings)
        try:
            found = look(database)
        finally:
            database.close()
    if not found.foreign:
        return None
    named, words = settings.named("database_url"), found.foreign_in_words
    return (
        f"{named}: 数据库里还有别的程序的表（{words}），请搬出来，见 docs/moving-out.zh-CN.md。"
        f"Tables of another program ({words}) are in the same database; move out, see docs/moving-out.md"
    )


def look_at_file(path: Path) -> Found:
    """The tables of a file of SQLite, without a trace of the look."""
    path = path.resolve()  # the log of a symlink's database is beside the database
    log, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    has_log = log.exists() and log.stat().st_size > 0
    if not has_log and (not path.exists() or (path.is_file() and path.stat().st_size == 0)):
        return Found()
    has_index = index.exists()
    # Without a log nothing is to be read but the file, and a mere look must not make one.
    uri = f"{path.absolute().as_uri()}?mode=ro{'' if has_log else '&immutable=1'}"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        found = _found(_SQLITE_TABLES, lambda query: [row[0] for row in connection.execute(query)])
    if not has_index:
        index.unlink(missing_ok=True)
    return found


def look_through(connection: sa.Connection) -> Found:
    """The tables that a connection finds; on PostgreSQL those of the schema where tables are made."""
    query = _SQLITE_TABLES if connection.dialect.name == "sqlite" else _POSTGRESQL_TABLES
    return _found(query, lambda query: connection.exec_driver_sql(query).scalars().all())


def refuse_unfit(settings: Settings, found: Found) -> Found:
    """Raises WrongSetting for another program's database, and for one that a newer program has made."""
    named = settings.named("database_url")
    if found.revision is None and found.foreign:
        fix = (
            "name another file" if settings.is_sqlite else "make it one of its own, CREATE DATABASE tollbooth"
        )
        raise WrongSetting(
            f"{named}: {place(settings)}: the database holds tables of another program "
            f"({found.foreign_in_words}) and none of ours; it was left as it is; {fix}"
        )
    if found.revision is not None and found.revision > newest_revision():
        raise WrongSetting(
            f"{named}: {place(settings)}: the database is at revision {found.revision}, newer than this "
            f"program ({newest_revision()}); use the newer program, or another database"
        )
    return found


@contextmanager
def told_in_one_line(settings: Settings) -> Iterator[None]:
    """A database that cannot be opened is a wrong setting, not a mistake of the program."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise WrongSetting(f"{settings.named('database_url')}: {explained(error, settings)}") from None


def _found(query_of_tables: str, select: Select) -> Found:
    tables = frozenset(select(query_of_tables))
    if VERSION_TABLE in tables:
        written = list(select(f"SELECT version_num FROM {VERSION_TABLE}"))
        return Found(tables, VERSION_TABLE, written[0] if written else None)
    # Only beside our first tables it is sure to be Alembic's, with the column that is asked for.
    if VERSION_TABLE_OF_0_1 in tables and _stand(revisions()[0], tables):
        written = list(select(f"SELECT version_num FROM {VERSION_TABLE_OF_0_1}"))
        revision = written[0] if len(written) == 1 else None
        if revision in revisions() and _stand(revision, tables):
            return Found(tables, VERSION_TABLE_OF_0_1, revision)
    return Found(tables)


def _stand(revision: str, tables: frozenset[str]) -> bool:
    """Whether all the tables are there that a database of ours has at this revision."""
    return tables >= tables_at(revision) - ON_POSTGRESQL_ALONE
