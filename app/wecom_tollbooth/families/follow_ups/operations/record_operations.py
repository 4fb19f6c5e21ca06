"""用户跟进: one record, and batches of them."""

from typing import Any, Literal, NotRequired

from pydantic import SkipValidation
from typing_extensions import TypedDict

from wecom_tollbooth.families.follow_ups.family import PREFIX, family
from wecom_tollbooth.families.follow_ups.operations.shapes import (
    AMOUNT_AT_MOST,
    NOTE_CHARS,
    PRIORITY_AT_MOST,
    SOURCE_CHARS,
    TITLE_CHARS,
    USERID_CHARS,
    FollowUpShape,
    checked_pair,
    done_by,
    next_at,
    refuse_unseen,
    seen_record,
    shape,
)
from wecom_tollbooth.families.follow_ups.store import record_store
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.tags import with_tags
from wecom_tollbooth.families.follow_ups.store.titles import title_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Work, working
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, read, required
from wecom_tollbooth.world.clock import LATEST

BATCH_AT_MOST = 100

OF_OPERATOR = (ErrCode.INVALID_USERID, ErrCode.NO_PRIVILEGE)
OF_RECORD = (ErrCode.INVALID_FOLLOW_UP_ID, ErrCode.NO_PRIVILEGE, ErrCode.CONFLICTING_CHANGE)
OF_FIELDS = (ErrCode.INVALID_PARAMETER, ErrCode.UNKNOWN_FIELD, ErrCode.INVALID_FOLLOW_UP_TIME)
OF_PLACE = (ErrCode.INVALID_STAGE, ErrCode.INVALID_PIPELINE_WAY, ErrCode.INVALID_POSITION)
OF_PAIR = (
    ErrCode.INVALID_USERID,
    ErrCode.MISSING_EXTERNAL_USERID,
    ErrCode.INVALID_EXTERNAL_USERID,
    ErrCode.NOT_EXTERNAL_CONTACT,
    ErrCode.FOLLOW_UP_EXISTS,
)


def codes(*groups: tuple[ErrCode, ...]) -> tuple[ErrCode, ...]:
    """All codes of the groups, each once."""
    return tuple(dict.fromkeys(code for group in groups for code in group))


# --- 获取跟进详情 ----------------------------------------------------------------------------------------


class GetRequest(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)


class GetReply(TypedDict):
    follow_up: FollowUpShape


@family.post(
    PREFIX + "get",
    doc="",
    checked=None,
    meter="follow_up.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_FOLLOW_UP_ID, ErrCode.NO_PRIVILEGE),
    sample={"follow_up_id": "fu9e3779b97f4a7c15"},
)
def get(call: Call, body: GetRequest) -> GetReply:
    """获取跟进详情

    One record. Times are unix seconds, 0 for none; `amount` is in fen; `tag_id` are the tags that the member
    has put on the customer. Errors: 990001, 60011.
    """
    (row,) = with_tags(call.db, call.corp_id, [seen_record(call, body.follow_up_id)])
    return {"follow_up": shape(row)}


# --- 新增跟进 --------------------------------------------------------------------------------------------


class Fields(RequestModel):
    """What a record holds besides its customer, member and stage."""

    title: str | None = optional(max_chars=TITLE_CHARS, doc="the member's remark or the name, unless told")
    note: str | None = optional(max_chars=NOTE_CHARS)
    priority: int | None = optional(ge=0, le=PRIORITY_AT_MOST, doc="0 none, 1 low, 2 middle, 3 high")
    amount: int | None = optional(ge=0, le=AMOUNT_AT_MOST, doc="in fen")
    source: str | None = optional(max_chars=SOURCE_CHARS)
    next_time: int | None = optional(ge=0, le=LATEST, doc="unix seconds, not in the past; 0: none")
    custom: dict[str, Any] | None = optional(doc="by field_id; the pipeline defines the fields")


class AddFields(Fields):
    userid: str = required(ErrCode.INVALID_USERID, max_chars=USERID_CHARS, doc="the member who follows up")
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)
    stage_id: str | None = optional(doc="the first open stage unless told")


class AddRequest(AddFields):
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


