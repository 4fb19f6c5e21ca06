"""What is wrong with a price book, in one line: the key, what is wrong with it, how to fix it."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wecom_tollbooth.billing.price_books.shapes import (
    OUR_RULE,
    PRICES,
    BandShape,
    BookShape,
    Fix,
    Table,
    TierShape,
)


def what_is_wrong(error: ValidationError) -> str:
    """The line of one error; an unknown key comes first, as it is often a missing one that is misspelt."""
    errors = error.errors(include_url=False)
    return _line(next((one for one in errors if one["type"] == "extra_forbidden"), errors[0]))


def _line(error: ErrorDetails) -> str:
    place, shape, keys = _table_at(error["loc"])
    written, kind = error["input"], error["type"]
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        number = error["loc"][1]
        model = written.get("model") if isinstance(written, dict) else None
        return f"price {int(number) + 1}: model: {_shown(model)}; write one of {', '.join(PRICES)}"
    place += "".join(f"{key}: " for key in keys)
    if kind == OUR_RULE:
        return f"{place}{error['ctx']['text']}"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(keys[-1], sorted(shape.model_fields), n=1)
        has = f"{shape.called} has {', '.join(sorted(shape.model_fields))}"
        return f"{place}no such key; {f'did you mean {near[0]}?' if near else has}"
    field = shape.model_fields[keys[-1]]
    fix = next(_fixes((*field.metadata, field.annotation)))
    shown = "missing" if kind == "missing" else _shown(written)
    return f"{place}{shown}; {fix.text.replace('{key}', keys[-1])}"


def _table_at(loc: tuple[int | str, ...]) -> tuple[str, type[Table], list[str]]:
    """The table that pydantic's `loc` leads to: its place in words, its shape, and the keys that follow."""
    match loc:
        case ("price", int(number), _, ("tiers" | "bands") as key, int(tier), *rest) if rest:
            place = f"price {number + 1}: {key} {tier + 1}: "
            shape: type[Table] = TierShape if key == "tiers" else BandShape
        case ("price", int(number), str(model), *rest):
            place, shape = f"price {number + 1}: ", PRICES[model]
        case _:
            place, shape, rest = "", BookShape, [*loc]
    return place, shape, [key for key in rest if isinstance(key, str)]


def _fixes(parts: Iterable[Any]) -> Iterator[Fix]:
    """The fixes in an annotation, `Text | None` included."""
    for part in parts:
        if isinstance(part, Fix):
            yield part
        else:
            yield from _fixes(get_args(part))


def _shown(value: object) -> str:
    return "missing" if value in (None, "", []) else repr(value)
