"""接收外部数据到智能表格: a webhook that adds rows to a sub-table and changes them."""

from typing import Any, NotRequired

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import find_document
from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.cells import ID_TYPE_MEMBER, ID_TYPE_SYSTEM, id_of_user
from wecom_tollbooth.families.smart_sheets.engine.record_store import Cells, Person, RecordStore
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.engine.stores import store_of
from wecom_tollbooth.families.smart_sheets.engine.webhook_cells import (
    WEBHOOK_CELL_ERRORS,
    PresentOptions,
    by_key_of,
    bytes_of_images,
    read_row,
)
from wecom_tollbooth.families.smart_sheets.engine.webhook_quota import count_rows
from wecom_tollbooth.families.smart_sheets.lookup import note_change, open_sheet
from wecom_tollbooth.families.smart_sheets.records import WrittenShape, written
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required, required_object
from wecom_tollbooth.gateway.tables import WEBHOOK_KEY

PATH = "/cgi-bin/wedoc/smartsheet/webhook"
MEGABYTE = 1024 * 1024
BODY_AT_MOST = BodyLimit(30 * MEGABYTE, ErrCode.WEBHOOK_BODY_TOO_LARGE)
DATA_AT_MOST = 10 * MEGABYTE
"""The most bytes of a body, not counting the base64 of its images."""


class NewRow(RequestModel):
    values: dict[str, Any] = required_object(doc="field id or title to cell")


class ChangedRow(RequestModel):
    record_id: str = required(ErrCode.SHEET_RECORD_NOT_FOUND, doc="a record that this webhook added")
    values: dict[str, Any] = required_object(doc="field id or title to cell; other cells stay")


class WebhookRequest(RequestModel):
    # pydantic reserves the name `schema`.
    titles: dict[str, Any] | None = Field(
        default=None, alias="schema", description="field id to title, as the client shows it; ignored"
    )
    add_records: list[NewRow] | None = optional()
    update_records: list[ChangedRow] | None = optional()


class WebhookReply(TypedDict):
    add_records: NotRequired[list[WrittenShape]]
    update_records: NotRequired[list[WrittenShape]]


@family.post(
    PATH,
    doc="101240",
    checked=None,
    meter="document.write",
    permission=Permission.WEBHOOK,
    token="key",
    body_limit=BODY_AT_MOST,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        *WEBHOOK_CELL_ERRORS,
        ErrCode.INVALID_WEBHOOK_KEY,
        ErrCode.WEBHOOK_IP_NOT_ALLOWED,
        ErrCode.CONCURRENT_WRITE,
        ErrCode.SHEET_CAP_REACHED,
        ErrCode.NO_EDIT_RIGHT,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.SHEET_RECORD_NOT_FOUND,
        ErrCode.INVALID_USERID_LIST,
        ErrCode.NOT_FOR_WEBHOOKS,
        ErrCode.BARCODE_BY_PHONE_ONLY,
        ErrCode.LOCATION_BY_PHONE_ONLY,
        ErrCode.WEBHOOK_BODY_TOO_LARGE,
        ErrCode.WEBHOOK_DATA_TOO_LARGE,
        ErrCode.WEBHOOK_ROWS_OUT_OF_LIMIT,
        ErrCode.INVALID_WEBHOOK_IMAGE,
    ),
    sample={"add_records": [{"values": {"FIELD_ID": [{"type": "text", "text": "文本内容"}]}}]},
)
def webhook(call: Call, body: WebhookRequest) -> WebhookReply:
    """接收外部数据到智能表格 / Write data from outside to a smart sheet

    Adds records to the sub-table of the webhook with this `key`, changes records that this webhook added, or
    both; all or none. There is no token: the key alone allows to write. Cells are by field id or title,
    options and userids must exist. A body has at most 30 MB, and 10 MB without images; the settings
    limit_webhook_sheet_minute and limit_webhook_document_minute limit the rows per minute. The act
    member_opens_webhook creates a webhook.
    """
    new = [row.values for row in body.add_records or ()]
    changes = [(row.record_id, row.values) for row in body.update_records or ()]
    if not new and not changes:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="add_records and update_records are both empty")
    rows = [*new, *(values for _, values in changes)]
    data = len(call.request.body) - sum(map(bytes_of_images, rows))
    if data > DATA_AT_MOST:
        raise Refusal(
            ErrCode.WEBHOOK_DATA_TOO_LARGE, detail=f"{data} bytes without images are more than {DATA_AT_MOST}"
        )
    sheet, by = _sheet_of_webhook(call)
    count_rows(call, sheet, len(rows))
    by_key, options = by_key_of(sheet.columns), PresentOptions(sheet.columns)
    cells = [read_row(by_key, row, options) for row in rows]
    _refuse_unknown_users(call, sheet, cells)
    store, reply = store_of(call, sheet), WebhookReply()
    if changes:
        changed = list(zip((record_id for record_id, _ in changes), cells[len(new) :], strict=True))
        _refuse_records_of_others(store, changed, by)
        reply["update_records"] = [written(one, sheet, by_id=True) for one in store.update(changed, by)]
    if new:
        added = store.add(cells[: len(new)], by)
        reply["add_records"] = [written(one, sheet, by_id=True) for one in added]
    note_change(call, sheet.docid, sheet.sheet_id)
    return reply


def _sheet_of_webhook(call: Call) -> tuple[Sheet, Person]:
    """The webhook's sub-table, locked until the transaction ends, and the webhook as the writer."""
    query = sa.select(WEBHOOK_KEY.c.webhook_id, WEBHOOK_KEY.c.docid, WEBHOOK_KEY.c.sheet_id).where(
        WEBHOOK_KEY.c.corp_id == call.corp_id, WEBHOOK_KEY.c.key == call.request.query["key"]
    )
    row = call.db.execute(query).first()
    sheet = None
    if row is not None and (document := find_document(call, row.docid)) is not None:
        sheet = open_sheet(call, document, row.sheet_id, to_write=True)
    if row is None or sheet is None:
        raise Refusal(ErrCode.INVALID_WEBHOOK_KEY, detail="the webhook was closed during the call")
    return sheet, Person(row.webhook_id, ID_TYPE_SYSTEM)


def _refuse_unknown_users(call: Call, sheet: Sheet, rows: list[Cells]) -> None:
    """Raises 40031 for a userid in a cell of users that is no member of the corp."""
    fields = [column.field_id for column in sheet.columns if column.type == types.USER]
    users = [user for cells in rows for field_id in fields for user in cells.get(field_id) or ()]
    userids = list(dict.fromkeys(id_of_user(one) for one in users if one["id_type"] == ID_TYPE_MEMBER))
    if not userids:
        return
    found = find_members(call, userids)
    for userid in userids:
        if userid not in found:
            raise Refusal(
                ErrCode.INVALID_USERID_LIST, detail=f"values: {userid!r} is not a member of this corp"
            )


def _refuse_records_of_others(store: RecordStore, changes: list[tuple[str, Cells]], by: Person) -> None:
    """Raises 2022003 unless this webhook added every record that the call changes."""
    ids = [record_id for record_id, _ in changes]
    own = {record.record_id for record in store.get(ids) if record.creator == by}
    for record_id in ids:
        if record_id not in own:
            raise Refusal(
                ErrCode.SHEET_RECORD_NOT_FOUND,
                detail=f"{record_id!r} is not a record that this webhook added",
            )
