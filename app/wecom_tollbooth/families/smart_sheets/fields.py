"""智能表格字段: the columns of a sub-table."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.smart_sheets.engine.field_properties import FieldShape, Properties, shape_of
from wecom_tollbooth.families.smart_sheets.engine.field_types import (
    PROPERTY_ERRORS,
    Column,
    merged_property,
)
from wecom_tollbooth.families.smart_sheets.engine.record_store import OrdinaryStore
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet, of_sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.engine.view_settings import hidden_fields
from wecom_tollbooth.families.smart_sheets.lookup import (
    change_field,
    note_change,
    open_sheet,
    page_of,
    refuse_taken,
    the_own_sheet,
    the_sheet,
    the_smart_sheet,
)
from wecom_tollbooth.families.smart_sheets.sheets import SHEET_ERRORS, TITLE_CHARS, SheetRequest
from wecom_tollbooth.families.smart_sheets.tables import FIELD_GROUP, SHEET_FIELD
from wecom_tollbooth.families.smart_sheets.views import find_view, the_view
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, optional, required

FIELDS_OF_A_SHEET = 150


# --- 查询字段 --------------------------------------------------------------------------------------------


class GetFieldsRequest(SheetRequest):
    view_id: str | None = optional(doc="only the fields that this view shows")
    field_ids: list[str] | None = optional()
    field_titles: list[str] | None = optional()
    offset: int | None = optional()
    limit: int | None = optional(doc="default and at most 1000")


class GetFieldsReply(TypedDict):
    total: int
    fields: list[FieldShape]
    next: NotRequired[int]


@family.post(
    "/cgi-bin/wedoc/smartsheet/get_fields",
    doc="101157",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(*SHEET_ERRORS, ErrCode.VIEW_NOT_FOUND, ErrCode.OFFSET_ABOVE_TOTAL),
    sample={"docid": "DOCID", "sheet_id": "SHEETID", "offset": 0, "limit": 10},
)
def get_fields(call: Call, body: GetFieldsRequest) -> GetFieldsReply:
    """查询字段 / List fields

    The fields in order, the primary field first: all, those that a view shows, or those with the given ids
    and titles. `next` is returned only if more follow.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id)
    hidden = hidden_fields(the_view(call, sheet, body.view_id)) if body.view_id else set()
    chosen = [column for column in sheet.columns if column.field_id not in hidden]
    if body.field_ids or body.field_titles:
        ids, titles = set(body.field_ids or ()), set(body.field_titles or ())
        chosen = [one for one in chosen if one.field_id in ids or one.title in titles]
    start, count, more = page_of(body.offset, body.limit, len(chosen))
    reply: GetFieldsReply = {
        "total": len(chosen),
        "fields": [shape_of(column) for column in chosen[start : start + count]],
    }
    if more:
        reply["next"] = start + count
    return reply


# --- 添加字段 --------------------------------------------------------------------------------------------


class NewField(Properties):
    field_title: str = required(ErrCode.TITLE_DUPLICATE_OR_EMPTY, max_chars=TITLE_CHARS)
    field_type: str = required(ErrCode.INVALID_FIELD_TYPE, doc="FIELD_TYPE_TEXT, …")


class AddFieldsRequest(SheetRequest):
    fields: list[NewField] = required()


class AddFieldsReply(TypedDict):
    fields: list[FieldShape]


