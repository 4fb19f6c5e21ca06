"""A new SQLite file gets its schema ready made, and it is the one that the migrations make."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import migrate, newest_revision, ready_schema, revisions
from wecom_tollbooth.migrate.upgrade import run_migrations
from wecom_tollbooth.settings import Settings

MOST_BEHIND = 3
"""Migrations that may run after the file's at each first start; `make schema` brings it up to date."""


def made_by(make: Callable[[sa.Connection], object]) -> list[str]:
    """The statements of a database that `make` makes, without differences of layout."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Settings(database_url=f"sqlite:///{folder}/schema.db"))
        try:
            with database.engine.connect() as connection, connection.begin():
                make(connection)
                return " ".join(ready_schema.text_of(connection).split()).split("; ")
        finally:
            database.close()


def test_the_ready_schema_is_what_the_migrations_make() -> None:
    def from_the_file(connection: sa.Connection) -> None:
        assert ready_schema.create(connection) is not None
        run_migrations(connection)

    assert made_by(from_the_file) == made_by(run_migrations)


def test_the_ready_schema_is_not_far_behind() -> None:
    reached: list[str | None] = []
    made_by(lambda connection: reached.append(ready_schema.create(connection)))
    assert reached[0] in revisions.revisions()[-1 - MOST_BEHIND :], "run make schema"


def test_a_new_file_is_at_the_newest_revision_with_and_without_the_ready_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (ready_schema.NAME, "missing.sql"):
        monkeypatch.setattr(ready_schema, "NAME", name)
        database = Database(Settings(database_url=f"sqlite:///{tmp_path}/{name}.db"))
        try:
            assert migrate(database) == newest_revision()
            with database.engine.connect() as connection:
                version = sa.text(f"SELECT version_num FROM {revisions.VERSION_TABLE}")
                assert connection.execute(version).scalars().all() == [newest_revision()]
        finally:
            database.close()
