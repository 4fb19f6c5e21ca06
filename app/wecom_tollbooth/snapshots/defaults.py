"""What a column gets that is newer than the rows: the default of its field."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic_core import PydanticUndefined
from sqlmodel import SQLModel

from wecom_tollbooth.db import table_of


def has_default(table: sa.Table, column: str) -> bool:
    return _fields()[table.name].model_fields[column].is_required() is False


def default_of(table: sa.Table, column: str) -> Any:
    """As the driver takes it; what a factory makes is JSON, which is stored as text."""
    field = _fields()[table.name].model_fields[column]
    default = field.get_default(call_default_factory=True, validated_data={})
    assert default is not PydanticUndefined
    return orjson.dumps(default).decode() if field.default_factory else default


@lru_cache(maxsize=1)
def _fields() -> dict[str, type[SQLModel]]:
    return {table_of(model).name: model for model in _models(SQLModel)}


def _models(base: type[SQLModel]) -> Iterator[type[SQLModel]]:
    for model in base.__subclasses__():
        if "__table__" in model.__dict__:
            yield model
        yield from _models(model)
