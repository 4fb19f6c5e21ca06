"""智能表格子表: the sub-tables of a smart sheet."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.content import Content, declare_content
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import SMART_SHEET_TYPE, refuse_if_mirror
from wecom_tollbooth.families.smart_sheets.engine import field_types
from wecom_tollbooth.families.smart_sheets.engine.sheet import of_sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.lookup import (
    note_change,
    refuse_taken,
    the_own_sheet,
    the_smart_sheet,
)
from wecom_tollbooth.families.smart_sheets.tables import (
    FIELD_GROUP,
    SHEET_FIELD,
    SHEET_GROUP,
    SHEET_RECORD,
    SHEET_RULE,
    SHEET_VIEW,
    SHEET_WINDOW,
    SMART_SHEET,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_object
from wecom_tollbooth.gateway.tables import WEBHOOK_KEY
from wecom_tollbooth.world.context import Context

OF_A_SHEET = (SHEET_RECORD, FIELD_GROUP, SHEET_VIEW, SHEET_FIELD, WEBHOOK_KEY, SHEET_WINDOW, SMART_SHEET)
"""The tables whose rows are deleted along with a sub-table."""
SHEETS_OF_A_DOCUMENT = 200
"""A guess: the code, 2505401, is documented, but the number is not."""
TITLE_CHARS = 255

SMART_SHEET_ERRORS = (
    ErrCode.INVALID_DOCID,
    ErrCode.DOCUMENT_TYPE_MISMATCH,
    ErrCode.NO_AUTHORITY_OVER_DOCUMENT,
)
SHEET_ERRORS = (ErrCode.PARAMETERS_EMPTY, *SMART_SHEET_ERRORS, ErrCode.SHEET_NOT_FOUND)
"""Answered by every operation on a sub-table."""


class SheetRequest(RequestModel):
    """Base of the requests on one sub-table."""

    docid: str = required(ErrCode.INVALID_DOCID)
    sheet_id: str = required(doc="id of the sub-table, six characters")


def add_row(context: Context, docid: str, title: str, position: int) -> str:
    """Adds an empty sub-table; returns its id."""
    sheet_id = new_short_id(context, "q")
    context.db.execute(
        sa.insert(SMART_SHEET).values(
            corp_id=context.corp_id,
            docid=docid,
            sheet_id=sheet_id,
            title=title,
            position=position,
            is_visible=True,
            row_count=0,
            last_seq=0,
            version=1,
        )
    )
    return sheet_id


def add_first_sheet(context: Context, docid: str) -> None:
    """Adds the sub-table of a new document, with a text field and a grid view as in the client."""
    sheet_id = add_row(context, docid, "智能表1", 0)
    place = {"corp_id": context.corp_id, "docid": docid, "sheet_id": sheet_id, "position": 0}
    context.db.execute(
        sa.insert(SHEET_FIELD).values(
            field_id=new_short_id(context, "f"), title="文本", type=field_types.TEXT, property={}, **place
        )
    )
    add_view_row(context, docid, sheet_id)


def add_view_row(context: Context, docid: str, sheet_id: str) -> None:
    """Adds the grid view that a new sub-table has."""
    place = {"corp_id": context.corp_id, "docid": docid, "sheet_id": sheet_id, "position": 0}
    context.db.execute(
        sa.insert(SHEET_VIEW).values(
            view_id=new_short_id(context, "v"), title="表格视图", type="VIEW_TYPE_GRID", property={}, **place
        )
    )


declare_content(
    SMART_SHEET_TYPE, Content(create=add_first_sheet, tables=(*OF_A_SHEET, SHEET_RULE, SHEET_GROUP))
)


def _sheets_of(call: Call, docid: str) -> list[Any]:
    query = (
        sa.select(SMART_SHEET)
        .where(SMART_SHEET.c.corp_id == call.corp_id, SMART_SHEET.c.docid == docid)
        .order_by(SMART_SHEET.c.position, SMART_SHEET.c.sheet_id)
    )
    return list(call.db.execute(query))


_ONE_AFTER_THE_OTHER = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:document, 0))")


def _locked_sheets_of(call: Call, docid: str) -> list[Any]:
    """The sub-tables, locked so that none is added, deleted or renamed until the transaction ends.

    They are locked before the document, in the same order as when records are written.
    """
    of_document = (SMART_SHEET.c.corp_id == call.corp_id, SMART_SHEET.c.docid == docid)
    if call.db.dialect == "postgresql":
        # One after the other: a call that waits for a row doesn't see the sub-table that is added meanwhile,
        # and would later want it from one that locked it in its order.
        call.db.execute(_ONE_AFTER_THE_OTHER, {"document": f"{call.corp_id}/{docid}"})
    call.db.execute(
        sa.select(SMART_SHEET.c.sheet_id)
        .where(*of_document)
        .order_by(SMART_SHEET.c.sheet_id)
        .with_for_update()
    )
    note_change(call, docid)
    return _sheets_of(call, docid)


def sheet_ids_of(call: Call, docid: str) -> list[str]:
    """The ids of the sub-tables in order."""
    return [row.sheet_id for row in _sheets_of(call, docid)]


# --- 查询子表 --------------------------------------------------------------------------------------------


class GetSheetRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    sheet_id: str | None = optional(doc="only this sub-table")
    need_all_type_sheet: bool | None = optional(
        doc="also dashboards and external sub-tables, which are not simulated"
    )


class SheetShape(TypedDict):
    sheet_id: str
    title: str
    is_visible: bool
    type: str


class GetSheetReply(TypedDict):
    sheet_list: list[SheetShape]


@family.post(
    "/cgi-bin/wedoc/smartsheet/get_sheet",
    doc="101154",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(*SMART_SHEET_ERRORS, ErrCode.SHEET_NOT_FOUND),
    sample={"docid": "DOCID", "sheet_id": "xxx", "need_all_type_sheet": True},
)
def get_sheet(call: Call, body: GetSheetRequest) -> GetSheetReply:
    """查询子表 / List sub-tables

    The sub-tables in order, or the one with `sheet_id`.
    """
    document = the_smart_sheet(call, body.docid)
    rows = _sheets_of(call, document.docid)
    if body.sheet_id:
        rows = [row for row in rows if row.sheet_id == body.sheet_id]
        if not rows:
            raise Refusal(ErrCode.SHEET_NOT_FOUND, detail=f"{body.docid} has no sub-table {body.sheet_id!r}")
    return {
        "sheet_list": [
            {"sheet_id": row.sheet_id, "title": row.title, "is_visible": row.is_visible, "type": "smartsheet"}
            for row in rows
        ]
    }


# --- 添加子表 --------------------------------------------------------------------------------------------


class NewSheet(RequestModel):
    title: str | None = optional(max_chars=TITLE_CHARS, doc="unique in the document")
    index: int | None = optional(ge=0, doc="position from 0; default: the end")


class AddSheetRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    properties: NewSheet | None = optional()


class NewSheetShape(TypedDict):
    title: str
    index: int
    sheet_id: str


class AddSheetReply(TypedDict):
    properties: NewSheetShape


@family.post(
    "/cgi-bin/wedoc/smartsheet/add_sheet",
    doc="99896",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SMART_SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
        ErrCode.TOO_MANY_SHEETS,
        ErrCode.NO_EDIT_RIGHT,
    ),
    sample={"docid": "DOCID", "properties": {"title": "智能表", "index": 3}},
)
def add_sheet(call: Call, body: AddSheetRequest) -> AddSheetReply:
    """添加子表 / Add a sub-table

    Adds a sub-table without views, fields and records. A document has at most 200, which is a guess. The
    document of the follow-up records takes no others.
    """
    document = the_smart_sheet(call, body.docid)
    refuse_if_mirror(document)
    wanted = body.properties or NewSheet()
    rows = _locked_sheets_of(call, document.docid)
    if len(rows) >= SHEETS_OF_A_DOCUMENT:
        raise Refusal(
            ErrCode.TOO_MANY_SHEETS, detail=f"a document has at most {SHEETS_OF_A_DOCUMENT} sub-tables"
        )
    titles = {row.title for row in rows}
    title = wanted.title or next(
        name for number in range(1, len(rows) + 2) if (name := f"智能表{number}") not in titles
    )
    refuse_taken("sub-table", title, titles)
    index = len(rows) if wanted.index is None else min(wanted.index, len(rows))
    for row in rows[index:]:
        _change(call, document.docid, row.sheet_id, position=row.position + 1)
    position = rows[index].position if index < len(rows) else (rows[-1].position + 1 if rows else 0)
    sheet_id = add_row(call, document.docid, title, position)
    return {"properties": {"title": title, "index": index, "sheet_id": sheet_id}}


def _change(call: Call, docid: str, sheet_id: str, **values: Any) -> None:
    call.db.execute(
        sa.update(SMART_SHEET).where(of_sheet(SMART_SHEET, call, docid, sheet_id)).values(**values)
    )


# --- 更新子表 --------------------------------------------------------------------------------------------


class ChangedSheet(RequestModel):
    sheet_id: str = required()
    title: str | None = optional(max_chars=TITLE_CHARS)


class UpdateSheetRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    properties: ChangedSheet = required_object()


@family.post(
    "/cgi-bin/wedoc/smartsheet/update_sheet",
    doc="99898",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
        ErrCode.NO_EDIT_RIGHT,
    ),
    sample={"docid": "DOCID", "properties": {"sheet_id": "123abc", "title": "XXXX"}},
)
def update_sheet(call: Call, body: UpdateSheetRequest) -> Done:
    """更新子表 / Change a sub-table

    Renames a sub-table. The title is unique in the document. The sub-table of the follow-up records cannot be
    renamed.
    """
    wanted = body.properties
    document = the_smart_sheet(call, body.docid)
    rows = {row.sheet_id: row for row in _locked_sheets_of(call, document.docid)}
    if rows.pop(wanted.sheet_id, None) is None:
        raise Refusal(ErrCode.SHEET_NOT_FOUND, detail=f"{body.docid} has no sub-table {wanted.sheet_id!r}")
    refuse_if_mirror(document)
    if not wanted.title:
        raise Refusal(ErrCode.TITLE_DUPLICATE_OR_EMPTY, detail="properties.title is empty")
    refuse_taken("sub-table", wanted.title, {row.title for row in rows.values()})
    _change(call, document.docid, wanted.sheet_id, title=wanted.title)
    return {}


# --- 删除子表 --------------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/wedoc/smartsheet/delete_sheet",
    doc="99899",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*SHEET_ERRORS, ErrCode.NO_EDIT_RIGHT, ErrCode.LAST_SHEET),
    sample={"docid": "DOCID", "sheet_id": "123Abc"},
)
def delete_sheet(call: Call, body: SheetRequest) -> Done:
    """删除子表 / Delete a sub-table

    Deletes a sub-table with its fields, views and records for good. The last one of a document cannot be
    deleted, nor that of the follow-up records.
    """
    document = the_smart_sheet(call, body.docid)
    count = len(_locked_sheets_of(call, document.docid))
    sheet = the_own_sheet(call, body.docid, body.sheet_id)
    if count == 1:
        raise Refusal(ErrCode.LAST_SHEET, detail=f"{sheet.sheet_id} is the only sub-table of its document")
    for table in OF_A_SHEET:
        call.db.execute(sa.delete(table).where(of_sheet(table, call, sheet.docid, sheet.sheet_id)))
    note_change(call, sheet.docid)
    return {}
