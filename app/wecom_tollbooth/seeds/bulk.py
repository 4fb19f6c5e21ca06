"""What makes a large seed quick: tuples past the ORM, memory for the pages, and indexes made at the end."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, DropIndex

from wecom_tollbooth.db import Database, Transaction

CACHE_KIB = 256 * 1024
"""Of SQLite's pages, while a seed runs: its rows go to places all over the indexes."""

WORTH_NEW_INDEXES = 50_000
"""Fewer rows than these go into the indexes one by one."""

WORTH_STATISTICS = 10_000
"""Fewer rows than these are found soon enough however they are looked for."""


def insert_tuples(
    tx: Transaction, table: sa.Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Puts rows in, as they come; each holds the columns `names` in order, as the driver wants them.

    PostgreSQL takes them by COPY.
    """
    quote = tx.engine.dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(map(quote, names))})"
    tx.flush()
    if tx.dialect == "postgresql":
        with tx.cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        tx.cursor.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", rows)


@contextmanager
def roomy(database: Database) -> Iterator[None]:
    """SQLite keeps more of its file in memory until the block ends. It has one connection."""
    if database.dialect != "sqlite":
        yield
        return
    before = _set_cache(database, -CACHE_KIB)
    try:
        yield
    finally:
        _set_cache(database, before)


def _set_cache(database: Database, size: int) -> int:
    """Sets the size as PRAGMA cache_size counts it; the one before."""
    with database.transaction() as tx:
        before = int(tx.cursor.execute("PRAGMA cache_size").fetchone()[0])
        tx.cursor.execute(f"PRAGMA cache_size = {size}")
    return before


@contextmanager
def indexes_at_the_end(tx: Transaction, table: sa.Table, count: int) -> Iterator[None]:
    """Takes the secondary indexes of `table` away and makes them anew when `count` rows were put in.

    Only where that is quicker: where many come to few, on SQLite. There nobody else reads meanwhile, and a
    transaction that is undone, or killed, leaves the indexes as they were. PostgreSQL would lock all out.
    """
    worth_it = tx.dialect == "sqlite" and count >= WORTH_NEW_INDEXES and _at_most(tx, table, count)
    indexes = sorted(table.indexes, key=lambda index: str(index.name)) if worth_it else []
    dialect = tx.engine.dialect
    for index in indexes:
        tx.cursor.execute(str(DropIndex(index).compile(dialect=dialect)))
    yield
    for index in indexes:
        tx.cursor.execute(str(CreateIndex(index).compile(dialect=dialect)))


def _at_most(tx: Transaction, table: sa.Table, count: int) -> bool:
    """Whether the table has no more than `count` rows."""
    some = sa.select(sa.literal(1)).select_from(table).limit(count + 1).subquery()
    return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()) <= count


def made_known(database: Database, tables: Sequence[sa.Table], count: int) -> None:
    """Lets PostgreSQL count anew what it has of each corp, after `count` rows came into each of `tables`.

    By itself it does so when a tenth of a table is new. Until then it takes a corp that it has not met for
    one of a single row, and reads all rows of it where an index would lead to the one that is wanted.
    """
    if database.dialect == "postgresql" and count >= WORTH_STATISTICS:
        with database.transaction() as tx:
            quote = tx.engine.dialect.identifier_preparer.quote
            tx.cursor.execute(f"ANALYZE {', '.join(quote(table.name) for table in tables)}")
