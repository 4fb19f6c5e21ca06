"""Reading a CSV file from where the last slice stopped: in UTF-8 or GB 18030, as spreadsheets write it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BOM = b"\xef\xbb\xbf"
ENCODINGS = ("utf-8", "gb18030")
LINE_BYTES = 1024 * 1024
"""A longer line is no CSV file of people."""


class NotCsv(Exception):
    """The file can't be read; one sentence."""


@dataclass(frozen=True)
class Header:
    """The names of the columns, the encoding of the file, and the byte after them."""

    columns: list[str]
    encoding: str
    end: int


def read_header(file: BinaryIO) -> Header:
    """The first row that is not empty. Raises NotCsv."""
    file.seek(0)
    first = file.read(len(BOM))
    begin = len(BOM) if first == BOM else 0
    for encoding in ENCODINGS:
        file.seek(begin)
        try:
            for end, record in _records(file, encoding, begin):
                return Header([name.strip() for name in record], encoding, end)
        except UnicodeDecodeError:
            continue
        raise NotCsv("the file is empty")
    raise NotCsv(f"the file is neither {ENCODINGS[0].upper()} nor GB 18030")


def read_records(file: BinaryIO, encoding: str, begin: int) -> Iterator[tuple[int, list[str]]]:
    """The rows from that byte on, without empty ones, each with the byte after it. Raises NotCsv."""
    file.seek(begin)
    try:
        yield from _records(file, encoding, begin)
    except UnicodeDecodeError:
        raise NotCsv(f"the file is not {encoding.upper()} throughout") from None


def _records(file: BinaryIO, encoding: str, begin: int) -> Iterator[tuple[int, list[str]]]:
    lines = _Lines(file, encoding, begin)
    try:
        for record in csv.reader(lines, strict=True):
            if any(cell.strip() for cell in record):
                yield lines.end, record
    except csv.Error as error:
        raise NotCsv(f"the file is not CSV: {error}") from None


class _Lines:
    """The lines of the file as text; `end` is the byte after those that were taken."""

    def __init__(self, file: BinaryIO, encoding: str, begin: int) -> None:
        self._file, self._encoding, self.end = file, encoding, begin

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE_BYTES)
        if not line:
            raise StopIteration
        if len(line) == LINE_BYTES:
            raise NotCsv(f"a line has over {LINE_BYTES} bytes")
        self.end += len(line)
        text = line.decode(self._encoding)
        if "\x00" in text:
            raise NotCsv("the file has the null character in it")
        return text