class AddReply(TypedDict):
    follow_up_id: str
    version: int


@family.post(
    PREFIX + "add",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(OF_PAIR, OF_OPERATOR, OF_FIELDS, (ErrCode.INVALID_STAGE, ErrCode.CONFLICTING_CHANGE)),
    sample={
        "userid": "zhangsan",
        "external_userid": "wmqfasd1e19278asdasAAAA",
        "stage_id": "connected",
        "title": "人民广场店 团购",
        "note": "想要百杯以上的团购价",
        "priority": 2,
        "amount": 268000,
        "source": "门店扫码",
        "next_time": 4070880000,
        "custom": {},
    },
)
def add(call: Call, body: AddRequest) -> AddReply:
    """新增跟进

    A record for a customer whom the member has; the two can have one. It is put at the top of its stage.
    Errors: 40003, 60011, 41035, 40096, 84061, 990002 (the two have one), 990006, 990005 (`custom` holds a
    field that is not defined), 990008 (`next_time` lies in the past), 40058.
    """
    with _working(call, body.operator_userid) as work:
        return _add(call, work, body)


def _working(call: Call, operator_userid: str | None) -> Any:
    return working(call.db, call.corp_id, call.now, by=done_by(call, operator_userid))


def _add(call: Call, work: Work, body: AddFields) -> AddReply:
    userid, external_userid = checked_pair(call, body.userid, body.external_userid)
    row = record_store.add(
        work,
        userid=userid,
        external_userid=external_userid,
        title=body.title or title_of(call.db, call.corp_id, external_userid, userid),
        stage_id=body.stage_id,
        note=body.note or "",
        priority=body.priority or 0,
        amount=body.amount or 0,
        source=body.source or "",
        custom=body.custom,
        next_at=next_at(body.next_time or 0),
    )
    return {"follow_up_id": follow_up_id(row["seq"]), "version": row["version"]}


# --- 更新跟进 --------------------------------------------------------------------------------------------


class UpdateFields(Fields):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)
    version: int | None = optional(doc="that was read; a stale one answers 45035")


class UpdateRequest(UpdateFields):
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


class VersionReply(TypedDict):
    version: int


@family.post(
    PREFIX + "update",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(OF_RECORD, OF_OPERATOR, OF_FIELDS, (ErrCode.PARAMETERS_EMPTY,)),
    sample={
        "follow_up_id": "fu9e3779b97f4a7c15",
        "version": 1,
        "amount": 300000,
        "next_time": 4070880000,
        "operator_userid": "zhangsan",
    },
)
def update(call: Call, body: UpdateRequest) -> VersionReply:
    """更新跟进

    Sets the fields that are given; of `custom` those that are in it. `next_time` 0 takes the next follow-up
    off. Errors: 990001, 60011, 40063 (nothing to set), 45035 (`version` is stale), 990005, 990008, 40058.
    """
    with _working(call, body.operator_userid) as work:
        return _update(call, work, body)


def _update(call: Call, work: Work, body: UpdateFields) -> VersionReply:
    values = {
        name: value
        for name in ("title", "note", "priority", "amount", "source", "custom")
        if (value := getattr(body, name)) is not None
    }
    if body.next_time is not None:
        values["next_at"] = next_at(body.next_time)
    if not values.get("title", "-"):
        del values["title"]
    if not values:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give a field to set")
    refuse_unseen(call, record_store.lock(work, body.follow_up_id))
    return {"version": record_store.change(work, body.follow_up_id, values, body.version)["version"]}


# --- 移动跟进 --------------------------------------------------------------------------------------------


class Position(RequestModel):
    side: Literal["top", "bottom", "before", "after"] | None = optional(doc="top unless told")
    follow_up_id: str | None = optional(doc="with before and after: the other card, of the same stage")


class MoveFields(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)
    stage_id: str | None = optional(doc="its own unless told")
    position: Position | None = optional()
    version: int | None = optional(doc="that was read; a stale one answers 45035")


class MoveRequest(MoveFields):
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


