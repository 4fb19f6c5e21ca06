"""Price books for tests: the shipped one with changes, written to a file."""

import json
import math
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

from wecom_tollbooth.billing.price_books import SHIPPED


def shipped_book(name: str = "article-toll") -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))


def price_of(book: dict[str, Any], meter: str) -> dict[str, Any]:
    """The price of `meter` to change; it is split off a price of several meters first."""
    for price in book["price"]:
        if price.get("meter") == meter:
            return dict_of(price)
        if meter in price.get("meters", ()):
            price["meters"].remove(meter)
            alone = {key: value for key, value in price.items() if key != "meters"} | {"meter": meter}
            book["price"].append(alone)
            return alone
    raise AssertionError(f"no price of {meter}")


def dict_of(price: Any) -> dict[str, Any]:
    assert isinstance(price, dict)
    return price


def write_book(path: Path, book: dict[str, Any]) -> str:
    """Writes `book` as TOML and returns its address as the setting price_book takes it."""
    path.write_text(as_toml(book), encoding="utf-8")
    return str(path)


def as_toml(book: dict[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in book.items() if key != "price"]
    for price in book.get("price", ()):
        lines += ["[[price]]", *(f"{json.dumps(key)} = {_value(value)}" for key, value in price.items())]
    return "\n".join(lines)


def _value(value: Any) -> str:
    match value:
        case list():
            return f"[{', '.join(_value(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{key} = {_value(one)}' for key, one in value.items())}}}"
        case bool() | int() | float() | str():
            return json.dumps(value)
    return str(value)


def rounded(exact: Fraction) -> Fraction:
    """Rounded half up to the fen, by integer arithmetic."""
    return Fraction(math.floor(exact * 100 + Fraction(1, 2)), 100)
