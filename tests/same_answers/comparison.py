"""Plays a recording against another tree and tells what is answered otherwise."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.same_answers.allowed import Allowed
from tests.same_answers.differences import Difference, differences
from tests.same_answers.exchanges import Answer, Line, Request, answer_of, read_lines, request_of
from tests.same_answers.stage import Broken, Stage, stage
from tests.same_answers.trees import NotStarted

MOST_SHOWN = 200
_ID = re.compile(r"/(?:ww[0-9a-f]{16}|\d+|[0-9a-f]{32}|\w{20,})(?=/|$|\.)")

STARTED, HEARD = Request("", "the start of a server"), Request("", "what the receiver of callbacks heard")
SILENCE = Answer(200, {}, b"")

Kind = tuple[str, str, str]
"""Method and path without ids, what differs, and where."""


@dataclass
class Found:
    count: int
    number: int
    """Of the first exchange of this kind."""
    request: Request
    difference: Difference


@dataclass
class Report:
    calls: int = 0
    seconds: float = 0.0
    found: dict[Kind, Found] = field(default_factory=dict)
    allowed: Counter[str] = field(default_factory=Counter)
    never_seen: list[str] = field(default_factory=list)
    """Names of what was allowed and did not come up."""

    @property
    def same(self) -> bool:
        return not self.found


def compare(
    recording: Path, tree: Path, python: str, database: str = "", allowed: list[Allowed] | None = None
) -> Report:
    """Raises ValueError for a file that is no recording."""
    begun = time.monotonic()
    lines = read_lines(recording)
    head = next(lines, {})
    if head.get("kind") != "head":
        raise ValueError(f"{recording} is no recording")
    with stage(tree, python, database or head["database"]) as played:
        report = _compared(played, lines, allowed or [])
    report.seconds = time.monotonic() - begun
    return report


def _compared(played: Stage, lines: Iterator[Line], allowed: list[Allowed]) -> Report:
    report = Report()
    for line in lines:
        try:
            request, old, new = _played_again(played, line)
        except (Broken, NotStarted) as failure:
            request = request_of(line["request"]) if line["kind"] == "call" else Request("", line["kind"])
            _note(report, request, Difference("status", "no answer", new=str(failure)), allowed)
            break
        report.calls += line["kind"] == "call"
        for difference in differences(old, new):
            _note(report, request, difference, allowed)
    report.never_seen = [one.name for one in allowed if not report.allowed[one.name]]
    return report


def _played_again(played: Stage, line: Line) -> tuple[Request, Answer, Answer]:
    """The request of the line, what was answered when it was recorded, and what is answered now."""
    if line["kind"] == "call":
        request = request_of(line["request"])
        return request, answer_of(line["answer"]), played.call(request)
    if line["kind"] == "server":
        played.open(line["settings"])
        return STARTED, SILENCE, SILENCE
    played.settle(last=line["last"])
    return HEARD, _as_answer(line["heard"]), _as_answer(played.received())


def _as_answer(callbacks: list[Line]) -> Answer:
    return Answer(200, {}, json.dumps(callbacks).encode())


def _note(report: Report, request: Request, difference: Difference, allowed: list[Allowed]) -> None:
    meant = next((one for one in allowed if one.allows(request.path, difference)), None)
    if meant is not None:
        report.allowed[meant.name] += 1
        return
    kind = (f"{request.method} {_ID.sub('/…', request.path)}", difference.what, difference.where)
    if kind in report.found:
        report.found[kind].count += 1
    else:
        report.found[kind] = Found(1, report.calls, request, difference)


def report_lines(report: Report) -> Iterator[str]:
    """The report in lines: kinds of differences in the order in which they first came."""
    for (place, what, where), found in list(report.found.items())[:MOST_SHOWN]:
        yield f"{found.count} × {what} {where} of {place}"
        yield f"    first in call {found.number}: {found.request.method} {found.request.target[:200]}"
        if found.request.body:
            yield f"    sent: {found.request.body[:300].decode('utf-8', 'replace')}"
        yield f"    old: {found.difference.old}"
        yield f"    new: {found.difference.new}"
    if len(report.found) > MOST_SHOWN:
        yield f"and {len(report.found) - MOST_SHOWN} more kinds"
    for name, count in report.allowed.items():
        yield f"{count} × allowed: {name}"
    for name in report.never_seen:
        yield f"allowed, but never seen: {name}"
    number = sum(found.count for found in report.found.values())
    yield f"{report.calls} calls in {report.seconds:.0f} s: {number} differences of {len(report.found)} kinds"
