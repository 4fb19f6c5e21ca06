"""A sub-table as the rest of the family works with it."""

from dataclasses import dataclass

import sqlalchemy as sa

from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.world.context import Context


@dataclass(frozen=True)
class Sheet:
    """One sub-table: where it is, whose records it shows, and its columns in order."""

    docid: str
    sheet_id: str
    source: str
    """Document.source: "" for records of its own."""
    row_count: int
    version: int
    columns: list[Column]

    def column(self, field_id: str) -> Column | None:
        return next((column for column in self.columns if column.field_id == field_id), None)

    def titled(self, title: str) -> Column | None:
        return next((column for column in self.columns if column.title == title), None)


def of_sheet(table: sa.Table, context: Context, docid: str, sheet_id: str) -> sa.ColumnElement[bool]:
    """The rows of `table` that belong to the sub-table."""
    return sa.and_(table.c.corp_id == context.corp_id, table.c.docid == docid, table.c.sheet_id == sheet_id)
