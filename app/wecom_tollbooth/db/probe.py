"""Whether the database can be read and written now."""

import sqlalchemy as sa

from wecom_tollbooth.db.transactions import Database, Transaction

FILLER_BYTES = 65_536
"""On a full disk a single page may still find room in the log, where no call would."""

_READ = "SELECT (SELECT max(reserved_to) FROM id_block), (SELECT max(shift) FROM sim_clock)"


def touch(database: Database, seconds: int) -> None:
    """Reads what every call reads, and writes the one row of heartbeat; raises what the driver raises.

    On SQLite over the connection that calls use; on PostgreSQL over a new one, so that calls which hold all
    others don't count as a database that is away. `seconds` is how long PostgreSQL may take for each step.
    """
    if database.inline:
        with Transaction(database) as tx:
            tx.cursor.execute(_READ)
            tx.cursor.fetchall()
            tx.cursor.execute(
                f"UPDATE heartbeat SET beats = beats + 1, filler = randomblob({FILLER_BYTES}) RETURNING beats"
            )
            _refuse_no_row(tx.cursor.fetchall())
        return
    engine = sa.create_engine(
        database.engine.url, connect_args={"connect_timeout": seconds}, poolclass=sa.NullPool
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(_READ)
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000}")
        beat = connection.exec_driver_sql("UPDATE heartbeat SET beats = beats + 1 RETURNING beats")
        _refuse_no_row(beat.fetchall())


def _refuse_no_row(rows: object) -> None:
    if not rows:
        raise LookupError("the table heartbeat has no row")
