"""Snapshots as the database keeps them: listing, writing, reading and removing them."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.snapshot_tables import SNAPSHOT, SNAPSHOT_FILE, SNAPSHOT_PART
from wecom_tollbooth.db import CompiledStatement, Slices, Transaction
from wecom_tollbooth.families.media import files_in_use
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.migrate import newest_revision

IMPORTED = ""
"""The name of the snapshot that an imported corp is reset to; nobody else's is empty."""

BYTES_AT_ONCE = 1024 * 1024
FILES_AT_ONCE = 100

_of_snapshot = (
    SNAPSHOT_PART.c.corp_id == bindparam("corp_id"),
    SNAPSHOT_PART.c.snapshot_id == bindparam("snapshot_id"),
)
_PLAN = CompiledStatement(
    sa.select(
        SNAPSHOT_PART.c.number, SNAPSHOT_PART.c.table_name, SNAPSHOT_PART.c.columns, SNAPSHOT_PART.c.rows
    )
    .where(*_of_snapshot)
    .order_by(SNAPSHOT_PART.c.number)
)
_CONTENT = CompiledStatement(
    sa.select(SNAPSHOT_PART.c.content).where(*_of_snapshot, SNAPSHOT_PART.c.number == bindparam("number"))
)


class FileGone(Exception):
    """An uploaded file was removed meanwhile: read the corp once more."""


class NewPart(NamedTuple):
    """Rows of one table to be kept."""

    table: str
    columns: list[str]
    rows: int
    content: bytes

    @classmethod
    def of(cls, table: str, columns: list[str], rows: int, lines: bytes) -> "NewPart":
        return cls(table, columns, rows, zlib.compress(lines, 1))


@dataclass
class State:
    """The rows of a corp at one moment, and the files that they refer to with their sizes."""

    now: int = 0
    parts: list[NewPart] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def size(self) -> int:
        return sum(len(part.content) for part in self.parts)


def begin(
    tx: Transaction, corp_id: str, name: str, taken_at: int, made_at: int, revision: str | None = None
) -> int:
    """Makes an incomplete snapshot and returns its id."""
    last = sa.select(sa.func.coalesce(sa.func.max(SNAPSHOT.c.id), 0)).where(SNAPSHOT.c.corp_id == corp_id)
    number = int(tx.execute(last).scalar_one()) + 1
    tx.execute(
        sa.insert(SNAPSHOT).values(
            corp_id=corp_id,
            id=number,
            name=name,
            taken_at=taken_at,
            made_at=made_at,
            is_complete=False,
            revision=revision or newest_revision(),
            rows=0,
            size=0,
        )
    )
    return number


def writing_parts(corp_id: str, snapshot_id: int, parts: Iterable[NewPart]) -> Slices[tuple[int, int]]:
    """Writes the parts; returns how many rows and bytes they have."""
    some: list[dict[str, Any]] = []
    rows = size = waiting = number = 0
    for number, part in enumerate(parts, 1):
        some.append(
            {
                "corp_id": corp_id,
                "snapshot_id": snapshot_id,
                "number": number,
                "table_name": part.table,
                "columns": part.columns,
                "rows": part.rows,
                "content": part.content,
            }
        )
        rows, size, waiting = rows + part.rows, size + len(part.content), waiting + len(part.content)
        if waiting >= BYTES_AT_ONCE:
            yield partial(_write_parts, some)
            some, waiting = [], 0
    if some:
        yield partial(_write_parts, some)
    return rows, size


def _write_parts(rows: list[dict[str, Any]], tx: Transaction) -> None:
    tx.execute(sa.insert(SNAPSHOT_PART), rows)


def writing_files(folder: FilesFolder, corp_id: str, snapshot_id: int, files: dict[str, int]) -> Slices[None]:
    """Refers to files, which then stay. Raises FileGone where one isn't in the folder."""
    contents = sorted(files)
    for start in range(0, len(contents), FILES_AT_ONCE):
        some = contents[start : start + FILES_AT_ONCE]
        rows = [
            {"corp_id": corp_id, "snapshot_id": snapshot_id, "sha256": sha256, "size": files[sha256]}
            for sha256 in some
        ]
        yield partial(_write_files, folder, rows)


