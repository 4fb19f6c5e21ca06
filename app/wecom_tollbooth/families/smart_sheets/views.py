"""智能表格视图: which records and fields of a sub-table are shown, and how."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.smart_sheets.engine.field_types import DATE_TIME
from wecom_tollbooth.families.smart_sheets.engine.filters import FilterSpec, query_of
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet, of_sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.engine.stores import store_of
from wecom_tollbooth.families.smart_sheets.engine.view_settings import (
    COLOR_SCOPES,
    COLORS,
    ViewProperty,
    settings_of,
)
from wecom_tollbooth.families.smart_sheets.lookup import note_change, page_of, refuse_taken, the_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SHEET_ERRORS, TITLE_CHARS, SheetRequest
from wecom_tollbooth.families.smart_sheets.tables import SHEET_VIEW
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

VIEWS_OF_A_SHEET = 200
GANTT, CALENDAR = "VIEW_TYPE_GANTT", "VIEW_TYPE_CALENDAR"
VIEW_TYPES = ("VIEW_TYPE_GRID", "VIEW_TYPE_KANBAN", "VIEW_TYPE_GALLERY", GANTT, CALENDAR)


class ViewShape(TypedDict):
    view_id: str
    view_title: str
    view_type: str
    property: NotRequired[dict[str, Any]]


def the_view(call: Call, sheet: Sheet, view_id: str) -> Any:
    """The view's row; raises 2022005 for an unknown view."""
    row = find_view(call, sheet, view_id)
    if row is None:
        raise Refusal(ErrCode.VIEW_NOT_FOUND, detail=f"{sheet.sheet_id} has no view {view_id!r}")
    return row


def find_view(call: Call, sheet: Sheet, view_id: str) -> Any:
    """The view's row, or None."""
    found = sa.select(SHEET_VIEW).where(_of(call, sheet), SHEET_VIEW.c.view_id == view_id)
    return call.db.execute(found).first()


def _of(call: Call, sheet: Sheet) -> sa.ColumnElement[bool]:
    return of_sheet(SHEET_VIEW, call, sheet.docid, sheet.sheet_id)


def _views_of(call: Call, sheet: Sheet) -> list[Any]:
    return list(
        call.db.execute(sa.select(SHEET_VIEW).where(_of(call, sheet)).order_by(SHEET_VIEW.c.position))
    )


# --- 查询视图 --------------------------------------------------------------------------------------------


class GetViewsRequest(SheetRequest):
    view_ids: list[str] | None = optional(doc="only these views")
    offset: int | None = optional()
    limit: int | None = optional(doc="default and at most 1000")


class GetViewsReply(TypedDict):
    total: int
    has_more: bool
    next: NotRequired[int]
    views: list[ViewShape]