@family.post(
    "/cgi-bin/wedoc/smartsheet/add_fields",
    doc="99904",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_FIELD_TYPE,
        ErrCode.SHEET_CAP_REACHED,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
        *PROPERTY_ERRORS,
        ErrCode.NO_EDIT_RIGHT,
    ),
    sample={
        "docid": "DOCID",
        "sheet_id": "SHEETID",
        "fields": [{"field_title": "TITLE", "field_type": "FIELD_TYPE_TEXT"}],
    },
)
def add_fields(call: Call, body: AddFieldsRequest) -> AddFieldsReply:
    """添加字段 / Add fields

    Adds all of the fields or none, after the existing ones. The first field of a sub-table is its primary
    field. Each field can have the property object of its type, and needs a title of its own. A sub-table has
    at most 150 fields. The fields of the follow-up records cannot be changed here.
    """
    sheet = the_own_sheet(call, body.docid, body.sheet_id)
    count = len(sheet.columns) + len(body.fields)
    if count > FIELDS_OF_A_SHEET or count * sheet.row_count > call.settings.sheet_cells_cap:
        raise Refusal(ErrCode.SHEET_CAP_REACHED, detail=f"a sub-table has at most {FIELDS_OF_A_SHEET} fields")
    taken = {column.title for column in sheet.columns}
    added = []
    for given in body.fields:
        refuse_taken("field", given.field_title, taken)
        taken.add(given.field_title)
        wanted = given.given(given.field_type)
        _refuse_wrong_reference(call, sheet, {}, wanted)
        values = merged_property(given.field_type, {}, wanted, lambda: new_short_id(call, "o"))
        added.append(Column(new_short_id(call, "f"), given.field_title, given.field_type, values))
    _insert(call, sheet, added)
    note_change(call, sheet.docid, sheet.sheet_id)
    return {"fields": [shape_of(column) for column in added]}


