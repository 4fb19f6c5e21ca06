"""The SQLAlchemy engines of SQLite and PostgreSQL."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth import __version__
from wecom_tollbooth.db.checkpoints import KEPT_BYTES
from wecom_tollbooth.settings import Settings, WrongSetting

SERVER_NAME = "wecom-tollbooth"
"""Begins the application_name of a server's sessions in pg_stat_activity; the version follows."""

CONNECT_SECONDS = 10
"""How long to wait for a PostgreSQL that doesn't answer, unless its address has connect_timeout=."""


SECONDS_FOR_A_LOCK = 10
"""How long to wait while another program has the file locked, unless its address has timeout=."""

OPTIONS_OF_SQLITE = frozenset({"cache", "immutable", "mode", "nolock", "psow", "timeout", "uri", "vfs"})
"""What may follow the ? in the address of a file."""


BACKGROUND_CONNECTIONS = 3
"""For the background threads, so that no call waits for them: tasks, deliveries, the beat. The lock of the
tasks has a connection of its own."""


def sqlite_engine(settings: Settings) -> sa.Engine:
    options = sa.make_url(settings.database_url).query
    for option in options.keys() - OPTIONS_OF_SQLITE:
        raise WrongSetting(
            f"{settings.named('database_url')}: {settings.sqlite_file}: SQLite has no option {option!r}; "
            "leave out what follows the ?"
        )
    engine = sa.create_engine(
        settings.database_url,
        poolclass=sa.StaticPool,
        hide_parameters=True,  # a traceback must not show tokens and secrets
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            **({} if "timeout" in options else {"timeout": SECONDS_FOR_A_LOCK}),
        },
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        # Counts for a file that is made now; an older one gets it from the VACUUM of its upgrade.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {settings.sqlite_synchronous.upper()}")
        connection.execute("PRAGMA cache_size = -65536")
        # Every 80 MB instead of 4: a checkpoint waits for the disk, and no call is answered meanwhile. Pages
        # that every call rewrites (ledger, totals, journal) are also copied less often.
        connection.execute("PRAGMA wal_autocheckpoint = 20000")
        connection.execute(f"PRAGMA journal_size_limit = {KEPT_BYTES}")
        connection.execute("PRAGMA temp_store = MEMORY")

    return engine


def sqlite_reading_engine(settings: Settings) -> sa.Engine:
    """Connections that read a file, each for one reading at a time."""
    engine = sa.create_engine(
        settings.database_url,
        poolclass=sa.QueuePool,
        pool_size=2,
        max_overflow=-1,
        hide_parameters=True,
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "timeout": SECONDS_FOR_A_LOCK,
        },
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute("PRAGMA temp_store = MEMORY")

    return engine


def postgresql_engine(settings: Settings, *, is_server: bool = False) -> sa.Engine:
    """`is_server`: its sessions carry the name of a server, under which no schema is changed."""
    _, _, rest = settings.database_url.partition("://")
    connect_args: dict[str, Any] = {}
    if "connect_timeout=" not in rest:
        connect_args["connect_timeout"] = CONNECT_SECONDS
    if is_server:
        connect_args["application_name"] = f"{SERVER_NAME} {__version__}"
    try:
        return sa.create_engine(
            f"postgresql+psycopg://{rest}",
            connect_args=connect_args,
            hide_parameters=True,
            pool_size=settings.pool_size + BACKGROUND_CONNECTIONS,
            max_overflow=0,
            pool_reset_on_return=None,
        )
    except ModuleNotFoundError:
        raise WrongSetting(
            f"{settings.named('database_url')}: PostgreSQL needs its driver; "
            "pip install 'wecom-tollbooth[postgres]'"
        ) from None
