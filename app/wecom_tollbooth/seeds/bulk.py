"""Bulk insertion for seeds: rows past the ORM, a larger page cache, and indexes that are built at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic.fields import FieldInfo
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlmodel import SQLModel

from wecom_tollbooth.db import Slices, Transaction, insert_tuples, table_of

CACHE_KIB = 256 * 1024
"""SQLite's page cache while a seed runs: its rows go to places all over the indexes."""

REBUILD_INDEXES_FROM = 50_000
"""With fewer new rows than this, indexes are kept and updated row by row."""

ANALYZE_FROM = 10_000
"""With fewer new rows than this, any query plan is fast enough."""

_DEFAULTS: dict[type[SQLModel], dict[str, Any]] = {}


def row_of(model: type[SQLModel], **values: Any) -> dict[str, Any]:
    """All columns of the table in their order: `values`, else the defaults, as the driver takes them."""
    defaults = _DEFAULTS.get(model)
    if defaults is None:
        defaults = _DEFAULTS[model] = {name: _default(field) for name, field in model.model_fields.items()}
    return {**defaults, **values}


def _default(field: FieldInfo) -> Any:
    """The default of a column; what a factory makes is JSON, which is stored as text."""
    default = field.get_default(call_default_factory=True, validated_data={})
    return orjson.dumps(default).decode() if field.default_factory else default


def insert_rows(tx: Transaction, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows that `row_of` made."""
    if rows:
        insert_tuples(tx, table_of(model), list(rows[0]), (tuple(one.values()) for one in rows))


@contextmanager
def larger_cache(tx: Transaction) -> Iterator[None]:
    """Enlarges SQLite's page cache until the block ends."""
    if tx.dialect != "sqlite":
        yield
        return
    before = int(tx.cursor.execute("PRAGMA cache_size").fetchone()[0])
    tx.cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    try:
        yield
    finally:
        tx.cursor.execute(f"PRAGMA cache_size = {before}")


@contextmanager
def indexes_rebuilt(tx: Transaction, table: sa.Table, count: int) -> Iterator[None]:
    """Drops the secondary indexes of `table` and creates them again when the block has inserted `count` rows.

    For a seed that is one transaction. Does so only where it is faster: on SQLite, with many new rows in a
    table that holds fewer. A rollback or a kill leaves the indexes as they were. On PostgreSQL this would
    lock everybody else out.
    """
    worth_it = tx.dialect == "sqlite" and count >= REBUILD_INDEXES_FROM and _has_at_most(tx, table, count)
    indexes = sorted(table.indexes, key=lambda index: str(index.name)) if worth_it else []
    dialect = tx.engine.dialect
    for index in indexes:
        tx.cursor.execute(str(DropIndex(index).compile(dialect=dialect)))
    yield
    for index in indexes:
        tx.cursor.execute(str(CreateIndex(index).compile(dialect=dialect)))


def _has_at_most(tx: Transaction, table: sa.Table, count: int) -> bool:
    some = sa.select(sa.literal(1)).select_from(table).limit(count + 1).subquery()
    return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()) <= count


def analyzing(tables: Sequence[sa.Table], count: int) -> Slices[None]:
    """Refreshes PostgreSQL's planner statistics after `count` rows went into each of `tables`.

    Autovacuum does so only when a tenth of a table has changed. Until then the planner estimates one row for
    a corp that it doesn't know, and reads all of the corp's rows where an index would find the right one.
    """
    if count >= ANALYZE_FROM:
        yield partial(_analyze, tables)


def _analyze(tables: Sequence[sa.Table], tx: Transaction) -> None:
    if tx.dialect == "postgresql":
        quote = tx.engine.dialect.identifier_preparer.quote
        tx.cursor.execute(f"ANALYZE {', '.join(quote(table.name) for table in tables)}")
