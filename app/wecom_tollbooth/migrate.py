"""Bringing a database to the present schema with Alembic.

On SQLite the server does it itself at start; on PostgreSQL `tollbooth migrate` does, once, before the
workers start. Revisions are numbered files in migrations/versions; the highest number is the present one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.settings import WrongSetting

_HERE = Path(__file__).parent
FOLDER = _HERE / "migrations" if (_HERE / "migrations").is_dir() else _HERE.parents[1] / "migrations"
"""In the installed package they lie inside it, in a clone beside it."""

MIGRATION_LOCK = 740_002
"""PostgreSQL's advisory lock of whoever migrates, so that two at once wait for each other."""


def newest_revision() -> str:
    return max(path.name.split("_", 1)[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def revision_of(engine: sa.Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def prepare(database: Database) -> None:
    """Makes sure that the schema is the present one: migrates SQLite, asks for `tollbooth migrate` else."""
    with _told_in_one_line(database):
        found = _refuse_newer(database)
        if found == newest_revision():
            return
    if not database.inline:
        raise WrongSetting(
            f"{database.settings.named('database_url')}: the database is at revision {found or 'none'}, "
            f"not {newest_revision()}; run `tollbooth migrate`"
        )
    migrate(database)


def migrate(database: Database) -> str:
    """Runs the migrations that are missing and returns the revision reached.

    Raises WrongSetting for a database that cannot be reached, or was made by a newer program.
    """
    with _told_in_one_line(database), _one_at_a_time(database):
        if _refuse_newer(database) != newest_revision():
            _upgrade(database)
    return newest_revision()


def _refuse_newer(database: Database) -> str | None:
    """The revision of the database, unless it is newer than this program."""
    found, wanted = revision_of(database.engine), newest_revision()
    if found is not None and found > wanted:
        raise WrongSetting(
            f"{database.settings.named('database_url')}: the database is at revision {found}, newer than "
            f"this program ({wanted}); use the newer program, or another database"
        )
    return found


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.engine.connect() as connection:
        attributes: dict[str, Any] = config.attributes
        attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


@contextmanager
def _told_in_one_line(database: Database) -> Iterator[None]:
    """A database that cannot be opened is a wrong setting, not a mistake of the program."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        reason = " ".join(str(error.orig).split()).rstrip(".?")
        mend = "name another file" if database.inline else "start PostgreSQL there, or mend the address"
        raise WrongSetting(f"{database.settings.named('database_url')}: {reason}; {mend}") from None


@contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    if database.inline:
        yield
        return
    with database.engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        yield
