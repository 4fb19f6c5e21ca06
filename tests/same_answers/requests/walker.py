"""Runs the HTTP blocks of a document, with {names} filled from earlier answers."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.same_answers.exchanges import Answer, Request, in_json
from tests.same_answers.recorder import Recorder

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LETS_CLOCK_RUN = re.compile(r'"freeze":\s*false')


class Walker:
    """Runs examples one after the other."""

    def __init__(self, recorder: Recorder, told: Callable[[Request, Answer], None] | None = None) -> None:
        self.recorder = recorder
        self._told = told
        self.seen: dict[str, Any] = {}
        """The first value of each name in the latest answer that had one."""

    def follow(self, requests: Iterable[str]) -> None:
        for request in requests:
            self.send(request)

    def send(self, example: str) -> None:
        """Sends "METHOD TARGET" with JSON on the lines below, except what would unfreeze the clock.

        An additional "id=tag_id" stores the answer's `id` as `tag_id` too.
        """
        if _LETS_CLOCK_RUN.search(example):
            return
        for name, value in self.seen.items():
            example = example.replace(f"{{{name}}}", str(value))
        first, _, body = example.partition("\n")
        method, target, *kept = first.split()
        content = json.loads(body) if body.strip() else None
        request = in_json(method, target, content)
        answer = self.recorder.send(request)
        self.remember(answer.json())
        for name, another in (word.split("=") for word in kept):
            self.seen[another] = self.seen[name]
        if self._told is not None:
            self._told(request, answer)

    def remember(self, reply: Any) -> None:
        self.seen |= first_values(reply)
        entries = reply if isinstance(reply, dict) else {}
        for listed, name in (("records", "record_id"), ("callbacks", "callback_id")):
            match entries.get(listed):
                case [{"id": number}, *_]:
                    self.seen[name] = number


def first_values(reply: Any) -> dict[str, Any]:
    """The first text or number under each name, the outer ones before the inner ones."""
    found: dict[str, Any] = {}
    level = [reply]
    while level:
        below: list[Any] = []
        for item in level:
            for name, value in item.items() if isinstance(item, dict) else ():
                first = value[0] if isinstance(value, list) and value else value
                if isinstance(first, str | int):
                    found.setdefault(name, first)
            below += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        level = below
    return found


def sections(document: Path) -> dict[str, list[tuple[str, str]]]:
    """The fenced blocks of each chapter, as (language, text), by its heading."""
    parts = re.split(r"^## ", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.partition("\n")[0]: _FENCED.findall(part) for part in parts}


def requests_of(blocks: Iterable[tuple[str, str]]) -> list[str]:
    return [text for language, text in blocks if language == "http"]
