"""Finding a sub-table for a call or an act, and noting its changes."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.documents.lookup import SMART_SHEET_TYPE, change_document, the_document
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet, of_sheet
from wecom_tollbooth.families.smart_sheets.engine.stores import source_of
from wecom_tollbooth.families.smart_sheets.tables import SHEET_FIELD, SMART_SHEET
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.context import Context


def the_smart_sheet(call: Call, docid: str) -> Any:
    """As the_document; raises 851002 for a document that is not a smart sheet."""
    document = the_document(call, docid)
    if document.doc_type != SMART_SHEET_TYPE:
        raise Refusal(
            ErrCode.DOCUMENT_TYPE_MISMATCH,
            detail=f"{docid} has doc_type {document.doc_type}, not {SMART_SHEET_TYPE}",
        )
    return document


def the_sheet(call: Call, docid: str, sheet_id: str, *, to_write: bool = False) -> Sheet:
    """The sub-table; `to_write` locks its row until the transaction ends.

    Raises as the_smart_sheet, and 2543303 for an unknown sub-table.
    """
    document = the_smart_sheet(call, docid)
    sheet = open_sheet(call, document, sheet_id, to_write=to_write)
    if sheet is None:
        raise Refusal(ErrCode.SHEET_NOT_FOUND, detail=f"{docid} has no sub-table {sheet_id!r}")
    return sheet


def the_own_sheet(call: Call, docid: str, sheet_id: str) -> Sheet:
    """As the_sheet, to write; raises 2022048 for a sub-table that shows another family's records."""
    sheet = the_sheet(call, docid, sheet_id, to_write=True)
    if sheet.source:
        raise Refusal(
            ErrCode.NO_EDIT_RIGHT,
            detail=f"{sheet_id} shows the columns of {sheet.source}: edit them there",
        )
    return sheet


def open_sheet(context: Context, document: Any, sheet_id: str, *, to_write: bool = False) -> Sheet | None:
    """The sub-table with its columns, or None; `to_write` locks its row until the transaction ends."""
    query = sa.select(SMART_SHEET).where(of_sheet(SMART_SHEET, context, document.docid, sheet_id))
    row = context.db.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        return None
    columns, changes = source_of(document.source).columns(context, document.docid, sheet_id)
    return Sheet(
        docid=document.docid,
        sheet_id=sheet_id,
        source=document.source,
        row_count=row.row_count,
        version=row.version + changes,
        columns=columns,
    )


def change_field(context: Context, sheet: Sheet, field_id: str, **values: Any) -> None:
    """Sets columns of the field's row."""
    context.db.execute(
        sa.update(SHEET_FIELD)
        .where(
            of_sheet(SHEET_FIELD, context, sheet.docid, sheet.sheet_id), SHEET_FIELD.c.field_id == field_id
        )
        .values(**values)
    )


def note_change(context: Context, docid: str, sheet_id: str | None = None) -> None:
    """Notes that the document has changed; the sub-table, if given, gets a new version."""
    change_document(context, docid)
    if sheet_id is not None:
        context.db.execute(
            sa.update(SMART_SHEET)
            .where(of_sheet(SMART_SHEET, context, docid, sheet_id))
            .values(version=SMART_SHEET.c.version + 1)
        )


SHOWN_AT_MOST = 1_000
"""The most entries of a list that one call returns, and the default limit."""


def page_of(offset: int | None, limit: int | None, total: int) -> tuple[int, int, bool]:
    """(offset, limit, whether more follow). Raises 2022023 for an offset above the total."""
    start = max(offset or 0, 0)
    if start > total:
        raise Refusal(ErrCode.OFFSET_ABOVE_TOTAL, detail=f"offset {start} is above the total of {total}")
    count = SHOWN_AT_MOST if not limit or limit < 0 else min(limit, SHOWN_AT_MOST)
    return start, count, start + count < total


def refuse_taken(
    kind: str, title: str, taken: Collection[str], code: Code = ErrCode.TITLE_DUPLICATE_OR_EMPTY
) -> None:
    """Raises `code`, by default 2022030, for a title, or name, that another of its kind has."""
    if title in taken:
        raise Refusal(code, detail=f"there is already a {kind} {title!r}")