@family.post(
    "/cgi-bin/wedoc/smartsheet/get_views",
    doc="101155",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(*SHEET_ERRORS, ErrCode.OFFSET_ABOVE_TOTAL),
    sample={
        "docid": "DOCID",
        "sheet_id": "ezPcdA",
        "view_ids": ["vPpw9C", "vfM2tt"],
        "offset": 0,
        "limit": 1,
    },
)
def get_views(call: Call, body: GetViewsRequest) -> GetViewsReply:
    """查询视图 / List views

    The views in order with their settings, or those with `view_ids`. Settings of deleted fields are left out.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id)
    rows = [row for row in _views_of(call, sheet) if not body.view_ids or row.view_id in body.view_ids]
    start, count, more = page_of(body.offset, body.limit, len(rows))
    reply: GetViewsReply = {
        "total": len(rows),
        "has_more": more,
        "views": [
            {
                "view_id": row.view_id,
                "view_title": row.title,
                "view_type": row.type,
                "property": settings_of(row, sheet),
            }
            for row in rows[start : start + count]
        ],
    }
    if more:
        reply["next"] = start + count
    return reply


# --- 添加视图 --------------------------------------------------------------------------------------------


class DatesOfView(RequestModel):
    start_date_field_id: str = required(ErrCode.INVALID_VIEW_PROPERTY, doc="a date field")
    end_date_field_id: str = required(ErrCode.INVALID_VIEW_PROPERTY, doc="a date field")


class AddViewRequest(SheetRequest):
    view_title: str = required(ErrCode.TITLE_DUPLICATE_OR_EMPTY, max_chars=TITLE_CHARS)
    view_type: str = required(ErrCode.INVALID_VIEW_TYPE, doc="VIEW_TYPE_GRID, …")
    property_gantt: DatesOfView | None = optional(doc="for VIEW_TYPE_GANTT")
    property_calendar: DatesOfView | None = optional(doc="for VIEW_TYPE_CALENDAR")


class AddViewReply(TypedDict):
    view: ViewShape


@family.post(
    "/cgi-bin/wedoc/smartsheet/add_view",
    doc="99900",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_VIEW_TYPE,
        ErrCode.SHEET_CAP_REACHED,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
        ErrCode.VIEW_EXISTS,
        ErrCode.INVALID_VIEW_PROPERTY,
    ),
    sample={"docid": "DOCID", "sheet_id": "123Abc", "view_title": "XXX", "view_type": "VIEW_TYPE_GRID"},
)
def add_view(call: Call, body: AddViewRequest) -> AddViewReply:
    """添加视图 / Add a view

    Adds a view after the existing ones. A gantt or calendar view needs its object with two date fields. A
    sub-table has at most 200 views, each with a title of its own.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    if body.view_type not in VIEW_TYPES:
        raise Refusal(ErrCode.INVALID_VIEW_TYPE, detail=f"{body.view_type!r} is not a type of view")
    rows = _views_of(call, sheet)
    if len(rows) >= VIEWS_OF_A_SHEET:
        raise Refusal(ErrCode.SHEET_CAP_REACHED, detail=f"a sub-table has at most {VIEWS_OF_A_SHEET} views")
    refuse_taken("view", body.view_title, {row.title for row in rows}, ErrCode.VIEW_EXISTS)
    stored: dict[str, Any] = {}
    for type_name, name in ((GANTT, "property_gantt"), (CALENDAR, "property_calendar")):
        if body.view_type == type_name:
            stored[name] = _dates(sheet, type_name, getattr(body, name))
    view_id = new_short_id(call, "v")
    call.db.execute(
        sa.insert(SHEET_VIEW).values(
            corp_id=call.corp_id,
            docid=sheet.docid,
            sheet_id=sheet.sheet_id,
            view_id=view_id,
            title=body.view_title,
            type=body.view_type,
            property=stored,
            position=rows[-1].position + 1 if rows else 0,
        )
    )
    note_change(call, sheet.docid)
    return {"view": {"view_id": view_id, "view_title": body.view_title, "view_type": body.view_type}}


def _dates(sheet: Sheet, type_name: str, given: DatesOfView | None) -> dict[str, str]:
    if given is None:
        raise _bad(f"a {type_name} needs start and end date fields")
    for field_id in (given.start_date_field_id, given.end_date_field_id):
        column = sheet.column(field_id)
        if column is None or column.type != DATE_TIME:
            raise _bad(f"{field_id!r} is not a field of type {DATE_TIME}")
    return given.model_dump()


def _bad(why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_VIEW_PROPERTY, detail=why)


# --- 更新视图 --------------------------------------------------------------------------------------------


class UpdateViewRequest(SheetRequest):
    view_id: str = required(ErrCode.VIEW_NOT_FOUND)
    view_title: str | None = optional(max_chars=TITLE_CHARS)
    property: ViewProperty | None = optional()


