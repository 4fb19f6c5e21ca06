"""What belongs to a corp: which tables, which of their columns, and how their rows are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.billing.tables import CLOSED_APP, CLOSED_CORP
from wecom_tollbooth.callbacks.tables import CALLBACK_ENDPOINT
from wecom_tollbooth.corps.snapshot_tables import KEPT_BY_RESTORE
from wecom_tollbooth.corps.tables import CORP, UNFINISHED_CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.media.tables import DROPPED_FILE
from wecom_tollbooth.tables import metadata

NOT_OF_A_LIVING_CORP = (CLOSED_CORP, CLOSED_APP, UNFINISHED_CORP, DROPPED_FILE)
"""Of deleted and half made corps, or of the folder of files."""

ROWS_A_PART = 1_000

_LEFT_OUT = frozenset({(CORP.name, "generation"), (CALLBACK_ENDPOINT.name, "lease_owner")})
"""Columns that say something about the server and not about the corp: they get their defaults."""


@dataclass(frozen=True)
class Content:
    """One table of a corp's content, without `corp_id`."""

    table: sa.Table

    @cached_property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        left_out = {name for table, name in _LEFT_OUT if table == self.table.name} | {"corp_id"}
        return tuple(column for column in self.table.columns if column.name not in left_out)

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def keys(self) -> tuple[sa.Column[Any], ...]:
        return tuple(column for column in self.table.primary_key.columns if column.name != "corp_id")

    @cached_property
    def flags(self) -> tuple[int, ...]:
        """The places of the columns that are true or false, which SQLite has as numbers."""
        return tuple(place for place, column in enumerate(self.columns) if is_flag(column))

    def read(self, tx: Transaction, corp_id: str) -> Iterator[list[tuple[Any, ...]]]:
        """The corp's rows in the order of their keys, ROWS_A_PART at a time, as the driver has them."""
        cursor = _cursor(tx)
        cursor.execute(self._selection(tx), (corp_id,))
        while rows := cursor.fetchmany(ROWS_A_PART):
            tx.breathe()
            if not self.columns:
                rows = [()] * len(rows)
            yield self._with_flags(rows) if tx.dialect == "sqlite" and self.flags else rows
        cursor.close()

    def _selection(self, tx: Transaction) -> str:
        # The same order everywhere, whatever PostgreSQL thinks of letters.
        binary = ' COLLATE "C"' if tx.dialect == "postgresql" else ""
        order = [f"{quoted(key.name)}{binary if is_text(key) else ''}" for key in self.keys]
        names = ", ".join(map(quoted, self.names)) or "1"
        sql = f"SELECT {names} FROM {quoted(self.table.name)} WHERE corp_id = {SIGNS[tx.dialect]}"
        return f"{sql} ORDER BY {', '.join(order)}" if order else sql

    def _with_flags(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        changed = []
        for row in rows:
            values = list(row)
            for place in self.flags:
                values[place] = bool(values[place])
            changed.append(tuple(values))
        return changed


def _cursor(tx: Transaction) -> Any:
    """A cursor that doesn't fetch all rows of a large table at once."""
    if tx.dialect == "sqlite":
        return tx.driver.cursor()
    return tx.driver.cursor(name="content")


def is_flag(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.Boolean)


def is_text(column: sa.Column[Any]) -> bool:
    """Whether it is text, JSON not included."""
    return isinstance(column.type, sa.String)


@lru_cache(maxsize=1)
def contents() -> tuple[Content, ...]:
    """Every table of a corp's content, in the order of their names."""
    return tuple(
        Content(table)
        for table in sorted(metadata().tables.values(), key=lambda table: table.name)
        if "corp_id" in table.c and table not in NOT_OF_A_LIVING_CORP and KEPT_BY_RESTORE not in table.info
    )


@lru_cache(maxsize=1)
def by_name() -> dict[str, Content]:
    return {content.table.name: content for content in contents()}


def not_empty(tx: Transaction, corp_id: str) -> list[Content]:
    """Those of the tables that have rows of the corp, found in one statement."""
    tx.flush()
    each = "SELECT {place} WHERE EXISTS (SELECT 1 FROM {table} WHERE corp_id = {corp_id})"
    tx.cursor.execute(_of_all_tables(tx.dialect, each), (corp_id,) * len(contents()))
    return [contents()[place] for place in sorted(row[0] for row in tx.cursor.fetchall())]


def has_at_most(tx: Transaction, corp_id: str, rows: int) -> bool:
    """Whether the corp has so few rows, without counting many more."""
    tx.flush()
    some = "SELECT 1 FROM {table} WHERE corp_id = {corp_id}"
    each = f"SELECT count(*) FROM ({some} LIMIT {rows + 1}) some"
    tx.cursor.execute(_of_all_tables(tx.dialect, each), (corp_id,) * len(contents()))
    found: list[int] = [row[0] for row in tx.cursor.fetchall()]
    return sum(found) <= rows


def remove_all(tx: Transaction, corp_id: str, table: sa.Table) -> None:
    """Removes the corp's few rows in the table."""
    tx.flush()
    tx.cursor.execute(f"DELETE FROM {quoted(table.name)} WHERE corp_id = {SIGNS[tx.dialect]}", (corp_id,))


SIGNS = {"sqlite": "?", "postgresql": "%s"}


def quoted(name: str) -> str:
    return f'"{name}"'


@lru_cache(maxsize=8)
def _of_all_tables(dialect: str, each: str) -> str:
    return " UNION ALL ".join(
        each.format(place=place, table=quoted(content.table.name), corp_id=SIGNS[dialect])
        for place, content in enumerate(contents())
    )


def as_lines(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """The rows as JSON lines, each a list of values, with a line break at the end of each."""
    return b"\n".join(map(orjson.dumps, rows)) + b"\n"


def from_lines(lines: bytes) -> list[list[Any]]:
    """The rows of `as_lines`. Raises orjson.JSONDecodeError."""
    rows: list[list[Any]] = orjson.loads(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
    return rows
