"""The words of a statement in Chinese and English, and how its numbers are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

PER = {
    "call": ("次", "call"),
    "contact": ("位", "contact"),
    "month": ("月", "month"),
    "year": ("年", "year"),
}
MODELS = {
    "per_unit": ("单价", "per unit"),
    "graduated": ("阶梯", "graduated"),
    "volume": ("总量", "volume"),
    "package": ("资源包", "package"),
    "flat": ("固定", "flat"),
    "banded_capacity": ("档位", "bands"),
    "unpriced": ("无价目", "no book"),
}
ADJUSTED = {
    "minimum": ("保底", "minimum"),
    "cap": ("封顶", "cap"),
}
CONFIDENCE = {
    "high": ("可靠", "high"),
    "medium": ("较可靠", "medium"),
    "low": ("存疑", "low"),
    "assumption": ("假设", "assumption"),
}


def both(words: Mapping[str, tuple[str, str]], key: str) -> str:
    """ "年 year"; a key that has no words stays as it is."""
    return " ".join(words[key]) if key in words else key


def grouped(number: str | int) -> str:
    """ "583,333.33" for "583333.33": the digits are those of the text, however many there are."""
    whole, point, decimals = str(number).partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole not in ("", "-", "-0") else str(number)


def moment(at: int) -> str:
    """2026-08-01 09:00:00, as clocks in China show it."""
    from wecom_tollbooth.world.clock import (
        SHANGHAI,  # with the tables behind it, which commands start without
    )

    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def units_of(step: Mapping[str, Any]) -> str:
    """ "1–1,000" or "1,001+": which units a step prices, counted from the first that is charged."""
    first = f"{step['from'] + 1:,}"
    return f"{first}+" if step["to"] is None else f"{first}–{step['to']:,}"


def sum_of(step: Mapping[str, Any]) -> str:
    """ "1,000 × 0.002 + 5": what a step's amount comes from, for the month or for a year."""
    flat = "" if step["flat"] == "0" else grouped(step["flat"])
    if step["unit_price"] == "0" and flat:
        return flat
    each = f"{step['quantity']:,} × {step['unit_price']}"
    return f"{each} + {flat}" if flat else each


def part_named(part: Mapping[str, Any]) -> str:
    """What one part of a line is: an operation, with the errcode of its refusals, or a day of the most."""
    return "  ".join(
        f"errcode {value}" if key == "errcode" else str(value)
        for key, value in part.items()
        if key != "quantity"
    )


def sections_of(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of corps that `shown` has: itself, or those that it sums up."""
    return list(shown["corps"]) if "corps" in shown else [dict(shown)]
