"""Servers that use a PostgreSQL database: its schema isn't changed under them.

A server's sessions are named after the program and its version. 0.1 named none; one of its workers always
holds the advisory lock of the background work. SQLite's file is locked by the server that uses it.
"""

import time

import sqlalchemy as sa

from wecom_tollbooth.db.engines import SERVER_NAME
from wecom_tollbooth.db.failures import place
from wecom_tollbooth.settings import Settings, WrongSetting

LOCK_OF_0_1 = 740_001
SECONDS_BETWEEN_LOOKS = 1.0
"""A server that was only starting, and was refused for its old schema, is gone by then."""

_SESSIONS = sa.text("""
    SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine') AS host
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND (
        a.application_name LIKE :server || ' %'
        OR EXISTS (
            SELECT FROM pg_locks l
            WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted AND l.objid = :lock
        )
    )
    ORDER BY a.pid
""")


def refuse_running_servers(connection: sa.Connection, settings: Settings) -> None:
    """Raises WrongSetting while servers are connected, with their versions and machines."""
    if connection.dialect.name != "postgresql" or not _sessions(connection):
        return
    time.sleep(SECONDS_BETWEEN_LOOKS)
    found = _sessions(connection)
    if not found:
        return
    unnamed = f"{SERVER_NAME} 0.1"
    versions = sorted({name if name.startswith(f"{SERVER_NAME} ") else unnamed for _, name, _ in found})
    hosts = sorted({host for _, _, host in found})
    raise WrongSetting(
        f"{settings.named('database_url')}: {place(settings)}: servers of an older version are running "
        f"({', '.join(versions)} on {', '.join(hosts)}); stop them, then run `tollbooth migrate` again"
    )


def _sessions(connection: sa.Connection) -> list[tuple[int, str, str]]:
    connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
    rows = connection.execute(_SESSIONS, {"server": SERVER_NAME, "lock": LOCK_OF_0_1})
    return [(row.pid, row.application_name, row.host) for row in rows]