def _refuse_wrong_reference(call: Call, sheet: Sheet, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raises 2022041 for a reference to a sub-table, field or view that does not exist."""
    if not wanted.keys() & {"sub_id", "filed_id", "field_id", "view_id"}:
        return
    sub_id = wanted.get("sub_id") or before.get("sub_id") or sheet.sheet_id
    view_id = wanted.get("view_id")
    other = (
        sheet if sub_id == sheet.sheet_id else open_sheet(call, the_smart_sheet(call, sheet.docid), sub_id)
    )
    field_id = wanted.get("filed_id") or wanted.get("field_id")
    missing = None
    if other is None:
        missing = f"sub-table {sub_id!r}"
    elif field_id and other.column(field_id) is None:
        missing = f"field {field_id!r}"
    elif view_id and find_view(call, other, view_id) is None:
        missing = f"view {view_id!r}"
    if missing is not None:
        raise Refusal(ErrCode.INVALID_REFERENCE_PROPERTY, detail=f"property_reference: there is no {missing}")


def _insert(call: Call, sheet: Sheet, columns: list[Column]) -> None:
    highest = sa.select(sa.func.coalesce(sa.func.max(SHEET_FIELD.c.position), -1)).where(
        of_sheet(SHEET_FIELD, call, sheet.docid, sheet.sheet_id)
    )
    first = call.db.execute(highest).scalar_one() + 1
    call.db.execute(
        sa.insert(SHEET_FIELD),
        [
            {
                "corp_id": call.corp_id,
                "docid": sheet.docid,
                "sheet_id": sheet.sheet_id,
                "field_id": column.field_id,
                "title": column.title,
                "type": column.type,
                "property": column.settings,
                "position": position,
            }
            for position, column in enumerate(columns, first)
        ],
    )


# --- 更新字段 --------------------------------------------------------------------------------------------


class ChangedField(Properties):
    field_id: str = required(ErrCode.FIELD_NOT_FOUND)
    field_title: str | None = optional(max_chars=TITLE_CHARS, doc="a new title")
    field_type: str = required(ErrCode.INVALID_FIELD_TYPE, doc="the field's type, which cannot change")


class UpdateFieldsRequest(SheetRequest):
    fields: list[ChangedField] = required()


@family.post(
    "/cgi-bin/wedoc/smartsheet/update_fields",
    doc="99906",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.INVALID_FIELD_TYPE,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
        *PROPERTY_ERRORS,
        ErrCode.NO_EDIT_RIGHT,
    ),
    sample={
        "docid": "DOCID",
        "sheet_id": "SHEETID",
        "fields": [{"field_id": "FIELD_ID", "field_title": "TITLE", "field_type": "FIELD_TYPE_TEXT"}],
    },
)
def update_fields(call: Call, body: UpdateFieldsRequest) -> AddFieldsReply:
    """更新字段 / Change fields

    Changes the title, the property, or both, of all of the fields or none. Absent members of a property stay
    unchanged; an option that is not in `options` is deleted, from the cells too. A field with the same title
    and no property is refused.
    """
    sheet = the_own_sheet(call, body.docid, body.sheet_id)
    titles = {column.field_id: column.title for column in sheet.columns}
    changed = []
    for given in body.fields:
        column = sheet.column(given.field_id)
        if column is None:
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"there is no field {given.field_id!r}")
        if given.field_type != column.type:
            raise Refusal(
                ErrCode.INVALID_FIELD_TYPE,
                detail=f"{given.field_id} is of type {column.type}, which cannot become {given.field_type}",
            )
        wanted = given.given(column.type)
        title = given.field_title or column.title
        if title == column.title and not wanted:
            raise Refusal(
                ErrCode.TITLE_DUPLICATE_OR_EMPTY,
                detail=f"{given.field_id}: give a title other than {title!r}, or a property",
            )
        del titles[column.field_id]
        refuse_taken("field", title, titles.values())
        titles[column.field_id] = title
        _refuse_wrong_reference(call, sheet, column.settings, wanted)
        values = merged_property(column.type, column.settings, wanted, lambda: new_short_id(call, "o"))
        change_field(call, sheet, column.field_id, title=title, property=values)
        _delete_options(call, sheet, column, values)
        changed.append(Column(column.field_id, title, column.type, values))
    note_change(call, sheet.docid, sheet.sheet_id)
    return {"fields": [shape_of(column) for column in changed]}


def _delete_options(call: Call, sheet: Sheet, before: Column, after: dict[str, Any]) -> None:
    """Removes from the cells the options that a select field has lost."""
    lost = {one["id"] for one in before.options} - {one["id"] for one in after.get("options", [])}
    if lost:
        OrdinaryStore(call, sheet).remove_options(before, lost)


# --- 删除字段 --------------------------------------------------------------------------------------------


class DeleteFieldsRequest(SheetRequest):
    field_ids: list[str] = required()


@family.post(
    "/cgi-bin/wedoc/smartsheet/delete_fields",
    doc="99905",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.PRIMARY_FIELD_IS_FIXED,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.NO_EDIT_RIGHT,
    ),
    sample={"docid": "DOCID", "sheet_id": "SHEETID", "field_ids": ["FIELDID"]},
)
def delete_fields(call: Call, body: DeleteFieldsRequest) -> Done:
    """删除字段 / Delete fields

    Deletes all of the fields with their cells, or none. The primary field cannot be deleted.
    """
    sheet = the_own_sheet(call, body.docid, body.sheet_id)
    deleted = set(body.field_ids)
    for field_id in deleted:
        if sheet.column(field_id) is None:
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"there is no field {field_id!r}")
        if field_id == sheet.columns[0].field_id:
            raise Refusal(ErrCode.PRIMARY_FIELD_IS_FIXED, detail=f"{field_id} is the primary field")
    call.db.execute(
        sa.delete(SHEET_FIELD).where(
            of_sheet(SHEET_FIELD, call, sheet.docid, sheet.sheet_id), SHEET_FIELD.c.field_id.in_(deleted)
        )
    )
    _remove_from_groups(call, sheet, deleted)
    note_change(call, sheet.docid, sheet.sheet_id)
    return {}


def _remove_from_groups(call: Call, sheet: Sheet, field_ids: set[str]) -> None:
    of_sheet_groups = of_sheet(FIELD_GROUP, call, sheet.docid, sheet.sheet_id)
    for row in call.db.execute(sa.select(FIELD_GROUP).where(of_sheet_groups)).all():
        if field_ids & set(row.field_ids):
            call.db.execute(
                sa.update(FIELD_GROUP)
                .where(of_sheet_groups, FIELD_GROUP.c.field_group_id == row.field_group_id)
                .values(field_ids=[one for one in row.field_ids if one not in field_ids])
            )
