"""智能表格记录: the rows of a sub-table."""

from typing import Any

from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.smart_sheets.cell_input import BY_ID, BY_TITLE, Change, add, update
from wecom_tollbooth.families.smart_sheets.engine.cell_output import names_of, values_of
from wecom_tollbooth.families.smart_sheets.engine.cells import CELL_ERRORS
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.filters import (
    SORTS_AT_MOST,
    FilterSpec,
    SortKey,
    both,
    order_of,
    where_of,
)
from wecom_tollbooth.families.smart_sheets.engine.record_store import Query, Record, RecordStore, caller
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.engine.stores import store_of
from wecom_tollbooth.families.smart_sheets.engine.view_settings import filter_of, hidden_fields, sort_of
from wecom_tollbooth.families.smart_sheets.lookup import note_change, page_of, the_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SHEET_ERRORS, SheetRequest
from wecom_tollbooth.families.smart_sheets.views import the_view
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_object

KEY_TYPES = (BY_TITLE, BY_ID)
SORTED_AT_MOST = 10_000
"""Our limit of record_ids in a call that sorts or filters; other calls have no limit."""


class KeyedRequest(SheetRequest):
    key_type: str | None = optional(doc=f"{BY_TITLE} (default) or {BY_ID}")

    @property
    def by_id(self) -> bool:
        """Raises 40058 for another key_type."""
        if self.key_type not in (None, "", *KEY_TYPES):
            raise Refusal(
                ErrCode.INVALID_PARAMETER,
                "key_type invalid",
                detail=f"key_type {self.key_type!r} is not one of {KEY_TYPES}",
            )
        return self.key_type == BY_ID


def refuse_too_many(call: Call, name: str, given: list[Any]) -> None:
    """Raises 40058 for more records than one call may write."""
    most = call.settings.sheet_call_rows_cap
    if len(given) > most:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"{name} exceed max size {most}",
            detail=f"{len(given)} {name} are more than the {most} of one call",
        )


class RecordShape(TypedDict):
    record_id: str
    create_time: str
    update_time: str
    values: dict[str, Any]
    creator_name: str
    updater_name: str


class WrittenShape(TypedDict):
    record_id: str
    values: dict[str, Any]


class WrittenReply(TypedDict):
    records: list[WrittenShape]


# --- 查询记录 --------------------------------------------------------------------------------------------


class GetRecordsRequest(KeyedRequest):
    view_id: str | None = optional(doc="only the records and fields that this view shows, in its order")
    record_ids: list[str] | None = optional(doc="only these records; in this order unless sorted or filtered")
    field_titles: list[str] | None = optional(doc="fields to show, if key_type is by title")
    field_ids: list[str] | None = optional(doc="fields to show, if key_type is by id")
    sort: list[SortKey] | None = optional(max_items=SORTS_AT_MOST, doc="not together with filter_spec")
    filter_spec: FilterSpec | None = optional(doc="not together with sort")
    offset: int | None = optional()
    limit: int | None = optional(doc="default and at most 1000")
    ver: int | None = optional(doc="ver of an earlier page")


class GetRecordsReply(TypedDict):
    total: int
    has_more: bool
    next: int
    records: list[RecordShape]
    ver: int


