"""Classes of tables that the ORM maps at their first use: most are never used but as Core tables.

SQLModel has SQLAlchemy map each class when it is made, which took an eighth of the start. A Table is all that
CompiledStatement and Core statements need, so only that is made with the class.
"""

import threading
from typing import Any

import sqlalchemy as sa
from pydantic._internal._model_construction import ModelMetaclass
from sqlalchemy import inspection
from sqlalchemy.orm import DeclarativeMeta
from sqlmodel.main import SQLModelMetaclass

_inspect_class = inspection._registrars[type]
_init_class = SQLModelMetaclass.__init__
_lock = threading.RLock()


def install() -> None:
    """For all classes of tables that are made from now on."""
    if SQLModelMetaclass in inspection._registrars:
        return
    inspection._registrars[SQLModelMetaclass] = _inspected
    metaclass: Any = SQLModelMetaclass
    metaclass.__init__, metaclass.__call__ = _init, _call


def _init(model: Any, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> None:
    if not model.model_config.get("table"):
        _init_class(model, name, bases, namespace, **options)
        return
    ModelMetaclass.__init__(model, name, bases, namespace, **options)
    columns = [_named(model.__dict__[field], field) for field in model.__pydantic_fields__]
    given = model.__dict__.get("__table_args__", ())
    arguments = () if isinstance(given, dict) else given
    options = given if isinstance(given, dict) else {}
    if arguments and isinstance(arguments[-1], dict):
        *arguments, options = arguments
    table = sa.Table(model.__tablename__, model.metadata, *columns, *arguments, **options)
    type.__setattr__(model, "__table__", table)


def _named(column: "sa.Column[Any]", field: str) -> "sa.Column[Any]":
    if not column.name:
        column.name = column.key = field
    return column


def _call(model: Any, *values: Any, **fields: Any) -> Any:
    _map(model)
    return type.__call__(model, *values, **fields)


def _inspected(model: Any) -> Any:
    _map(model)
    return _inspect_class(model)  # type: ignore[operator]


def _map(model: Any) -> None:
    if "__mapper__" in model.__dict__ or "__table__" not in model.__dict__:
        return
    with _lock:
        if "__mapper__" not in model.__dict__:
            DeclarativeMeta.__init__(model, model.__name__, model.__bases__, dict(model.__dict__))
