"""The store of a sub-table's records.

Its interface is small, so that a smart sheet can show the records of another family.

Only one page of records is in memory at a time: filters, sorts and counts run in the database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, Protocol

import sqlalchemy as sa

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.cells import ID_TYPE_APP, ID_TYPE_MEMBER, key_of
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet, of_sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import short_id
from wecom_tollbooth.families.smart_sheets.tables import SHEET_RECORD, SMART_SHEET
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

CHUNK = 500
"""Ids in one IN list."""
OPTIONS_AT_ONCE = 100
"""Conditions in one OR; databases limit the depth of expressions."""

Cells = dict[str, Any]
"""Stored cells (see cells.py) by field id; None clears one."""


@dataclass(frozen=True)
class Person:
    """Who created or changed a record: a member's userid, an app's agentid as text, or a webhook's id."""

    id: str
    id_type: int = ID_TYPE_MEMBER


@dataclass(frozen=True)
class Record:
    record_id: str
    cells: Cells
    created_at_ms: int
    updated_at_ms: int
    creator: Person
    updater: Person
    number: int
    """Rises with each added record; FIELD_TYPE_AUTONUMBER shows it."""


@dataclass(frozen=True)
class Order:
    """One key of a sort. Empty cells always come last."""

    key: sa.ColumnElement[Any]
    desc: bool


