"""The fields of request and reply shapes, nested ones included."""

import types
import typing
from typing import Any

from pydantic import BaseModel
from typing_extensions import is_typeddict


def field_paths(shape: Any, before: str = "") -> set[str]:
    """The fields of a shape; those of a nested object as "a.b"."""
    named: dict[str, Any] = {}
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        named = {info.alias or name: info.annotation for name, info in shape.model_fields.items()}
    elif is_typeddict(shape):
        named = typing.get_type_hints(shape)
    elif typing.get_origin(shape) in (list, typing.Union, types.UnionType):
        return {path for part in typing.get_args(shape) for path in field_paths(part, before)}
    paths = {before + name for name in named}
    return paths.union(*(field_paths(hint, f"{before}{name}.") for name, hint in named.items()))