@family.post(
    "/cgi-bin/wedoc/smartsheet/update_view",
    doc="99902",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.VIEW_NOT_FOUND,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.VIEW_EXISTS,
        ErrCode.INVALID_VIEW_PROPERTY,
        ErrCode.INVALID_FILTER,
        ErrCode.INVALID_DATE_PARAMETER,
    ),
    sample={
        "docid": "DOCID",
        "sheet_id": "123Abc",
        "view_id": "VIEWID",
        "view_title": "XXX",
        "property": {
            "auto_sort": False,
            "sort_spec": {
                "sort_infos": [
                    {"field_id": "FIELDID1", "desc": False},
                    {"field_id": "FIELDID2", "desc": True},
                ]
            },
            "filter_spec": {
                "conjunction": "CONJUNCTION_AND",
                "conditions": [
                    {
                        "field_id": "FIELDID1",
                        "operator": "OPERATOR_CONTAINS",
                        "string_value": {"value": ["hello world"]},
                    },
                    {
                        "field_id": "FIELDID2",
                        "operator": "OPERATOR_IS",
                        "user_value": {"value": ["USERID1"]},
                    },
                ],
            },
            "group_spec": {
                "groups": [{"field_id": "FIELDID1", "desc": False}, {"field_id": "FIELDID2", "desc": True}]
            },
            "is_field_stat_enabled": False,
            "field_visibility": {"f1gHSR": False, "fabcde": False},
            "frozen_field_count": 0,
            "color_config": {
                "conditions": [
                    {
                        "id": "4840474257",
                        "type": "VIEW_COLOR_CONDITION_TYPE_CELL",
                        "color": "chromeAmberLighten_5",
                        "condition": {
                            "field_id": "fRCjJz",
                            "field_type": "FIELD_TYPE_TEXT",
                            "operator": "OPERATOR_CONTAINS",
                            "string_value": {"value": ["5555"]},
                        },
                    }
                ]
            },
        },
    },
)
def update_view(call: Call, body: UpdateViewRequest) -> AddViewReply:
    """更新视图 / Change a view

    Changes the title, the settings, or both. Absent settings stay unchanged; a given one replaces the old one
    as a whole.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    view = the_view(call, sheet, body.view_id)
    title = body.view_title or view.title
    others = {row.title for row in _views_of(call, sheet) if row.view_id != view.view_id}
    refuse_taken("view", title, others, ErrCode.VIEW_EXISTS)
    given = body.property or ViewProperty()
    _refuse_wrong(call, sheet, given)
    _number_colors(call, given)
    stored = {**settings_of(view, sheet), **given.model_dump(exclude_none=True)}
    call.db.execute(
        sa.update(SHEET_VIEW)
        .where(_of(call, sheet), SHEET_VIEW.c.view_id == view.view_id)
        .values(title=title, property=stored)
    )
    note_change(call, sheet.docid)
    return {
        "view": {
            "view_id": view.view_id,
            "view_title": title,
            "view_type": view.type,
            "property": stored,
        }
    }


def _refuse_wrong(call: Call, sheet: Sheet, given: ViewProperty) -> None:
    """Refuses settings that name unknown fields, colours or types; filters and sorts as get_records does."""
    sort = given.sort_spec.sort_infos if given.sort_spec else None
    for key in sort or []:
        if not key.field_id:
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail="a sort key of a view needs its field_id")
    store = store_of(call, sheet)
    query_of(sheet, store, given.filter_spec, sort, call.now)
    named = set(given.field_visibility or {})
    named |= {key.field_id or "" for key in (given.group_spec.groups if given.group_spec else None) or []}
    for field_id in sorted(named):
        if sheet.column(field_id) is None:
            raise _bad(f"there is no field {field_id!r}")
    if given.frozen_field_count is not None and not 0 <= given.frozen_field_count <= len(sheet.columns):
        raise _bad(f"frozen_field_count {given.frozen_field_count} is not 0 to {len(sheet.columns)}")
    for color in (given.color_config.conditions if given.color_config else None) or []:
        if color.type not in COLOR_SCOPES or color.color not in COLORS:
            raise _bad(f"{color.type!r} with colour {color.color!r} is not a valid colouring")
        if color.condition is not None:
            query_of(sheet, store, FilterSpec(conditions=[color.condition]), None, call.now)


def _number_colors(call: Call, given: ViewProperty) -> None:
    """Gives an id to new colourings, which come without one."""
    for color in (given.color_config.conditions if given.color_config else None) or []:
        color.id = color.id or str(call.next_id())


# --- 删除视图 --------------------------------------------------------------------------------------------


class DeleteViewsRequest(SheetRequest):
    view_ids: list[str] = required(ErrCode.VIEW_NOT_FOUND)


@family.post(
    "/cgi-bin/wedoc/smartsheet/delete_views",
    doc="99901",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*SHEET_ERRORS, ErrCode.VIEW_NOT_FOUND),
    sample={"docid": "DOCID", "sheet_id": "123Abc", "view_ids": ["VIEWID1", "VIEWID2"]},
)
def delete_views(call: Call, body: DeleteViewsRequest) -> Done:
    """删除视图 / Delete views

    Deletes all of the views or none. Fields and records stay.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    deleted = set(body.view_ids)
    missing = deleted - {row.view_id for row in _views_of(call, sheet)}
    if missing:
        raise Refusal(ErrCode.VIEW_NOT_FOUND, detail=f"{sheet.sheet_id} has no view {sorted(missing)[0]!r}")
    call.db.execute(sa.delete(SHEET_VIEW).where(_of(call, sheet), SHEET_VIEW.c.view_id.in_(deleted)))
    note_change(call, sheet.docid)
    return {}
