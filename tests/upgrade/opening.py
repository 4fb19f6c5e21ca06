"""Restores the database of 0.1: its schema by Alembic at its revision, and its rows."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.upgrade import rows
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import FOLDER, migrate
from wecom_tollbooth.settings import Settings

REVISION = "0025"
VERSION_TABLE = "alembic_version"
"""The revision of 0.1, and where it is stored."""


def restore_old_database(url: str) -> None:
    """Turns an empty database into that of 0.1."""
    if (file := sa.make_url(url).database) and url.startswith("sqlite:"):
        Path(file).write_bytes(_old_file())
    else:
        _restore(url)


def migrated(url: str) -> str:
    """Migrates the database and returns its revision."""
    database = Database(Settings(database_url=url))
    try:
        return migrate(database)
    finally:
        database.close()


def open_old_database(url: str) -> None:
    """Turns an empty database into that of 0.1, migrated."""
    if (file := sa.make_url(url).database) and url.startswith("sqlite:"):
        Path(file).write_bytes(_migrated_file())
    else:
        _restore(url)
        migrated(url)


@functools.cache
def _old_file() -> bytes:
    return _made_by(_restore)


@functools.cache
def _migrated_file() -> bytes:
    def make(url: str) -> None:
        restore_old_database(url)
        migrated(url)

    return _made_by(make)


def _made_by(make: Callable[[str], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "old.db"
        make(f"sqlite:///{file}")
        return file.read_bytes()


def _restore(url: str) -> None:
    database = Database(Settings(database_url=url))
    try:
        with database.engine.connect() as connection:
            create_schema(connection)
            rows.put(connection, rows.read(rows.path_of(database.dialect)))
            connection.commit()
    finally:
        database.close()


def create_schema(connection: sa.Connection, revision: str = REVISION) -> None:
    """The tables of 0.1, or of an earlier revision, with Alembic's version table as it named it."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    attributes: dict[str, Any] = config.attributes
    attributes["connection"], attributes["version_table"] = connection, VERSION_TABLE
    command.upgrade(config, revision)
    connection.commit()
