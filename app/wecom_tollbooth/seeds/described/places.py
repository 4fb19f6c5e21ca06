"""The line of a place in a JSON text, found by reading along its path."""

import json
from json.decoder import scanstring  # type: ignore[attr-defined]

Step = int | str

_decoder = json.JSONDecoder()


def lines_of_json(text: str, path: tuple[Step, ...]) -> int:
    """The line, from 1, of the value at the path in valid JSON, or of the last part of it that is there.

    The line of a field is that of its name.
    """
    at = _skip(text, 0)
    place = at
    for step in path:
        found = _item(text, at, step) if isinstance(step, int) else _field(text, at, step)
        if found is None:
            break
        place, at = found
    return text.count("\n", 0, place) + 1


def _item(text: str, at: int, number: int) -> tuple[int, int] | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(number):
        if text[at] == "]":
            return None
        at = _skip(text, _decoder.raw_decode(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
    return None if text[at] == "]" else (at, at)


def _field(text: str, at: int, name: str) -> tuple[int, int] | None:
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at] == '"':
        start = at
        key, at = scanstring(text, at + 1)
        at = _skip(text, _skip(text, at) + 1)
        if key == name:
            return start, at
        at = _skip(text, _decoder.raw_decode(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
    return None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
