"""Reads what can be read of a broken JSON object: everything before the first fault.

A member whose value was complete counts; the member with the fault does not. An object with the fault in it
counts with its own complete members, because each stands for itself, and is absent if it has none. A list
with the fault in it is absent, because a shorter list means something else.

This runs only after orjson has refused a body. It takes linear time: lists and scalars are measured in C,
objects are read member by member. What is beyond the first BYTES_AT_MOST bytes or MEMBERS_AT_MOST members,
or nested deeper than NESTED_AT_MOST, counts as the fault, so that no body holds up other calls.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

NESTED_AT_MOST = 100
MEMBERS_AT_MOST = 2_000
BYTES_AT_MOST = 256 * 1024

_MEASURE = json.JSONDecoder(parse_int=str, parse_float=str)
"""Finds the end of a value. orjson reads the value then, so that it is the same as in a valid body."""

_BLANKS = re.compile(r"[ \t\r\n]+")
_GOES_ON = re.compile(r"[\w.+-]")
"""What cannot follow a complete number, true, false or null."""

_ABSENT = object()


@dataclass(frozen=True)
class Partial:
    """The members before the fault, and where it is: the characters in front of it."""

    members: dict[str, Any]
    fault_at: int


def read_partly(body: bytes) -> Partial:
    """What `body`, which is not a valid JSON object, has before its first fault. Never raises."""
    body = body[:BYTES_AT_MOST]
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        text = body[: error.start].decode()
    reader = _Reader(text)
    members = reader.value(0)
    return Partial(members if isinstance(members, dict) else {}, reader.at)


def is_too_deep(value: Any, at_most: int = NESTED_AT_MOST) -> bool:
    """Whether objects and lists are nested more than `at_most` deep."""
    level = [value]
    for _ in range(at_most):
        below: list[Any] = []
        for item in level:
            inner = item.values() if isinstance(item, dict) else item
            below += [one for one in inner if isinstance(one, (dict, list))]
        if not below:
            return False
        level = below
    return True


class _Fault(Exception):
    """The text is broken at the place of the reader."""


class _Reader:
    """Reads a text from `at` on; stays where the first fault is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members = 0
        self._broken = False
        self.at = 0

    def value(self, depth: int) -> Any:
        """The value here, or _ABSENT; `depth` counts the objects around it."""
        try:
            return self._object(depth + 1) if self._next() == "{" else self._whole(depth)
        except _Fault:
            self._broken = True
            return _ABSENT

    def _object(self, depth: int) -> Any:
        members: dict[str, Any] = {}
        try:
            if depth > NESTED_AT_MOST:
                raise _Fault
            self.at += 1
            if self._next() != "}":
                self._read_members(members, depth)
            if not self._broken:
                self.at += 1
                return members
        except _Fault:
            self._broken = True
        return members or _ABSENT

    def _read_members(self, members: dict[str, Any], depth: int) -> None:
        """Reads up to the closing brace, or to a fault below, which sets `_broken`."""
        while True:
            self._members += 1
            if self._next() != '"' or self._members > MEMBERS_AT_MOST:
                raise _Fault
            name = self._whole(depth)
            self._skip(":")
            value = self.value(depth)
            if value is not _ABSENT:
                members[name] = value
            if self._broken or self._next() == "}":
                return
            self._skip(",")

    def _whole(self, depth: int) -> Any:
        """The list, text, number or literal here, if it is complete."""
        start = self.at
        try:
            _, end = _MEASURE.raw_decode(self._text, start)
            value = orjson.loads(self._text[start:end])
        except (ValueError, RecursionError):
            raise _Fault from None
        if isinstance(value, list):
            brackets = self._text.count("[", start, end) + self._text.count("{", start, end)
            if brackets > NESTED_AT_MOST - depth and is_too_deep(value, NESTED_AT_MOST - depth):
                raise _Fault
        elif not isinstance(value, str):
            # At the very end, a number may have been cut.
            cut = end == len(self._text) and self._text[end - 1].isdigit()
            if cut or _GOES_ON.match(self._text, end):
                raise _Fault
        self.at = end
        return value

    def _skip(self, sign: str) -> None:
        if self._next() != sign:
            raise _Fault
        self.at += 1

    def _next(self) -> str:
        """The next character that is not blank; "" at the end."""
        sign = self._text[self.at : self.at + 1]
        if sign and sign in " \t\r\n":
            blanks = _BLANKS.match(self._text, self.at)
            self.at = blanks.end() if blanks else self.at
            sign = self._text[self.at : self.at + 1]
        return sign
