"""Where the columns and records of a sub-table come from, by the source of its document."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.record_store import OrdinaryStore, RecordStore
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet, of_sheet
from wecom_tollbooth.families.smart_sheets.tables import SHEET_FIELD
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring


@dataclass(frozen=True)
class RecordSource:
    """What a sub-table shows: its own records, or those of another family."""

    columns: Callable[[Context, str, str], tuple[list[Column], int]]
    """Called with docid and sheet_id: the columns in order, and a number that rises with every change that
    the sub-table's own version does not count."""
    store: Callable[[Context, Sheet], RecordStore]


def _own_columns(context: Context, docid: str, sheet_id: str) -> tuple[list[Column], int]:
    query = (
        sa.select(SHEET_FIELD)
        .where(of_sheet(SHEET_FIELD, context, docid, sheet_id))
        .order_by(SHEET_FIELD.c.position)
    )
    rows = context.db.execute(query)
    return [Column(row.field_id, row.title, row.type, row.property) for row in rows], 0


_SOURCES: dict[str, RecordSource] = {"": RecordSource(_own_columns, OrdinaryStore)}


def declare_source(name: str, source: RecordSource) -> None:
    """Declares what sub-tables show whose document has this source."""
    if name in _SOURCES:
        raise ValueError(f"the source {name!r} is declared twice")
    _SOURCES[name] = source


def source_of(name: str) -> RecordSource:
    """The source that is declared under Document.source."""
    if name not in _SOURCES:
        import_declaring("declare_source")
    return _SOURCES[name]


def store_of(context: Context, sheet: Sheet) -> RecordStore:
    """The store that holds the sub-table's records."""
    return source_of(sheet.source).store(context, sheet)