@family.post(
    PREFIX + "move",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(OF_RECORD, OF_OPERATOR, OF_PLACE, (ErrCode.INVALID_PARAMETER,)),
    sample={
        "follow_up_id": "fu9e3779b97f4a7c15",
        "stage_id": "cooperating",
        "position": {"side": "top"},
        "version": 2,
        "operator_userid": "zhangsan",
    },
)
def move(call: Call, body: MoveRequest) -> VersionReply:
    """移动跟进

    Puts a record into a stage, at the top unless `position` says otherwise. A stage of kind won or lost
    closes it and takes its next follow-up off; one of kind open opens it again. Of two who move one card with
    the same `version` the second gets 45035. Errors: 990001, 60011, 45035, 990006, 990004 (next_stage_ids
    leave the move out), 990009 (the other card is not in that stage).
    """
    with _working(call, body.operator_userid) as work:
        return _move(call, work, body)


def _move(call: Call, work: Work, body: MoveFields) -> VersionReply:
    position = body.position or Position()
    refuse_unseen(call, record_store.lock(work, body.follow_up_id, body.version))
    row = record_store.move(
        work,
        body.follow_up_id,
        stage_id=body.stage_id,
        side=position.side or "top",
        beside=position.follow_up_id,
        version=body.version,
    )
    return {"version": row["version"]}


# --- 删除跟进 --------------------------------------------------------------------------------------------


class DeleteRequest(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)
    version: int | None = optional(doc="that was read; a stale one answers 45035")
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


@family.post(
    PREFIX + "delete",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(OF_RECORD, OF_OPERATOR, (ErrCode.INVALID_PARAMETER,)),
    sample={"follow_up_id": "fu9e3779b97f4a7c15", "operator_userid": "zhangsan"},
)
def delete(call: Call, body: DeleteRequest) -> Done:
    """删除跟进

    Deletes a record with its logs. `changes` tells of it; the customer stays. Errors: 990001, 60011, 45035.
    """
    with _working(call, body.operator_userid) as work:
        refuse_unseen(call, record_store.lock(work, body.follow_up_id))
        record_store.delete(work, body.follow_up_id, body.version)
    return {}


# --- 批量操作跟进 ----------------------------------------------------------------------------------------


class BatchItem(RequestModel):
    """One of the three."""

    add: AddFields | None = optional()
    update: UpdateFields | None = optional()
    move: MoveFields | None = optional()


class BatchRequest(RequestModel):
    items: list[SkipValidation[BatchItem]] = required(max_items=BATCH_AT_MOST, doc="done in their order")
    """Looked at one by one, so that a wrong one stops no other."""
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


class BatchResult(TypedDict):
    errcode: int
    errmsg: str
    follow_up_id: NotRequired[str]
    version: NotRequired[int]


class BatchReply(TypedDict):
    results: list[BatchResult]


@family.post(
    PREFIX + "batch",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(
        OF_OPERATOR,
        (ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.CONFLICTING_CHANGE),
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
    """批量操作跟进

    Up to 100 additions, updates and moves, charged as one call. `results` answers each item in its place, by
    the codes of the single operations; an item that is refused does not stop the others. Errors: 40063 (no
    items), 40058 (too many), 40003 and 60011 (operator_userid).
    """
    results: list[BatchResult] = []
    items = [_read(call, item) for item in body.items]
    with _working(call, body.operator_userid) as work:
        read_well = [item for item in items if isinstance(item, BatchItem)]
        changed = (change for item in read_well for change in (item.update, item.move) if change)
        record_store.hold(work, (change.follow_up_id for change in changed))
        for item in items:
            try:
                results.append(_item(call, work, item))
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


def _item(call: Call, work: Work, item: BatchItem | Refusal) -> BatchResult:
    if isinstance(item, Refusal):
        raise item
    if [item.add, item.update, item.move].count(None) != 2:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="an item has one of add, update and move")
    if item.add:
        return {"errcode": 0, "errmsg": "ok", **_add(call, work, item.add)}
    changed: UpdateFields | MoveFields
    if item.update:
        changed, reply = item.update, _update(call, work, item.update)
    else:
        assert item.move is not None
        changed, reply = item.move, _move(call, work, item.move)
    return {"errcode": 0, "errmsg": "ok", "follow_up_id": changed.follow_up_id, **reply}
