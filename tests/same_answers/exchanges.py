"""Requests and answers, and their file format: gzipped JSON, one object per line."""

import base64
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO, cast

Line = dict[str, Any]
"""One line of a recording; its `kind` is head, server, call or settle."""

JSON_TYPE = "application/json"
HOST = "localhost"
"""The Host header of requests, so that addresses in answers don't contain the random port."""


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        """The body as JSON; None if it isn't JSON."""
        return _in_json(self.body)

    def line(self) -> Line:
        return {
            "method": self.method,
            "target": self.target,
            "headers": self.headers,
            "body": packed(self.body),
        }


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None if it isn't JSON."""
        return _in_json(self.body)

    def line(self) -> Line:
        return {"status": self.status, "headers": self.headers, "body": packed(self.body)}


def _in_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def in_json(method: str, target: str, body: Any = None) -> Request:
    """A request as an ordinary client sends it."""
    headers = {"Host": HOST}
    if body is None:
        return Request(method, target, headers=headers)
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Request(method, target, content, {**headers, "Content-Type": JSON_TYPE})


def request_of(line: Line) -> Request:
    return Request(line["method"], line["target"], unpacked(line["body"]), line["headers"])


def answer_of(line: Line) -> Answer:
    return Answer(line["status"], line["headers"], unpacked(line["body"]))


def packed(body: bytes) -> Any:
    """UTF-8 as text, anything else as base64 in a list of one."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(body).decode()]


def unpacked(shown: Any) -> bytes:
    return shown.encode() if isinstance(shown, str) else base64.b64decode(shown[0])


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """The file to write lines to, without a timestamp, so that the same lines give the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, cast(Any, raw), mtime=0) as packer,
    ):
        text = _Lines(packer)
        yield cast(TextIO, text)


class _Lines:
    """Writes text to a file of bytes."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def write_line(file: TextIO, line: Line) -> None:
    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def read_lines(path: Path) -> Iterator[Line]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for text in file:
            yield json.loads(text)
