"""用户跟进: operations on one record."""

from contextlib import AbstractContextManager
from typing import Any, Literal

from typing_extensions import TypedDict

from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.follow_ups.operations.error_groups import (
    OF_FIELDS,
    OF_OPERATOR,
    OF_PAIR,
    OF_PLACE,
    OF_RECORD,
    codes,
)
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
from wecom_tollbooth.families.follow_ups.store.unit_of_work import UnitOfWork, unit_of_work
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required
from wecom_tollbooth.world.clock import LATEST

# --- 获取跟进详情 ----------------------------------------------------------------------------------------


class GetRequest(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)


class GetReply(TypedDict):
    follow_up: FollowUpShape


@family.post(
    "/cgi-bin/externalcontact/follow_up/get",
    doc="",
    checked=None,
    meter="follow_up.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_FOLLOW_UP_ID, ErrCode.NO_PRIVILEGE),
    sample={"follow_up_id": "fu9e3779b97f4a7c15"},
)
def get(call: Call, body: GetRequest) -> GetReply:
    """获取跟进详情 / Get a follow-up

    Times are unix seconds, 0 for none; `amount` is in fen; `tag_id` are the tags that the member has given
    the customer.
    """
    (row,) = with_tags(call.db, call.corp_id, [seen_record(call, body.follow_up_id)])
    return {"follow_up": shape(row)}


# --- 新增跟进 --------------------------------------------------------------------------------------------


class Fields(RequestModel):
    """The fields of a record besides its customer, member and stage."""

    title: str | None = optional(
        max_chars=TITLE_CHARS, doc="default: the member's remark on the customer, else the customer's name"
    )
    note: str | None = optional(max_chars=NOTE_CHARS)
    priority: int | None = optional(ge=0, le=PRIORITY_AT_MOST, doc="0 none, 1 low, 2 medium, 3 high")
    amount: int | None = optional(ge=0, le=AMOUNT_AT_MOST, doc="in fen")
    source: str | None = optional(max_chars=SOURCE_CHARS)
    next_time: int | None = optional(ge=0, le=LATEST, doc="unix seconds, not in the past; 0: none")
    custom: dict[str, Any] | None = optional(doc="values by field_id; the pipeline defines the fields")


class AddFields(Fields):
    userid: str = required(ErrCode.INVALID_USERID, max_chars=USERID_CHARS, doc="the member who follows up")
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)
    stage_id: str | None = optional(doc="default: the first open stage")


class AddRequest(AddFields):
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


class AddReply(TypedDict):
    follow_up_id: str
    version: int


@family.post(
    "/cgi-bin/externalcontact/follow_up/add",
    for_many="/cgi-bin/externalcontact/follow_up/batch",
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
    """新增跟进 / Add a follow-up

    Adds a record of a customer of the member, at the top of its stage. A member and a customer can have only
    one record.
    """
    with work_of(call, body.operator_userid) as work:
        return add_record(call, work, body)


def work_of(call: Call, operator_userid: str | None) -> AbstractContextManager[UnitOfWork]:
    """The unit of work of a call. Raises 40003, 60011 for the operator."""
    return unit_of_work(call, by=done_by(call, operator_userid))


def add_record(call: Call, work: UnitOfWork, body: AddFields) -> AddReply:
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
    version: int | None = optional(doc="the version that you read; refused if it has changed since")


class UpdateRequest(UpdateFields):
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


class VersionReply(TypedDict):
    version: int


@family.post(
    "/cgi-bin/externalcontact/follow_up/update",
    for_many="/cgi-bin/externalcontact/follow_up/batch",
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
    """更新跟进 / Change a follow-up

    Sets the given fields, and of `custom` the given values. `next_time` 0 removes the next follow-up.
    """
    with work_of(call, body.operator_userid) as work:
        return update_record(call, work, body)


def update_record(call: Call, work: UnitOfWork, body: UpdateFields) -> VersionReply:
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
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give at least one field to set")
    refuse_unseen(call, record_store.lock(work, body.follow_up_id))
    return {"version": record_store.change(work, body.follow_up_id, values, body.version)["version"]}


# --- 移动跟进 --------------------------------------------------------------------------------------------


class Position(RequestModel):
    side: Literal["top", "bottom", "before", "after"] | None = optional(doc="default top")
    follow_up_id: str | None = optional(doc="for before and after: the other card, in the same stage")


class MoveFields(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)
    stage_id: str | None = optional(doc="default: the stage that it is in")
    position: Position | None = optional()
    version: int | None = optional(doc="the version that you read; refused if it has changed since")


class MoveRequest(MoveFields):
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


@family.post(
    "/cgi-bin/externalcontact/follow_up/move",
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
    """移动跟进 / Move a follow-up

    Moves a record to a stage, by default to its top, as far as next_stage_ids allow. A stage of kind won or
    lost closes the record and removes its next follow-up; a stage of kind open reopens it. If two callers
    move a card with the same `version`, the second is refused.
    """
    with work_of(call, body.operator_userid) as work:
        return move_record(call, work, body)


def move_record(call: Call, work: UnitOfWork, body: MoveFields) -> VersionReply:
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
    version: int | None = optional(doc="the version that you read; refused if it has changed since")
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who does this")


@family.post(
    "/cgi-bin/externalcontact/follow_up/delete",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(OF_RECORD, OF_OPERATOR, (ErrCode.INVALID_PARAMETER,)),
    sample={"follow_up_id": "fu9e3779b97f4a7c15", "operator_userid": "zhangsan"},
)
def delete(call: Call, body: DeleteRequest) -> Done:
    """删除跟进 / Delete a follow-up

    Deletes a record with its logs. The customer stays, and `changes` shows the deletion.
    """
    with work_of(call, body.operator_userid) as work:
        refuse_unseen(call, record_store.lock(work, body.follow_up_id))
        record_store.delete(work, body.follow_up_id, body.version)
    return {}