@family.post(
    "/cgi-bin/wedoc/smartsheet/get_records",
    doc="101158",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.VIEW_NOT_FOUND,
        ErrCode.OFFSET_ABOVE_TOTAL,
        ErrCode.INVALID_FILTER,
        ErrCode.INVALID_DATE_PARAMETER,
    ),
    sample={
        "docid": "DOCID",
        "sheet_id": "123Abc",
        "view_id": "vCRl8n",
        "record_ids": [],
        "key_type": "CELL_VALUE_KEY_TYPE_FIELD_TITLE",
        "field_titles": [],
        "field_ids": [],
        "sort": [],
        "offset": 0,
        "limit": 100,
        "ver": 160,
        "filter_spec": {
            "conjunction": "CONJUNCTION_AND",
            "conditions": [
                {
                    "field_id": "f53B4X",
                    "field_type": "FIELD_TYPE_TEXT",
                    "operator": "OPERATOR_CONTAINS",
                    "string_value": {"value": ["123"]},
                }
            ],
        },
    },
)
def get_records(call: Call, body: GetRecordsRequest) -> GetRecordsReply:
    """查询记录 / List records

    Records in their order, sorted, filtered, of a view, with `record_ids`, or several of these; pass `next`
    as `offset` while `has_more`. A filter and a sort exclude each other. Empty cells are left out; times are
    text in unix milliseconds. A high `offset` costs a scan of an index, not of the records; a filter or a
    sort reads every record of the sub-table once per page.
    """
    by_id = body.by_id
    sheet = the_sheet(call, body.docid, body.sheet_id)
    if body.sort and body.filter_spec and body.filter_spec.conditions:
        raise Refusal(ErrCode.INVALID_FILTER, detail="filter_spec does not go together with sort")
    store = store_of(call, sheet)
    view = the_view(call, sheet, body.view_id) if body.view_id else None
    query = _query(call, sheet, store, body, view)
    if body.record_ids and query.is_empty:
        found = store.get(body.record_ids)
        start, count, more = page_of(body.offset, body.limit, len(found))
        total, records = len(found), found[start : start + count]
    else:
        total = store.count(query)
        start, count, more = page_of(body.offset, body.limit, total)
        records = store.page(query, start, count)
    columns = _columns(sheet, body, view, by_id)
    return {
        "total": total,
        "has_more": more,
        "next": start + count if more else 0,
        "records": _shapes(call, records, columns, by_id=by_id),
        "ver": sheet.version,
    }


def _query(call: Call, sheet: Sheet, store: RecordStore, body: GetRecordsRequest, view: Any) -> Query:
    """The filters and sorts of the request and the view, restricted to `record_ids`."""
    where = where_of(sheet, store, body.filter_spec, call.now)
    sort = body.sort
    if view is not None:
        where = both(where_of(sheet, store, filter_of(view, sheet), call.now), where)
        sort = sort or sort_of(view, sheet)
    query = Query(where, order_of(sheet, store, sort))
    if not body.record_ids or query.is_empty:
        return query
    if len(body.record_ids) > SORTED_AT_MOST:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"record_ids exceed max size {SORTED_AT_MOST}",
            detail=f"{len(body.record_ids)} record_ids are too many to sort or filter",
        )
    return Query(both(store.among(body.record_ids), where), query.order)


def _columns(sheet: Sheet, body: GetRecordsRequest, view: Any, by_id: bool) -> list[Column]:
    """The fields to show: those that the view shows, restricted to the titles or ids of the request."""
    hidden = hidden_fields(view) if view is not None else set()
    named = set((body.field_ids if by_id else body.field_titles) or ())
    return [
        column
        for column in sheet.columns
        if column.field_id not in hidden
        and (not named or (column.field_id if by_id else column.title) in named)
    ]


def _shapes(call: Call, records: list[Record], columns: list[Column], *, by_id: bool) -> list[RecordShape]:
    people = {person for record in records for person in (record.creator, record.updater)}
    names = names_of(call, people)
    return [
        {
            "record_id": record.record_id,
            "create_time": str(record.created_at_ms),
            "update_time": str(record.updated_at_ms),
            "values": values_of(record, columns, by_id=by_id),
            "creator_name": names[record.creator],
            "updater_name": names[record.updater],
        }
        for record in records
    ]


# --- 添加记录 --------------------------------------------------------------------------------------------


class NewRecord(RequestModel):
    values: dict[str, Any] = required_object(doc="field title or id to cell")


class AddRecordsRequest(KeyedRequest):
    records: list[NewRecord] = required(doc="at most 500 a call; setting sheet_call_rows_cap")


WRITE_ERRORS = (
    *SHEET_ERRORS,
    *CELL_ERRORS,
    ErrCode.FIELD_NOT_FOUND,
    ErrCode.NO_EDIT_RIGHT,
    ErrCode.CONCURRENT_WRITE,
)