@dataclass(frozen=True)
class Query:
    where: sa.ColumnElement[bool] | None = None
    order: tuple[Order, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it neither filters nor sorts."""
        return self.where is None and not self.order


class RecordStore(Protocol):
    """The records of one sub-table. Cells are in their stored form; the caller has checked them."""

    def key(self, column: Column) -> sa.ColumnElement[Any]:
        """The SQL of cells.key_of: what filters and sorts use in this column."""

    def among(self, record_ids: Sequence[str]) -> sa.ColumnElement[bool]:
        """A condition that is true only for these records."""

    def count(self, query: Query) -> int: ...

    def page(self, query: Query, offset: int, limit: int) -> list[Record]: ...

    def get(self, record_ids: Sequence[str]) -> list[Record]:
        """The records that exist, in this order."""

    def add(self, rows: list[Cells], by: Person) -> list[Record]:
        """Adds records; raises 2022029 above the caps."""

    def update(self, changes: list[tuple[str, Cells]], by: Person) -> list[Record]:
        """Changes cells of records; returns the records. Raises 2022003 for an unknown record."""

    def delete(self, record_ids: Sequence[str]) -> None:
        """Deletes all of the records; raises 2022003 for an unknown record."""


def caller(context: Context) -> Person:
    """The calling app as creator or updater."""
    return Person(str(context.agentid), ID_TYPE_APP)


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def in_order(record_ids: Iterable[str], found: Iterable[Record]) -> list[Record]:
    by_id = {record.record_id: record for record in found}
    return [by_id[id_] for id_ in dict.fromkeys(record_ids) if id_ in by_id]


def positions(
    db: Transaction,
    seq: sa.ColumnElement[int],
    mine: sa.ColumnElement[bool],
    query: Query,
    offset: int,
    limit: int,
) -> list[int]:
    """The seqs of one page of the records `mine`, filtered and sorted."""
    found = sa.select(seq).where(mine)
    if query.where is not None:
        found = found.where(query.where)
    for order in query.order:
        found = found.order_by(order.key.is_(None), order.key.desc() if order.desc else order.key)
    return [row[0] for row in db.execute(found.order_by(seq).limit(limit).offset(offset))]


def holds(key: sa.ColumnElement[Any], part: str) -> sa.ColumnElement[bool]:
    """Whether the text contains the part, case-sensitively; LIKE would treat % and _ as wildcards."""
    return sa.func.replace(key, part, "") != key if part else key.is_not(None)


def refuse_missing(record_ids: Sequence[str], found: Iterable[Record]) -> None:
    """Raises 2022003 for a record that was not found."""
    missing = set(record_ids) - {record.record_id for record in found}
    if missing:
        raise Refusal(ErrCode.SHEET_RECORD_NOT_FOUND, detail=f"there is no record {sorted(missing)[0]!r}")


class OrdinaryStore:
    """The records of an ordinary sub-table: one row each, with cells as JSON by field id."""

    def __init__(self, context: Context, sheet: Sheet) -> None:
        self._context, self._db, self._sheet = context, context.db, sheet
        self._mine = of_sheet(SHEET_RECORD, context, sheet.docid, sheet.sheet_id)

    def key(self, column: Column) -> sa.ColumnElement[Any]:
        of_row = _OF_ROW.get(column.type)
        if of_row is not None:
            return of_row()
        kind = column.kind.key
        if self._db.dialect == "sqlite":
            return sa.func.json_extract(SHEET_RECORD.c["keys"], f'$."{column.field_id}"')
        text = sa.cast(sa.cast(SHEET_RECORD.c["keys"], sa.Text), sa.JSON)[column.field_id].as_string()
        return sa.cast(text, sa.Numeric) if kind in ("number", "time", "bool") else text.collate("C")

    def among(self, record_ids: Sequence[str]) -> sa.ColumnElement[bool]:
        return SHEET_RECORD.c.record_id.in_(record_ids)

    def count(self, query: Query) -> int:
        if query.where is None:
            return self._sheet.row_count
        counted = sa.select(sa.func.count()).select_from(SHEET_RECORD).where(self._mine, query.where)
        return int(self._db.execute(counted).scalar_one())

    def page(self, query: Query, offset: int, limit: int) -> list[Record]:
        """Finds the positions of the page, then reads its records.

        Without a filter and a sort the database scans the index up to the offset and reads no record;
        otherwise it reads every record once.
        """
        found = positions(self._db, SHEET_RECORD.c.seq, self._mine, query, offset, limit)
        by_seq = {}
        for start in range(0, len(found), CHUNK):
            rows = self._rows(SHEET_RECORD.c.seq.in_(found[start : start + CHUNK]))
            by_seq.update({row.seq: _record(row) for row in rows})
        return [by_seq[seq] for seq in found]

    def get(self, record_ids: Sequence[str]) -> list[Record]:
        found = [
            _record(row)
            for ids in chunks(record_ids)
            for row in self._rows(SHEET_RECORD.c.record_id.in_(ids))
        ]
        return in_order(record_ids, found)

    def add(self, rows: list[Cells], by: Person) -> list[Record]:
        self._refuse_over_cap(len(rows))
        first = self._db.execute(
            sa.update(SMART_SHEET)
            .where(of_sheet(SMART_SHEET, self._context, self._sheet.docid, self._sheet.sheet_id))
            .values(
                last_seq=SMART_SHEET.c.last_seq + len(rows),
                row_count=SMART_SHEET.c.row_count + len(rows),
            )
            .returning(SMART_SHEET.c.last_seq)
        ).scalar_one() - len(rows)
        now = self._context.now * 1000
        salt = sum(map(ord, self._sheet.sheet_id)) + self._context.seed
        added = [
            Record(short_id("r", number, salt), _without_empty(cells), now, now, by, by, number)
            for number, cells in enumerate(rows, first + 1)
        ]
        if added:
            self._db.execute(sa.insert(SHEET_RECORD), [self._row(record) for record in added])
        return added

    def update(self, changes: list[tuple[str, Cells]], by: Person) -> list[Record]:
        ids = [record_id for record_id, _ in changes]
        found = {record.record_id: record for record in self.get(ids)}
        refuse_missing(ids, found.values())
        now = self._context.now * 1000
        for record_id, cells in changes:
            old = found[record_id]
            merged = _without_empty({**old.cells, **cells})
            found[record_id] = replace(old, cells=merged, updated_at_ms=now, updater=by)
        self._write(found.values())
        return [found[record_id] for record_id in dict.fromkeys(ids)]

    def remove_options(self, column: Column, lost: Set[str]) -> None:
        """Removes deleted options from the cells. The records don't count as changed."""
        key = self.key(column)
        named: sa.ColumnElement[bool] = key.is_not(None)
        if len(lost) <= OPTIONS_AT_ONCE:
            named = sa.or_(*(holds(key, f"|{id_}|") for id_ in sorted(lost)))
        query = sa.select(SHEET_RECORD).where(self._mine, named).order_by(SHEET_RECORD.c.seq).limit(CHUNK)
        last = 0
        while rows := self._db.execute(query.where(SHEET_RECORD.c.seq > last)).all():
            last = rows[-1].seq
            self._write([_without_options(_record(row), column.field_id, lost) for row in rows])

    def delete(self, record_ids: Sequence[str]) -> None:
        wanted = list(dict.fromkeys(record_ids))
        refuse_missing(wanted, self.get(wanted))
        for ids in chunks(wanted):
            self._db.execute(sa.delete(SHEET_RECORD).where(self._mine, SHEET_RECORD.c.record_id.in_(ids)))
        self._db.execute(
            sa.update(SMART_SHEET)
            .where(of_sheet(SMART_SHEET, self._context, self._sheet.docid, self._sheet.sheet_id))
            .values(row_count=SMART_SHEET.c.row_count - len(wanted))
        )

    def _rows(self, where: sa.ColumnElement[bool]) -> sa.CursorResult[Any]:
        return self._db.execute(sa.select(SHEET_RECORD).where(self._mine, where))

    def _write(self, records: Iterable[Record]) -> None:
        names = ("cells", "keys", "updated_at_ms", "updater", "updater_type")
        rows = [
            {
                "id": record.record_id,
                "new_cells": record.cells,
                "new_keys": self._keys(record.cells),
                "new_updated_at_ms": record.updated_at_ms,
                "new_updater": record.updater.id,
                "new_updater_type": record.updater.id_type,
            }
            for record in records
        ]
        if rows:
            changed = sa.update(SHEET_RECORD).where(
                self._mine, SHEET_RECORD.c.record_id == sa.bindparam("id")
            )
            self._db.execute(changed.values({name: sa.bindparam(f"new_{name}") for name in names}), rows)

    def _keys(self, cells: Cells) -> dict[str, Any]:
        """The keys of the non-empty cells, by field id."""
        keys = ((column.field_id, column, cells.get(column.field_id)) for column in self._sheet.columns)
        return {id_: key_of(column, cell) for id_, column, cell in keys if cell is not None}

    def _row(self, record: Record) -> dict[str, Any]:
        return {
            "corp_id": self._context.corp_id,
            "docid": self._sheet.docid,
            "sheet_id": self._sheet.sheet_id,
            "record_id": record.record_id,
            "seq": record.number,
            "cells": record.cells,
            "keys": self._keys(record.cells),
            "created_at_ms": record.created_at_ms,
            "updated_at_ms": record.updated_at_ms,
            "creator": record.creator.id,
            "creator_type": record.creator.id_type,
            "updater": record.updater.id,
            "updater_type": record.updater.id_type,
        }

    def _refuse_over_cap(self, new: int) -> None:
        settings = self._context.settings
        rows = self._sheet.row_count + new
        if rows > settings.sheet_rows_cap:
            raise Refusal(
                ErrCode.SHEET_CAP_REACHED, detail=f"a sub-table has at most {settings.sheet_rows_cap} records"
            )
        if rows * len(self._sheet.columns) > settings.sheet_cells_cap:
            raise Refusal(
                ErrCode.SHEET_CAP_REACHED, detail=f"a sub-table has at most {settings.sheet_cells_cap} cells"
            )


_OF_ROW: dict[str, Callable[[], sa.ColumnElement[Any]]] = {
    types.CREATED_TIME: lambda: SHEET_RECORD.c.created_at_ms,
    types.MODIFIED_TIME: lambda: SHEET_RECORD.c.updated_at_ms,
    types.CREATED_USER: lambda: sa.literal("|") + SHEET_RECORD.c.creator + sa.literal("|"),
    types.MODIFIED_USER: lambda: sa.literal("|") + SHEET_RECORD.c.updater + sa.literal("|"),
    types.AUTONUMBER: lambda: SHEET_RECORD.c.seq,
}


def _without_empty(cells: Cells) -> Cells:
    return {field_id: cell for field_id, cell in cells.items() if cell is not None}


def _without_options(record: Record, field_id: str, lost: Set[str]) -> Record:
    left = [id_ for id_ in record.cells[field_id] if id_ not in lost]
    return replace(record, cells=_without_empty({**record.cells, field_id: left or None}))


def _record(row: Any) -> Record:
    return Record(
        row.record_id,
        row.cells,
        row.created_at_ms,
        row.updated_at_ms,
        Person(row.creator, row.creator_type),
        Person(row.updater, row.updater_type),
        row.seq,
    )
