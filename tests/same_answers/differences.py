"""Differences between two answers to the same request."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.same_answers.exchanges import Answer

SHOWN = 160
MOST_OF_ONE = 40
"""The maximum of reported differences per answer."""


@dataclass(frozen=True)
class Difference:
    """`what` is status, header, text, added, removed, changed or order; `where` is the place of it."""

    what: str
    where: str
    old: str = ""
    new: str = ""


def differences(old: Answer, new: Answer) -> Iterator[Difference]:
    if old.status != new.status:
        yield Difference("status", "", str(old.status), str(new.status))
    for name in sorted(old.headers.keys() | new.headers.keys()):
        before, after = old.headers.get(name), new.headers.get(name)
        if before != after:
            yield Difference("header", name, _shown(before), _shown(after))
    if old.body != new.body:
        yield from _of_bodies(old, new)


def _of_bodies(old: Answer, new: Answer) -> Iterator[Difference]:
    before, after = old.json(), new.json()
    found = list(_of_values(before, after, "$")) if before is not None and after is not None else []
    if found:
        yield from found[:MOST_OF_ONE]
    else:
        yield _of_texts(old.body, new.body)


def _of_values(old: Any, new: Any, where: str) -> Iterator[Difference]:
    """Places have no list indexes, so that the same difference in all entries is one."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, where)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield Difference("changed", f"{where}[length]", str(len(old)), str(len(new)))
        for before, after in zip(old, new, strict=False):
            yield from _of_values(before, after, f"{where}[]")
    elif old != new or type(old) is not type(new):
        yield Difference("changed", where, _shown(old), _shown(new))


def _of_objects(old: dict[str, Any], new: dict[str, Any], where: str) -> Iterator[Difference]:
    for key in old:
        if key not in new:
            yield Difference("removed", f"{where}.{key}", _shown(old[key]))
        else:
            yield from _of_values(old[key], new[key], f"{where}.{key}")
    for key in new:
        if key not in old:
            yield Difference("added", f"{where}.{key}", new=_shown(new[key]))
    kept = [key for key in new if key in old]
    if kept != [key for key in old if key in new]:
        yield Difference("order", where, _shown(list(old)), _shown(list(new)))


def _of_texts(old: bytes, new: bytes) -> Difference:
    """An excerpt from shortly before the first different byte."""
    pairs = zip(old, new, strict=False)
    first = next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new)))
    start = max(0, first - 40)
    before, after = (body[start : start + SHOWN].decode("utf-8", "replace") for body in (old, new))
    return Difference("text", "", before, after)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
