"""CSV that is safe to open in a spreadsheet: the only place that writes it.

A spreadsheet runs a cell that begins with =, +, - or @ as a formula, even in a user's text. An apostrophe
before it makes it text. Source: OWASP, CSV Injection (2026-11).
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from typing import IO, Any

SIGNS = frozenset("=+-@−")
"""What begins a formula, with the minus sign U+2212; their wide, small and raised forms count too."""
SHOW_NOTHING = frozenset(' "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0')
"""Printable by category, but blank; and the quote, which a spreadsheet that splits elsewhere takes away."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SEPARATORS = re.compile(r"([;\t\r\n]+)")
"""Where a spreadsheet may begin another cell: where a comma is the decimal point, it expects semicolons."""


class CsvTable:
    """Rows of numbers and texts, written to `file`; `line_end` is that of RFC 4180 by default."""

    def __init__(self, file: IO[str], columns: Iterable[str], line_end: str = "\r\n") -> None:
        self._rows = csv.writer(file, lineterminator=line_end)
        self.write(columns)

    def write(self, row: Iterable[Any]) -> None:
        self._rows.writerow([cell(value) for value in row])


def cell(value: Any) -> Any:
    """The value as a cell that no spreadsheet runs; a number, also one in decimal text, stays as it is."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    text = "".join(f"'{part}" if _begins_formula(part) else part for part in _SEPARATORS.split(value))
    return f"'{text}" if text[:1] in ("\t", "\r", "\n") else text


def _begins_formula(text: str) -> bool:
    for character in text:
        if not _shows_nothing(character):
            return unicodedata.normalize("NFKC", character)[:1] in SIGNS
    return False


def _shows_nothing(character: str) -> bool:
    if not character.isprintable() or character in SHOW_NOTHING:
        return True
    return unicodedata.category(character) == "Mn"
