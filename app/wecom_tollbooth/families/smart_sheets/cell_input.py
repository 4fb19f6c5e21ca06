"""Writing cells into records, for calls and acts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wecom_tollbooth.families.documents.lookup import find_document
from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.cells import Options, stored
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.record_store import Cells, Person, Record
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.engine.stores import store_of
from wecom_tollbooth.families.smart_sheets.lookup import change_field, open_sheet
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

BY_TITLE = "CELL_VALUE_KEY_TYPE_FIELD_TITLE"
BY_ID = "CELL_VALUE_KEY_TYPE_FIELD_ID"

Change = tuple[str, dict[str, Any]]
"""A record id, and its new cells as received, by title or id of their field."""


def add(
    context: Context, sheet: Sheet, rows: list[dict[str, Any]], by_id: bool, by: Person
) -> tuple[list[Record], Sheet]:
    """Adds records; returns them, and the sub-table with the options that were added with them."""
    read, sheet = _read_cells(context, sheet, rows, by_id)
    return store_of(context, sheet).add(read, by), sheet


def update(
    context: Context, sheet: Sheet, changes: list[Change], by_id: bool, by: Person
) -> tuple[list[Record], Sheet]:
    """Changes records; returns the same as `add`."""
    ids = [record_id for record_id, _ in changes]
    read, sheet = _read_cells(context, sheet, [cells for _, cells in changes], by_id, ids)
    return store_of(context, sheet).update(list(zip(ids, read, strict=True)), by), sheet


def _read_cells(
    context: Context, sheet: Sheet, rows: list[dict[str, Any]], by_id: bool, changed: Sequence[str] = ()
) -> tuple[list[Cells], Sheet]:
    """The cells of each row as stored, by field id; new options are stored with their fields.

    `changed` are the ids of the records that the rows change: a reference that such a record already has may
    be written again, even if its target was deleted. Raises 2022004, 2022048 for an automatic field, and what
    cells.stored raises.
    """
    by_key = {column.field_id if by_id else column.title: column for column in sheet.columns}
    options = Options(sheet.columns, lambda: new_short_id(context, "o"))
    read = [_read_row(by_key, row, options) for row in rows]
    _refuse_wrong_references(context, sheet, read, changed)
    return read, _store_options(context, sheet, options)


def _read_row(by_key: dict[str, Column], row: dict[str, Any], options: Options) -> Cells:
    cells: Cells = {}
    for key, value in row.items():
        column = by_key.get(key)
        if column is None:
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"values: there is no field {key!r}")
        if not column.writable:
            raise Refusal(
                ErrCode.NO_EDIT_RIGHT,
                detail=f"{column.title} ({column.type}) is automatic: it cannot be written",
            )
        cells[column.field_id] = stored(column, value, options)
    return cells


def _store_options(context: Context, sheet: Sheet, options: Options) -> Sheet:
    if not options.changed:
        return sheet
    columns = []
    for column in sheet.columns:
        if column.field_id in options.changed:
            if sheet.source:
                raise Refusal(
                    ErrCode.INVALID_PARAMETER,
                    detail=f"{column.title}: {options.of(column)[-1]['text']!r} is not one of its options",
                )
            column = replace(column, settings={**column.settings, "options": options.of(column)})
            change_field(context, sheet, column.field_id, property=column.settings)
        columns.append(column)
    return replace(sheet, columns=columns)


def _refuse_wrong_references(
    context: Context, sheet: Sheet, rows: list[Cells], changed: Sequence[str]
) -> None:
    """Raises 2022035 for a reference to a record that is not in the sub-table that the field names."""
    for column in sheet.columns:
        if column.type != types.REFERENCE:
            continue
        wanted = {id_ for cells in rows for id_ in cells.get(column.field_id) or ()}
        if not wanted:
            continue
        named = column.settings.get("sub_id") or sheet.sheet_id
        document = find_document(context, sheet.docid)
        other = sheet if named == sheet.sheet_id else open_sheet(context, document, named)
        found = store_of(context, other).get(sorted(wanted)) if other is not None else []
        missing = wanted - {record.record_id for record in found}
        if missing and changed:
            for record in store_of(context, sheet).get(changed):
                missing -= set(record.cells.get(column.field_id) or ())
        if missing:
            raise Refusal(
                ErrCode.INVALID_REFERENCE,
                detail=f"{column.title}: sub-table {named!r} has no record {sorted(missing)[0]!r}",
            )
