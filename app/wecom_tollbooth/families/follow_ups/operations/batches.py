"""用户跟进: many records in one call."""

from typing import Any, NotRequired

from pydantic import SkipValidation
from typing_extensions import TypedDict

from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.follow_ups.operations.error_groups import OF_OPERATOR, codes
from wecom_tollbooth.families.follow_ups.operations.record_operations import (
    AddFields,
    MoveFields,
    UpdateFields,
    add_record,
    move_record,
    update_record,
    work_of,
)
from wecom_tollbooth.families.follow_ups.operations.shapes import USERID_CHARS
from wecom_tollbooth.families.follow_ups.store import record_store
from wecom_tollbooth.families.follow_ups.store.unit_of_work import UnitOfWork
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, read, required

BATCH_AT_MOST = 100


class BatchItem(RequestModel):
    """Exactly one of the three."""

    add: AddFields | None = optional()
    update: UpdateFields | None = optional()
    move: MoveFields | None = optional()


class BatchRequest(RequestModel):
    items: list[SkipValidation[BatchItem]] = required(max_items=BATCH_AT_MOST, doc="processed in this order")
    """Validated one by one, so that an invalid item does not stop the others."""
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


class BatchResult(TypedDict):
    errcode: int
    errmsg: str
    follow_up_id: NotRequired[str]
    version: NotRequired[int]


class BatchReply(TypedDict):
    results: list[BatchResult]


@family.post(
    "/cgi-bin/externalcontact/follow_up/batch",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(
        OF_OPERATOR,
        (ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.CONFLICTING_CHANGE),
    ),
    row_errors=(
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_FOLLOW_UP_ID,
        ErrCode.FOLLOW_UP_EXISTS,
        ErrCode.INVALID_STAGE,
    ),
    sample={
        "items": [
            {"add": {"userid": "zhangsan", "external_userid": "wmqfasd1e19278asdasAAAA"}},
            {"move": {"follow_up_id": "fu9e3779b97f4a7c15", "stage_id": "connected"}},
            {"update": {"follow_up_id": "fu9e3779b97f4a7c15", "priority": 3}},
        ],
        "operator_userid": "zhangsan",
    },
)
def batch(call: Call, body: BatchRequest) -> BatchReply:
    """批量操作跟进 / Change follow-ups in bulk

    Up to 100 additions, updates and moves, charged as one call. `results` has the result of each item in the
    same order, with the codes of the single operations; a refused item does not stop the others.
    """
    results: list[BatchResult] = []
    items = [_read(call, item) for item in body.items]
    with work_of(call, body.operator_userid) as work:
        valid = [item for item in items if isinstance(item, BatchItem)]
        changed = (change for item in valid for change in (item.update, item.move) if change)
        record_store.lock_all(work, (change.follow_up_id for change in changed))
        for item in items:
            try:
                results.append(_run(call, work, item))
            except Refusal as refusal:
                results.append({"errcode": int(refusal.errcode), "errmsg": refusal.errmsg})
    return {"results": results}


def _read(call: Call, item: Any) -> BatchItem | Refusal:
    if not isinstance(item, dict):
        return Refusal(ErrCode.INVALID_PARAMETER, "item invalid", detail="an item is an object")
    try:
        return read(BatchItem, item, call.warn)
    except Refusal as refusal:
        return refusal


def _run(call: Call, work: UnitOfWork, item: BatchItem | Refusal) -> BatchResult:
    if isinstance(item, Refusal):
        raise item
    if [item.add, item.update, item.move].count(None) != 2:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="an item has one of add, update and move")
    if item.add:
        return {"errcode": 0, "errmsg": "ok", **add_record(call, work, item.add)}
    changed: UpdateFields | MoveFields
    if item.update:
        changed, reply = item.update, update_record(call, work, item.update)
    else:
        assert item.move is not None
        changed, reply = item.move, move_record(call, work, item.move)
    return {"errcode": 0, "errmsg": "ok", "follow_up_id": changed.follow_up_id, **reply}
