"""A PostgreSQL for servers that are killed: it survives them and finishes the statements they sent."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.conftest import Databases, running_postgresql

SECONDS_TO_SETTLE = 20
_OTHERS = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def settling_postgresql(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """An empty database, and a function that waits until a killed server's statements are finished."""
    with running_postgresql() as postgres:
        url = Databases(folder, postgres).new_url()
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool)

        def settle() -> None:
            deadline = time.monotonic() + SECONDS_TO_SETTLE
            with engine.connect() as connection:
                while connection.execute(_OTHERS).scalar():
                    assert time.monotonic() < deadline, "PostgreSQL keeps the killed server's sessions"
                    time.sleep(0.02)
                    connection.rollback()

        yield url, settle
