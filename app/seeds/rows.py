"""Rows for the driver: all columns of a table, put in many at a time."""

from typing import Any

import sqlalchemy as sa

from app.db import Hot, Transaction

_INSERTS: dict[type, Hot] = {}
_EMPTY: dict[str, Any] = {"profile": "{}", "remark_mobiles": "[]"}


def row(table: Any, **values: Any) -> dict[str, Any]:
    """All columns of `table`: `values`, else the model's defaults, as the driver wants them."""
    return {
        name: values[name] if name in values else _EMPTY.get(name, field.default)
        for name, field in table.model_fields.items()
    }


def insert(tx: Transaction, table: Any, rows: list[dict[str, Any]]) -> None:
    """Puts rows in, past the ORM, whose pending changes go first."""
    if table not in _INSERTS:
        core: sa.Table = table.__table__
        values: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in core.columns}
        _INSERTS[table] = Hot(sa.insert(core).values(values))
    tx.flush()
    _INSERTS[table].many(tx, rows)
