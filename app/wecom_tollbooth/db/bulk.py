"""Many rows at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db.transactions import Transaction


def insert_tuples(
    tx: Transaction, table: sa.Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts rows in their order, after the session's pending changes.

    Each row holds the columns `names`, as the driver takes them. PostgreSQL gets them by COPY, which is
    several times as fast as INSERT.
    """
    quote = tx.engine.dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(map(quote, names))})"
    tx.flush()
    if tx.dialect == "postgresql":
        with tx.cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for values in rows:
                copy.write_row(values)
    else:
        tx.cursor.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", rows)
