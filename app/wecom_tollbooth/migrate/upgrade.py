"""Running the migrations that are missing, with Alembic.

On SQLite the server does it itself at start; on PostgreSQL `tollbooth migrate` does, once, before the
workers start. It is one transaction: a migration that fails leaves the database as it was.
"""

import logging
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.db.failures import DATABASE_ERRORS, explained, place
from wecom_tollbooth.db.probe import touch
from wecom_tollbooth.migrate import ready_schema, revisions, safety_copy
from wecom_tollbooth.migrate.inspection import Found, look, look_through, refuse_unfit, told_in_one_line
from wecom_tollbooth.migrate.revisions import VERSION_TABLE, VERSION_TABLE_OF_0_1, newest_revision
from wecom_tollbooth.migrate.running_servers import refuse_running_servers
from wecom_tollbooth.settings import WrongSetting

log = logging.getLogger("tollbooth.database")

SECONDS_TO_ANSWER = 10
"""How long PostgreSQL may take at start for each step of a write."""

MIGRATION_LOCK = 740_002
"""PostgreSQL's advisory lock of a migration, so that two at once wait for each other."""


def prepare(database: Database) -> None:
    """Makes sure that the schema is the present one and that the database can be written.

    Migrates SQLite, asks for `tollbooth migrate` otherwise. Raises WrongSetting.
    """
    found, settings = look(database), database.settings
    if not found.is_current:
        if not database.inline:
            raise WrongSetting(
                f"{settings.named('database_url')}: {place(settings)}: the database is at revision "
                f"{found.revision or 'none'}, not {newest_revision()}; run `tollbooth migrate`"
            )
        migrate(database)
    with told_in_one_line(settings):
        touch(database, SECONDS_TO_ANSWER)


def migrate(database: Database) -> str:
    """Runs the migrations that are missing and returns the revision reached.

    Raises WrongSetting for a database that cannot be reached, is another program's, or was made by a newer
    one, and when a migration fails.
    """
    found = look(database)
    path = database.settings.sqlite_file
    if found.is_current:
        pass
    elif path is None or found.revision is None:
        _upgrade(database)
    else:
        aside = safety_copy.copy_aside(database.settings, path, found.revision)
        with safety_copy.old_file_on_failure(path, aside):
            _upgrade(database)
        _let_it_shrink(database)
        log.warning("升级前的数据库已另存为 The database as it was before the upgrade is kept as %s", aside)
    return newest_revision()


def _upgrade(database: Database) -> None:
    named = database.settings.named("database_url")
    found = Found()
    try:
        with told_in_one_line(database.settings):
            connection = database.engine.connect()
        with connection, connection.begin():
            _hold_the_database(connection)
            found = refuse_unfit(database.settings, look_through(connection))
            if found.is_current:
                return  # another process has just done it
            if found.revision is not None:
                refuse_running_servers(connection, database.settings)
            if found.version_table == VERSION_TABLE_OF_0_1:
                _adopt(connection)
            if database.inline and not found.tables and ready_schema.create(connection) == newest_revision():
                return
            run_migrations(connection)
    except WrongSetting:
        raise
    except Exception as error:
        wanted = f"upgraded to revision {newest_revision()}" if found.tables else "made"
        what = f"{named}: the database could not be {wanted} and is as it was before"
        if isinstance(error, DATABASE_ERRORS):
            raise WrongSetting(f"{what}: {explained(error, database.settings)}") from None
        log.exception("the upgrade failed")
        raise WrongSetting(
            f"{what}: {' '.join(str(error).split())}; report it with the lines above"
        ) from error


def _let_it_shrink(database: Database) -> None:
    """Rebuilds a file of before 0.2 once, so that it gives back the room of what retention removes."""
    try:
        with database.engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar_one() == 0:
                connection.exec_driver_sql("PRAGMA auto_vacuum = INCREMENTAL")
                connection.exec_driver_sql("VACUUM")
    except DATABASE_ERRORS as error:
        # It needs as much room again as the file has; without it the file works and only stays large.
        log.warning("the file keeps its size: %s", explained(error, database.settings))


def _hold_the_database(connection: sa.Connection) -> None:
    """Nobody else migrates until this transaction ends."""
    if connection.dialect.name == "sqlite":
        # The driver begins no transaction by itself, and each statement would stand at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})


def _adopt(connection: sa.Connection) -> None:
    """Our revision moves from 0.1's table into one that no other program has."""
    for statement in (
        f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))",
        f"INSERT INTO {VERSION_TABLE} (version_num) SELECT version_num FROM {VERSION_TABLE_OF_0_1}",
        f"DROP TABLE {VERSION_TABLE_OF_0_1}",
    ):
        connection.exec_driver_sql(statement)


def run_migrations(connection: sa.Connection) -> None:
    """All that are missing, in the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(revisions.FOLDER))
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    command.upgrade(config, "head")
