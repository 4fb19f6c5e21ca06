"""Bringing a database to the present schema with Alembic.

On SQLite the server does it itself at start; on PostgreSQL `tollbooth migrate` does, once, before the
workers start. Revisions are numbered files in migrations/versions; the highest number is the present one.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.db import Database
from app.settings import WrongSetting

_HERE = Path(__file__).parent
FOLDER = _HERE / "migrations" if (_HERE / "migrations").is_dir() else _HERE.parent / "migrations"


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
    found, wanted = revision_of(database.engine), newest_revision()
    if found == wanted:
        return
    if found is not None and found > wanted:
        raise WrongSetting(
            f"DATABASE_URL: the database is at revision {found}, newer than this program ({wanted}); "
            "use the newer program, or another database"
        )
    if not database.inline:
        raise WrongSetting(
            f"DATABASE_URL: the database is at revision {found or 'none'}, not {wanted}; "
            "run `tollbooth migrate`"
        )
    migrate(database)


def migrate(database: Database) -> str:
    """Runs the migrations that are missing and returns the revision reached."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.engine.connect() as connection:
        attributes: dict[str, Any] = config.attributes
        attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    return newest_revision()