def _write_files(folder: FilesFolder, rows: list[dict[str, Any]], tx: Transaction) -> None:
    for row in rows:
        files_in_use.hold(tx, row["sha256"])
        if not folder.has(row["sha256"]):
            raise FileGone
    tx.execute(sa.insert(SNAPSHOT_FILE), rows)


def complete(tx: Transaction, corp_id: str, snapshot_id: int, rows: int, size: int) -> None:
    this = (SNAPSHOT.c.corp_id == corp_id) & (SNAPSHOT.c.id == snapshot_id)
    tx.execute(sa.update(SNAPSHOT).where(this).values(is_complete=True, rows=rows, size=size))


def find(tx: Transaction, corp_id: str, name: str) -> Any:
    """The row of the complete snapshot, or None."""
    query = sa.select(SNAPSHOT).where(SNAPSHOT.c.corp_id == corp_id, SNAPSHOT.c.name == name)
    return tx.execute(query.where(SNAPSHOT.c.is_complete)).first()


def listed(tx: Transaction, corp_id: str) -> list[Any]:
    """The corp's complete snapshots, oldest first."""
    query = sa.select(SNAPSHOT).where(
        SNAPSHOT.c.corp_id == corp_id, SNAPSHOT.c.is_complete, SNAPSHOT.c.name != IMPORTED
    )
    return list(tx.execute(query.order_by(SNAPSHOT.c.id)).all())


def removing(corp_id: str, snapshot_id: int) -> Slices[None]:
    """Removes a snapshot: it disappears at once, its parts in slices."""
    yield partial(_remove_row, corp_id, snapshot_id)
    while (yield partial(_remove_some_parts, corp_id, snapshot_id)):
        pass


def _remove_row(corp_id: str, snapshot_id: int, tx: Transaction) -> None:
    tx.execute(sa.delete(SNAPSHOT).where(SNAPSHOT.c.corp_id == corp_id, SNAPSHOT.c.id == snapshot_id))
    files_in_use.drop_of_snapshot(tx, corp_id, snapshot_id)


def _remove_some_parts(corp_id: str, snapshot_id: int, tx: Transaction) -> bool:
    part = SNAPSHOT_PART.c
    these = (part.corp_id == corp_id) & (part.snapshot_id == snapshot_id)
    numbers = list(tx.execute(sa.select(part.number).where(these).order_by(part.number).limit(50)).scalars())
    tx.execute(sa.delete(SNAPSHOT_PART).where(these, part.number.in_(numbers)))
    return bool(numbers)


# --- reading ----------------------------------------------------------------------------------------------


class PlannedPart(NamedTuple):
    """A part of a snapshot without its content; `columns` is JSON."""

    number: int
    table: str
    columns: str
    rows: int


def plan(tx: Transaction, corp_id: str, snapshot_id: int) -> list[PlannedPart]:
    return [PlannedPart(*row) for row in _PLAN.all(tx, corp_id=corp_id, snapshot_id=snapshot_id)]


def content(tx: Transaction, corp_id: str, snapshot_id: int, number: int) -> bytes:
    """The lines of a part."""
    row = _CONTENT.one(tx, corp_id=corp_id, snapshot_id=snapshot_id, number=number)
    assert row is not None, f"part {number} of the snapshot {snapshot_id} of {corp_id} is missing"
    return zlib.decompress(row[0])


def lines_of(tx: Transaction, corp_id: str, snapshot_id: int) -> Iterator[tuple[PlannedPart, bytes]]:
    """Each part with its lines."""
    for part in plan(tx, corp_id, snapshot_id):
        yield part, content(tx, corp_id, snapshot_id, part.number)