@family.post(
    "/cgi-bin/wedoc/smartsheet/add_records",
    doc="99907",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*WRITE_ERRORS, ErrCode.SHEET_CAP_REACHED),
    sample={
        "docid": "DOCID",
        "sheet_id": "123Abc",
        "key_type": "CELL_VALUE_KEY_TYPE_FIELD_TITLE",
        "records": [{"values": {"FILED_TITLE": [{"type": "text", "text": "文本内容"}]}}],
    },
)
def add_records(call: Call, body: AddRecordsRequest) -> WrittenReply:
    """添加记录 / Add records

    Adds all of the records or none, after the existing ones. A select cell names options by id or text; a new
    text adds an option. A sub-table has at most 100,000 records and 15,000,000 cells. Automatic fields, such
    as the creation time, cannot be written.
    """
    by_id = body.by_id
    refuse_too_many(call, "records", body.records)
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    added, sheet = add(call, sheet, [one.values for one in body.records], by_id, caller(call))
    note_change(call, sheet.docid, sheet.sheet_id)
    return {"records": [written(record, sheet, by_id) for record in added]}


def written(record: Record, sheet: Sheet, by_id: bool) -> WrittenShape:
    """A record as add_records and update_records return it: only the fields that can be written."""
    columns = [column for column in sheet.columns if column.writable]
    return {"record_id": record.record_id, "values": values_of(record, columns, by_id=by_id)}


# --- 更新记录 --------------------------------------------------------------------------------------------


class ChangedRecord(RequestModel):
    record_id: str = required(ErrCode.SHEET_RECORD_NOT_FOUND)
    values: dict[str, Any] = required_object(doc="field title or id to cell; other cells stay")


class UpdateRecordsRequest(KeyedRequest):
    records: list[ChangedRecord] = required(doc="at most 500 a call; setting sheet_call_rows_cap")


@family.post(
    "/cgi-bin/wedoc/smartsheet/update_records",
    doc="99909",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*WRITE_ERRORS, ErrCode.SHEET_RECORD_NOT_FOUND),
    sample={
        "docid": "DOCID",
        "sheet_id": "123Abc",
        "key_type": "CELL_VALUE_KEY_TYPE_FIELD_TITLE",
        "records": [
            {"record_id": "re9IqD", "values": {"FIELD_TITLE": [{"type": "text", "text": "new text"}]}}
        ],
    },
)
def update_records(call: Call, body: UpdateRecordsRequest) -> WrittenReply:
    """更新记录 / Change records

    Changes the given cells of all of the records or none. An empty list or text clears a cell.
    """
    by_id = body.by_id
    refuse_too_many(call, "records", body.records)
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    changes: list[Change] = [(one.record_id, one.values) for one in body.records]
    changed, sheet = update(call, sheet, changes, by_id, caller(call))
    note_change(call, sheet.docid, sheet.sheet_id)
    return {"records": [written(record, sheet, by_id) for record in changed]}


# --- 删除记录 --------------------------------------------------------------------------------------------


class DeleteRecordsRequest(SheetRequest):
    record_ids: list[str] = required(doc="at most 500 a call; setting sheet_call_rows_cap")


@family.post(
    "/cgi-bin/wedoc/smartsheet/delete_records",
    doc="99908",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.SHEET_RECORD_NOT_FOUND,
        ErrCode.CONCURRENT_WRITE,
    ),
    sample={"docid": "DOCID", "sheet_id": "123Abc", "record_ids": ["re9IqD", "rpS0P9"]},
)
def delete_records(call: Call, body: DeleteRecordsRequest) -> Done:
    """删除记录 / Delete records

    Deletes all of the records or none.
    """
    refuse_too_many(call, "record_ids", body.record_ids)
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    store_of(call, sheet).delete(body.record_ids)
    note_change(call, sheet.docid, sheet.sheet_id)
    return {}
