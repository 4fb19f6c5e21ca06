"""Finding a document and a sub-table, for a call of an app or for an act of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.short_ids import short_id
from wecom_tollbooth.families.smart_sheets.tables import (
    DOCUMENT,
    FIELD_GROUP,
    SHEET_FIELD,
    SHEET_RECORD,
    SHEET_VIEW,
    SHEET_WINDOW,
    SMART_SHEET,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.tables import WEBHOOK_KEY
from wecom_tollbooth.settings import Settings

OF_A_SHEET = (SHEET_RECORD, FIELD_GROUP, SHEET_VIEW, SHEET_FIELD, WEBHOOK_KEY, SHEET_WINDOW, SMART_SHEET)
"""All that goes with a sub-table."""

TEXT_DOCUMENT_TYPE, SPREADSHEET_TYPE, SMART_SHEET_TYPE, SMART_DOCUMENT_TYPE = 3, 4, 10, 11
"""doc_type."""


class Doer(Protocol):
    """What a call of an app and an act of a person have in common."""

    @property
    def db(self) -> Transaction: ...

    @property
    def corp_id(self) -> str: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def now(self) -> int: ...


def new_short_id(doer: Doer, prefix: str) -> str:
    """An id such as vPpw9C that nothing else in this database has."""
    return short_id(prefix, doer.db.next_id(), doer.settings.seed)


def the_document(call: Call, docid: str | None, *, to_write: bool = False) -> Any:
    """The document's row; `to_write` keeps others from changing it until the call is answered.

    Raises 301085 for an unknown one, 851003 for one that another app made.
    """
    row = find_document(call, docid or "", to_write=to_write)
    if row is None:
        raise Refusal(ErrCode.INVALID_DOCID, detail=f"{docid!r} is no document of this corp")
    if row.agentid not in (0, call.agentid):
        raise Refusal(
            ErrCode.NO_AUTHORITY_OVER_DOCUMENT,
            detail=f"app {row.agentid} made {docid}, so app {call.agentid} has no authority over it",
        )
    return row


def refuse_board(document: Any) -> None:
    """2022048 for a document that shows the records of another family: it is that family's."""
    if document.source:
        raise Refusal(ErrCode.NO_EDIT_RIGHT, detail=f"{document.docid} is the document of {document.source}")


def change_document(doer: Doer, docid: str, **values: Any) -> None:
    doer.db.execute(
        sa.update(DOCUMENT)
        .where(DOCUMENT.c.corp_id == doer.corp_id, DOCUMENT.c.docid == docid)
        .values(modify_time=doer.now, **values)
    )


def find_document(doer: Doer, docid: str, *, to_write: bool = False) -> Any:
    query = sa.select(DOCUMENT).where(DOCUMENT.c.corp_id == doer.corp_id, DOCUMENT.c.docid == docid)
    return doer.db.execute(query.with_for_update() if to_write else query).first()


@dataclass(frozen=True)
class Sheet:
    """One sub-table: where it is, what its records are, and its columns in order."""

    docid: str
    sheet_id: str
    source: str
    row_count: int
    version: int
    columns: list[Column]

    def column(self, field_id: str) -> Column | None:
        return next((column for column in self.columns if column.field_id == field_id), None)

    def titled(self, title: str) -> Column | None:
        return next((column for column in self.columns if column.title == title), None)


def the_smart_sheet(call: Call, docid: str) -> Any:
    """As the_document; raises 851002 for a document of another kind."""
    document = the_document(call, docid)
    if document.doc_type != SMART_SHEET_TYPE:
        raise Refusal(
            ErrCode.DOCUMENT_TYPE_MISMATCH, detail=f"{docid} has doc_type {document.doc_type}, not 10"
        )
    return document


def the_sheet(call: Call, docid: str, sheet_id: str, *, to_write: bool = False) -> Sheet:
    """The sub-table; `to_write` keeps others from writing to it until the call is answered.

    Raises as the_smart_sheet, 2543303 for an unknown sub-table.
    """
    document = the_smart_sheet(call, docid)
    sheet = open_sheet(call, document, sheet_id, to_write=to_write)
    if sheet is None:
        raise Refusal(ErrCode.SHEET_NOT_FOUND, detail=f"{docid} has no sub-table {sheet_id!r}")
    return sheet


def the_own_sheet(call: Call, docid: str, sheet_id: str) -> Sheet:
    """As the_sheet, to write; raises 2022048 for one whose columns are not the document's own."""
    sheet = the_sheet(call, docid, sheet_id, to_write=True)
    if sheet.source:
        raise Refusal(
            ErrCode.NO_EDIT_RIGHT,
            detail=f"the columns of {sheet_id} are those of {sheet.source}: edit them there",
        )
    return sheet


BOARDS: dict[str, Callable[[Doer], tuple[list[Column], int]]] = {}
"""By Document.source: the columns of a board that is shown as a sub-table, and how often it was changed."""


def open_sheet(doer: Doer, document: Any, sheet_id: str, *, to_write: bool = False) -> Sheet | None:
    """The sub-table with its columns; None where there is none."""
    query = sa.select(SMART_SHEET).where(
        SMART_SHEET.c.corp_id == doer.corp_id,
        SMART_SHEET.c.docid == document.docid,
        SMART_SHEET.c.sheet_id == sheet_id,
    )
    row = doer.db.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        return None
    version = row.version
    if document.source:
        columns, changes = BOARDS[document.source](doer)
        version += changes
    else:
        columns = columns_of(doer, document.docid, sheet_id)
    return Sheet(
        docid=document.docid,
        sheet_id=sheet_id,
        source=document.source,
        row_count=row.row_count,
        version=version,
        columns=columns,
    )


def columns_of(doer: Doer, docid: str, sheet_id: str) -> list[Column]:
    query = (
        sa.select(SHEET_FIELD)
        .where(
            SHEET_FIELD.c.corp_id == doer.corp_id,
            SHEET_FIELD.c.docid == docid,
            SHEET_FIELD.c.sheet_id == sheet_id,
        )
        .order_by(SHEET_FIELD.c.position)
    )
    return [Column(row.field_id, row.title, row.type, row.property) for row in doer.db.execute(query)]


def of_sheet(table: sa.Table, doer: Doer, docid: str, sheet_id: str) -> sa.ColumnElement[bool]:
    """The rows of `table` that belong to the sub-table."""
    return sa.and_(table.c.corp_id == doer.corp_id, table.c.docid == docid, table.c.sheet_id == sheet_id)


def note_change(doer: Doer, docid: str, sheet_id: str | None = None) -> None:
    """The document was changed just now; the sub-table gets a new version."""
    change_document(doer, docid)
    if sheet_id is not None:
        doer.db.execute(
            sa.update(SMART_SHEET)
            .where(of_sheet(SMART_SHEET, doer, docid, sheet_id))
            .values(version=SMART_SHEET.c.version + 1)
        )


SHOWN_AT_MOST = 1_000
"""Entries of any list that one call shows; limit 0 or none asks for as many."""


def page_of(offset: int | None, limit: int | None, total: int) -> tuple[int, int, bool]:
    """(offset, limit, whether more follow). Raises 2022023 where the offset is above the total."""
    start = max(offset or 0, 0)
    if start > total:
        raise Refusal(ErrCode.OFFSET_ABOVE_TOTAL, detail=f"offset {start} is above the total of {total}")
    count = SHOWN_AT_MOST if not limit or limit < 0 else min(limit, SHOWN_AT_MOST)
    return start, count, start + count < total
