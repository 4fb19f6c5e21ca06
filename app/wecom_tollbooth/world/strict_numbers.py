"""The base of shapes that come from outside and are read strictly: acts and control calls."""

from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""What a database keeps as an integer."""


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number, not true or false")
    return value


def _make_strict(node: Any, model: type[BaseModel]) -> None:
    """Bounds each number in the core schema of a model; models inside it have seen to their own."""
    if isinstance(node, list | tuple):
        for item in node:
            _make_strict(item, model)
    if not isinstance(node, dict) or node.get("cls", model) is not model:
        return
    if node.get("type") not in ("int", "float"):
        for name, item in node.items():
            if name != "metadata":
                _make_strict(item, model)
        return
    number = dict(node)
    if number["type"] == "int":
        number |= {"ge": max(SMALLEST, node.get("ge", SMALLEST)), "le": min(LARGEST, node.get("le", LARGEST))}
    else:
        number["allow_inf_nan"] = False
    node.clear()
    node |= {
        "type": "function-before",
        "function": {"type": "no-info", "function": _no_truth_value},
        "schema": number,
    }


class StrictNumbers(BaseModel):
    """Its integers fit in 64 bits, its fractions are finite, and true and false are not numbers.

    This holds for every field by itself, however its type is written.
    """

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = handler(source)
        _make_strict(handler.resolve_ref_schema(schema), source)
        return schema
