"""A request to an address that somebody told us, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_ANSWER_BYTES = 64 * 1024
"""Bytes of an answer that are read, unless the request says otherwise; the rest is left and the connection
closed."""


@dataclass(frozen=True)
class Request:
    """`seconds` is the deadline for all of it: name, connection, headers and body.

    `query`, already escaped, is added to that of the url.
    """

    method: str
    url: str
    seconds: float
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    most: int = MAX_ANSWER_BYTES


@dataclass(frozen=True)
class Answer:
    """`body`: the first `most` bytes as they were sent, never decompressed. `headers` are in lower case.

    Several Set-Cookie are one text, a line each.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


class NoAnswer(Exception):
    """No whole answer came; the text is one sentence that says why."""
