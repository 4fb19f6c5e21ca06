"""Answers that are a file: their headers, and one range of the file (page 90254, RFC 9110)."""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import BinaryIO, Self
from urllib.parse import quote

import anyio.to_thread
from typing_extensions import TypedDict

CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"\s*bytes\s*[= ]\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)
"""The documentation's own example has a blank in place of the equals sign."""
_NOT_IN_QUOTES = re.compile(r'[\x00-\x1f\x7f"\\]')

Headers = Iterable[tuple[bytes, bytes]]


class File(TypedDict):
    """The reply type of an operation that answers with a file: it has no fields of its own."""


@dataclass(frozen=True)
class Part:
    """The bytes from `start` to before `end`. `is_whole`: the caller named no range."""

    start: int
    end: int
    is_whole: bool

    @property
    def size(self) -> int:
        return self.end - self.start


def wanted_part(headers: Headers, size: int) -> Part | None:
    """What the header Range asks for of a file of `size` bytes; None where it is outside of the file.

    Several ranges, other units and conditions (If-Range) count as no range, as RFC 9110 allows.
    """
    named = dict(headers)
    found = _RANGE.fullmatch(named.get(b"range", b"").decode("latin-1"))
    whole = Part(0, size, True)
    if found is None or not (found[1] or found[2]) or b"if-range" in named:
        return whole
    if not found[1]:
        last = min(int(found[2]), size)
        return Part(size - last, size, False) if last else None
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return whole
    end = min(int(found[2]) + 1, size) if found[2] else size
    return Part(start, end, False) if start < size else None


@dataclass(frozen=True)
class FileAnswer:
    """`size` bytes of `file` from `start` on, after these headers; `file` is closed after the answer."""

    file: BinaryIO
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    start: int
    size: int

    @classmethod
    def of(cls, file: BinaryIO, size: int, part: Part | None, *, content_type: str, name: str) -> Self:
        """The part of a file of `size` bytes, or HTTP 416 without one."""
        headers = [
            (b"content-type", content_type.encode("latin-1", "replace")),
            (b"content-disposition", _attachment(name)),
            (b"cache-control", b"no-cache, must-revalidate"),
            (b"accept-ranges", b"bytes"),
        ]
        if part is None:
            headers.append((b"content-range", b"bytes */%d" % size))
            return cls(file, 416, tuple(headers), 0, 0)
        if part.is_whole:
            return cls(file, 200, tuple(headers), 0, size)
        headers.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.end - 1, size)))
        return cls(file, 206, tuple(headers), part.start, part.size)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes to send, read in a thread; a file that is shorter than it was ends early."""
        left = self.size
        if left:
            await anyio.to_thread.run_sync(self.file.seek, self.start)
        while left:
            chunk: bytes = await anyio.to_thread.run_sync(self.file.read, min(left, CHUNK_BYTES))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk


def _attachment(name: str) -> bytes:
    """As WeCom writes it, in raw UTF-8, which its SDKs read; and as RFC 6266 has it, for other clients."""
    header = f'attachment; filename="{_NOT_IN_QUOTES.sub("_", name)}"'
    if not name.isascii():
        header += f"; filename*=UTF-8''{quote(name, safe='')}"
    return header.encode()
