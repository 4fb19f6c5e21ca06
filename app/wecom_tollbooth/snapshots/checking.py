"""Whether rows that somebody sent are rows of their table: columns, types, references to files."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.db import JsonText
from wecom_tollbooth.families.media.files_in_use import REFERRING
from wecom_tollbooth.snapshots.content import Content, by_name, from_lines, is_flag
from wecom_tollbooth.snapshots.defaults import default_of, has_default
from wecom_tollbooth.snapshots.manifest import WrongFile

SHA256 = re.compile(r"[0-9a-f]{64}")
_SIZES: dict[type[Any], int] = {sa.BigInteger: 63, sa.SmallInteger: 15, sa.Integer: 31}


class TableCheck:
    """Checks the rows of one table of a file with these columns."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        """Raises WrongFile for a table or columns that this version doesn't have."""
        found = by_name().get(table)
        if found is None:
            raise WrongFile(f"the file has rows of {table[:60]!r}, which is no table of a corp")
        self.content = found
        self.columns = list(columns)
        self._refuse_wrong_columns()
        by = {column.name: column for column in found.columns}
        self._checks = [_check_of(by[name]) for name in columns]
        self._sha256 = self.columns.index("sha256") if found.table in REFERRING else None

    def _refuse_wrong_columns(self) -> None:
        name, columns = self.content.table.name, self.columns
        known = set(self.content.names)
        for given in columns:
            if given not in known:
                raise WrongFile(f"{name} has no column {given[:60]!r} that a file may set")
        if len(set(columns)) < len(columns):
            raise WrongFile(f"the file names a column of {name} twice")
        for column in self.content.columns:
            if column.name not in columns and not has_default(self.content.table, column.name):
                raise WrongFile(f"the rows of {name} lack the column {column.name!r}")

    def read(self, lines: bytes, files: Collection[str]) -> list[list[Any]]:
        """The rows of the lines; `files` are the contents that the file brings along. Raises WrongFile."""
        table = self.content.table.name
        try:
            rows = from_lines(lines)
        except orjson.JSONDecodeError as error:
            raise WrongFile(f"a line of {table} is not JSON: {error}") from None
        for row in rows:
            if not isinstance(row, list) or len(row) != len(self.columns):
                raise WrongFile(f"a row of {table} is not a list of {len(self.columns)} values")
            for place, check in enumerate(self._checks):
                if not check(row[place]):
                    shown = repr(row[place])[:60]
                    raise WrongFile(f"{table}.{self.columns[place]} can't be {shown}")
            if self._sha256 is not None and row[self._sha256] and row[self._sha256] not in files:
                raise WrongFile(f"a row of {table} refers to an uploaded file that is not in the file")
        return rows


@lru_cache(maxsize=1024)
def _check_of(column: sa.Column[Any]) -> Callable[[Any], bool]:
    of_value = _check_of_value(column)
    return (lambda value: value is None or of_value(value)) if column.nullable else of_value


def _check_of_value(column: sa.Column[Any]) -> Callable[[Any], bool]:
    if is_flag(column):
        return lambda value: isinstance(value, bool)
    if isinstance(column.type, JsonText):
        return _is_json
    for kind, bits in _SIZES.items():
        if isinstance(column.type, kind):
            smallest, largest = -(2**bits), 2**bits - 1
            return lambda value: type(value) is int and smallest <= value <= largest
    if isinstance(column.type, sa.Float):
        return lambda value: type(value) in (int, float)
    return _is_text


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\x00" not in value


def _is_json(value: Any) -> bool:
    if not _is_text(value):
        return False
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True


def completed(content: Content, columns: Sequence[str], rows: list[list[Any]]) -> list[list[Any]]:
    """The rows with all columns that this version has, in their order."""
    if list(columns) == content.names:
        return rows
    places = {name: place for place, name in enumerate(columns)}
    plan = [
        (places[name], None) if name in places else (None, default_of(content.table, name))
        for name in content.names
    ]
    return [[default if place is None else row[place] for place, default in plan] for row in rows]
