"""Rows for the driver: all columns of a table, put in many at a time."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import CompiledStatement, Transaction

COPIED_FROM = 100
"""More rows than these go to PostgreSQL by COPY."""

_INSERTS: dict[type, CompiledStatement] = {}
_DEFAULTS: dict[type, dict[str, Any]] = {}
_EMPTY: dict[str, Any] = {"profile": "{}", "remark_mobiles": "[]"}


def row(table: Any, **values: Any) -> dict[str, Any]:
    """All columns of `table`: `values`, else the model's defaults, as the driver wants them."""
    defaults = _DEFAULTS.get(table)
    if defaults is None:
        fields = table.model_fields.items()
        defaults = _DEFAULTS[table] = {name: _EMPTY.get(name, field.default) for name, field in fields}
    return {**defaults, **values}


def insert(tx: Transaction, table: Any, rows: list[dict[str, Any]]) -> None:
    """Puts rows in, past the ORM, whose pending changes go first."""
    if table not in _INSERTS:
        core: sa.Table = table.__table__
        values: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in core.columns}
        _INSERTS[table] = CompiledStatement(sa.insert(core).values(values))
    tx.flush()
    if tx.dialect == "postgresql" and len(rows) > COPIED_FROM:
        _copy(tx, table.__table__, rows)
    else:
        _INSERTS[table].many(tx, rows)


def _copy(tx: Transaction, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """COPY: several times as quick as INSERT, and it takes values only."""
    names = [column.name for column in table.columns]
    quote = tx.engine.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    with tx.cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
        for values in rows:
            copy.write_row([values[name] for name in names])
