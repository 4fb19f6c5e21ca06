"""The wording of statements in Chinese and English, and the format of their numbers."""

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
NO_PRICE = "0（未定价 no price）"
CONFIDENCE = {
    "high": ("可靠", "high"),
    "medium": ("较可靠", "medium"),
    "low": ("存疑", "low"),
    "assumption": ("假设", "assumption"),
}


def bilingual(wording: Mapping[str, tuple[str, str]], key: str) -> str:
    """ "年 year"; an unknown key is returned as it is."""
    return " ".join(wording[key]) if key in wording else key


def in_language(wording: Mapping[str, tuple[str, str]], key: str, language: str) -> str:
    """ "年" for zh, "year" for en; an unknown key is returned as it is."""
    return wording[key][language == "en"] if key in wording else key


def grouped(number: str | int) -> str:
    """ "583,333.33" for "583333.33"; no digit changes, however many there are."""
    whole, point, decimals = str(number).partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole not in ("", "-", "-0") else str(number)


def local_time(at: int) -> str:
    """ "2026-08-01 09:00:00" in Asia/Shanghai."""
    # Imported here because it brings in the tables, which commands start without.
    from wecom_tollbooth.world.clock import SHANGHAI

    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def unit_range(step: Mapping[str, Any]) -> str:
    """ "1–1,000" or "1,001+": the units that a step prices, counted from the first charged one."""
    first = f"{step['from'] + 1:,}"
    return f"{first}+" if step["to"] is None else f"{first}–{step['to']:,}"


def part_title(part: Mapping[str, Any]) -> str:
    """The title of a line's part: an operation, with the errcode of refused calls, or the day of the peak."""
    return "  ".join(
        f"errcode {value}" if key == "errcode" else str(value)
        for key, value in part.items()
        if key != "quantity"
    )


def notes_of(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Which prices the books lack, each book once."""
    return list({note["price_book"]: note for section in sections for note in section["notes"]}.values())


def sections_of(statement: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of single corps in a statement: itself, or those that it sums up."""
    return list(statement["corps"]) if "corps" in statement else [dict(statement)]
