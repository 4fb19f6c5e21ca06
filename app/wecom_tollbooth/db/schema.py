"""What the definitions of tables share."""

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from wecom_tollbooth.db import lazy_mapping

lazy_mapping.install()
# Tables are never validated, so building their validators would only slow down the start.
SQLModel.model_config["defer_build"] = True


OUTLIVES_CORP = "outlives_corp"
"""A table with this key in its `info` keeps its rows when their corp is deleted."""


class JsonText(TypeDecorator[Any]):
    """A JSON value stored as text, so that a CompiledStatement can pass it on without parsing it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def table_of(model: type[SQLModel]) -> sa.Table:
    """The Core table of a model."""
    table = model.__dict__["__table__"]
    assert isinstance(table, sa.Table)
    return table


def unique_where(where: str, name: str, *columns: str) -> sa.Index:
    """A unique index over the rows that match `where`.

    Only SQLite gets the condition here: PostgreSQL has its indexes from the migrations, and its option would
    load the whole dialect at each start.
    """
    return sa.Index(name, *columns, unique=True, sqlite_where=sa.text(where))
