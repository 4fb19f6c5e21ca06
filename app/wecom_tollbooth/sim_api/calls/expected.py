"""Whether the calls that a test expected were made, and if not, which were made instead."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import orjson

from wecom_tollbooth.gateway.steps.recording.call_record import JOURNALED_CHARS
from wecom_tollbooth.sim_api.calls.journal import CallEntry

SHOWN_CHARS = 200
CALLS_SHOWN = 3


@dataclass(frozen=True)
class Expected:
    """So many calls of an operation, `paths` with its aliases; None: whatever the errcode, however many."""

    path: str
    paths: frozenset[str]
    at_least: int
    at_most: int | None
    errcode: int | None
    body: dict[str, Any]

    def of_operation(self, calls: Sequence["Made"]) -> list["Made"]:
        return [call for call in calls if call.entry["request"]["path"] in self.paths]

    def matches(self, call: "Made") -> bool:
        if call.entry["request"]["path"] not in self.paths:
            return False
        if self.errcode is not None and call.entry["answer"]["errcode"] != self.errcode:
            return False
        return contains(call.given, self.body)


@dataclass(frozen=True)
class Made:
    """A call that was made."""

    entry: CallEntry

    @cached_property
    def given(self) -> dict[str, Any]:
        """The fields of its body, and of its query where the body has none of that name; texts of a query."""
        query = {name: values[-1] for name, values in parse_qs(self.entry["request"]["query"]).items()}
        try:
            body = orjson.loads(self.entry["request"]["body"] or "{}")
        except orjson.JSONDecodeError:
            body = {}
        return query | (body if isinstance(body, dict) else {})

    @property
    def is_cut(self) -> bool:
        """Whether the journal has only the beginning of its body."""
        return len(self.entry["request"]["body"]) >= JOURNALED_CHARS

    def __str__(self) -> str:
        request, answer = self.entry["request"], self.entry["answer"]
        code = answer["errcode"] if answer["errcode"] is not None else f"HTTP {answer['http_status']}"
        return f"{code} {_cut(request['body'] or request['query'])} (hint {self.entry['hint']})"


@dataclass(frozen=True)
class Failure:
    """What is wrong with the expectation number `index`, of which `found` calls were made."""

    index: int
    path: str
    found: int
    reason_zh: str
    reason_en: str


def contains(given: Any, wanted: Any) -> bool:
    """Whether each field of `wanted` is in `given`, and each element of its lists; numbers may be texts."""
    if isinstance(wanted, dict):
        return isinstance(given, dict) and all(
            name in given and contains(given[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(given, list) and all(any(contains(one, value) for one in given) for value in wanted)
    if isinstance(given, str) and isinstance(wanted, int) and not isinstance(wanted, bool):
        return given == str(wanted)
    return type(given) is type(wanted) and bool(given == wanted)


def check(calls: Sequence[Made], expected: Sequence[Expected], *, in_order: bool) -> list[Failure]:
    """What does not hold of `calls`, oldest first."""
    failures = []
    behind = 0
    for index, one in enumerate(expected):
        found = [place for place, call in enumerate(calls) if one.matches(call)]
        if not one.at_least <= len(found) <= (len(found) if one.at_most is None else one.at_most):
            failures.append(_wrong_number(index, one, len(found), calls))
        elif in_order and one.at_least:
            later = [place for place in found if place >= behind]
            if len(later) < one.at_least:
                failures.append(_wrong_order(index, one, len(later), calls, behind))
            else:
                behind = later[one.at_least - 1] + 1
    return failures


def _wrong_number(index: int, one: Expected, found: int, calls: Sequence[Made]) -> Failure:
    zh, en = _wanted(one)
    others = [call for call in one.of_operation(calls) if not one.matches(call)]
    if not others or found > one.at_least:
        seen_zh = seen_en = ""
    else:
        shown = "; ".join(map(str, others[-CALLS_SHOWN:]))
        seen_zh = f"；该接口的其他调用有 {len(others)} 次，最近的：{shown}"
        seen_en = f"; it was called {len(others)} times otherwise, last: {shown}"
        if one.body and any(call.is_cut for call in others):
            seen_zh += f"；日志只保留请求体前 {JOURNALED_CHARS} 个字符"
            seen_en += f"; the journal keeps the first {JOURNALED_CHARS} characters of a body"
    return Failure(
        index,
        one.path,
        found,
        f"{one.path}：应为{zh}，实际 {found} 次{seen_zh}",
        f"{one.path}: expected {en}, found {found}{seen_en}",
    )


def _wrong_order(index: int, one: Expected, found: int, calls: Sequence[Made], behind: int) -> Failure:
    zh, en = _wanted(one)
    before = calls[behind - 1].entry
    path, hint = before["request"]["path"], before["hint"]
    return Failure(
        index,
        one.path,
        found,
        f"{one.path}：应为 {path}（hint {hint}）之后{zh}，之后实际 {found} 次",
        f"{one.path}: expected {en} behind {path} (hint {hint}), found {found} behind it",
    )


def _wanted(one: Expected) -> tuple[str, str]:
    least, most = one.at_least, one.at_most
    if most is None:
        zh, en = f"至少 {least} 次调用", f"at least {least} calls"
    elif most == least:
        zh, en = f" {least} 次调用", f"{least} calls"
    else:
        zh, en = f" {least} 到 {most} 次调用", f"{least} to {most} calls"
    if one.errcode is not None:
        zh, en = f"{zh}、errcode {one.errcode}", f"{en} with errcode {one.errcode}"
    if one.body:
        body = _cut(json.dumps(one.body, ensure_ascii=False))
        zh, en = f"{zh}、请求含 {body}", f"{en} with {body} in the request"
    return zh, en


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
