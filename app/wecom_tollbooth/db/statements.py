"""Statements: those that SQLite and PostgreSQL write differently, and those that are compiled once."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Insert

from wecom_tollbooth.db.transactions import Transaction

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(dialect: str, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that offers `on_conflict_do_…`, which SQLite and PostgreSQL both have."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # not needed for a start on SQLite

    return postgresql.insert(table)


def json_list(dialect: str, name: str) -> sa.Select[tuple[str]]:
    """The texts in the parameter `name`, a JSON list of any length, for `column.in_(...)`."""
    given = sa.bindparam(name, type_=sa.Text)
    texts = (
        sa.func.json_array_elements_text(sa.cast(given, sa.JSON))
        if dialect == "postgresql"
        else sa.func.json_each(given)
    )
    return sa.select(texts.table_valued("value").c.value)


def upsert(dialect: str, table: sa.Table, keys: Sequence[str]) -> Insert:
    """An INSERT of all columns of `table` that replaces the row with the same `keys`."""
    row = insert_into(dialect, table).values(
        {column.name: sa.bindparam(column.name) for column in table.columns}
    )
    others = {column.name: row.excluded[column.name] for column in table.columns if column.name not in keys}
    return row.on_conflict_do_update(index_elements=list(keys), set_=others)


def insert_missing(dialect: str, table: sa.Table) -> Insert:
    """An INSERT of all columns of `table` that keeps an existing row with the same primary key."""
    row = insert_into(dialect, table).values(
        {column.name: sa.bindparam(column.name) for column in table.columns}
    )
    return row.on_conflict_do_nothing()


class CompiledStatement:
    """A statement that is compiled once and runs on the driver's cursor.

    `CompiledStatement(select(...).where(t.c.corp_id == bindparam("corp_id"))).one(tx, corp_id="ww1")`.
    Where the databases differ, pass a function from the dialect's name to the statement.
    """

    def __init__(self, statement: sa.ClauseElement | Callable[[str], sa.ClauseElement]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {}

    def one(self, tx: Transaction, **params: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = self._run(tx, params).fetchone()
        return row

    def all(self, tx: Transaction, **params: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._run(tx, params).fetchall()
        return rows

    def run(self, tx: Transaction, **params: Any) -> int:
        """Executes the statement and returns how many rows it affected."""
        count: int = self._run(tx, params).rowcount
        return count

    def many(self, tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
        """Executes the statement once for each of `rows`."""
        if rows:
            sql, arrange = self._compiled.get(tx.dialect) or self._compile(tx)
            tx.cursor.executemany(sql, [arrange(row) for row in rows])

    def _run(self, tx: Transaction, params: dict[str, Any]) -> Any:
        sql, arrange = self._compiled.get(tx.dialect) or self._compile(tx)
        return tx.cursor.execute(sql, arrange(params))

    def _compile(self, tx: Transaction) -> tuple[str, Callable[[dict[str, Any]], Any]]:
        dialect = tx.engine.dialect
        statement = self._statement(dialect.name) if callable(self._statement) else self._statement
        compiled = statement.compile(dialect=dialect)
        literals = {name: value for name, value in compiled.params.items() if value is not None}
        order = getattr(compiled, "positiontup", None)
        arrange = _by_name(literals) if order is None else _by_place(order, literals)
        self._compiled[dialect.name] = (str(compiled), arrange)
        return self._compiled[dialect.name]


def _by_name(literals: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """Turns parameters into what a driver with named placeholders takes."""
    return literals.__or__ if literals else lambda params: params


def _by_place(order: Sequence[str], literals: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """Turns parameters into what a driver with positional placeholders takes."""
    if not order:
        return lambda params: ()
    # itemgetter returns a tuple only for two or more names.
    pick = itemgetter(*order) if len(order) > 1 else lambda params: (params[order[0]],)
    return (lambda params: pick(literals | params)) if literals else pick
