"""Removing a corp's rows and writing those of a snapshot in their place, in slices."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.billing import segments
from wecom_tollbooth.billing.tables import USAGE_RECORD
from wecom_tollbooth.callbacks.tables import CALLBACK
from wecom_tollbooth.corps.lifecycle import removing_of
from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import Slices, Transaction, insert_tuples
from wecom_tollbooth.families.media.files_in_use import REFERRING, dropping_shown_of_corp
from wecom_tollbooth.snapshots import stored
from wecom_tollbooth.snapshots.checking import completed
from wecom_tollbooth.snapshots.content import by_name, from_lines, not_empty, remove_all
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

SHOWING = (CORP, APP)
"""With these rows a corp is seen again, so they come last."""
FIRST = (SCHEDULED_TASK, CALLBACK)
"""The tables whose rows the background work would come across again and again."""

CELLS_AT_ONCE = 6_000
"""What one transaction writes while calls are served, in values: some 5 ms."""


def clearing(corp_id: str, *, small: bool = False) -> Slices[None]:
    """Removes the rows of a hidden corp, but for the records of its ledger; of a `small` one at once."""
    tables = [content.table for content in (yield partial(not_empty, corp_id=corp_id))]
    if set(tables) & set(REFERRING):
        yield from dropping_shown_of_corp(corp_id)
    for table in sorted(tables, key=lambda table: (table not in FIRST, table.name)):
        if table is USAGE_RECORD:
            continue
        if small:
            yield partial(remove_all, corp_id=corp_id, table=table)
        else:
            yield from removing_of(table, corp_id)


def filling(corp_id: str, snapshot_id: int, parts: Sequence[stored.PlannedPart]) -> Slices[None]:
    """Writes the rows of the snapshot's parts."""
    for part in parts:
        rows = yield partial(_rows_of, corp_id, snapshot_id, part)
        content = by_name()[part.table]
        names = ["corp_id", *content.names]
        step = max(1, CELLS_AT_ONCE // len(names))
        for start in range(0, len(rows), step):
            yield partial(_write, corp_id, content.table, names, rows[start : start + step])


def _write(
    corp_id: str, table: sa.Table, names: list[str], rows: Iterable[Sequence[Any]], tx: Transaction
) -> None:
    insert_tuples(tx, table, names, ((corp_id, *row) for row in rows))


def _rows_of(corp_id: str, snapshot_id: int, part: stored.PlannedPart, tx: Transaction) -> list[list[Any]]:
    """The rows of a part as this version has them, without corp_id."""
    rows = from_lines(stored.content(tx, corp_id, snapshot_id, part.number))
    return completed(by_name()[part.table], orjson.loads(part.columns), rows)


def parts_of(
    parts: Sequence[stored.PlannedPart], *tables: sa.Table, but: bool = False
) -> list[stored.PlannedPart]:
    """The parts of these tables, or with `but` those of all others."""
    names = {table.name for table in tables}
    return [part for part in parts if (part.table in names) != but]


def write_at_once(
    tx: Transaction, corp_id: str, snapshot_id: int, parts: Sequence[stored.PlannedPart]
) -> None:
    """Writes the rows of a few small parts."""
    for part in parts:
        rows = _rows_of(corp_id, snapshot_id, part, tx)
        content = by_name()[part.table]
        _write(corp_id, content.table, ["corp_id", *content.names], rows, tx)


def merging_ledger(
    corp_id: str, snapshot_id: int, segment: int, parts: Sequence[stored.PlannedPart]
) -> Slices[None]:
    """Makes the ledger hold the records of the parts; the others are superseded in the segment."""
    after = -1
    for part in parts[:-1]:
        records = yield partial(_records_of, corp_id, snapshot_id, part)
        yield from segments.superseding(corp_id, segment, after, records[-1][0], records)
        after = records[-1][0]
    records = (yield partial(_records_of, corp_id, snapshot_id, parts[-1])) if parts else []
    yield from segments.superseding(corp_id, segment, after, segments.LAST_ID, records)


def _records_of(
    corp_id: str, snapshot_id: int, part: stored.PlannedPart, tx: Transaction
) -> list[tuple[Any, ...]]:
    """The records of the ledger in a part; the id is the first value of each."""
    return [tuple(row) for row in _rows_of(corp_id, snapshot_id, part, tx)]
