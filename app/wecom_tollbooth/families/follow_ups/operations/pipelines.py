"""用户跟进: the pipeline of a corp."""

from typing import Literal, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.follow_ups.family import PREFIX, family
from wecom_tollbooth.families.follow_ups.store import pipeline as rules
from wecom_tollbooth.families.follow_ups.store.field_migration import refuse_values_of_another_type
from wecom_tollbooth.families.follow_ups.store.stage_removal import move_all
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_pipeline
from wecom_tollbooth.families.follow_ups.tables import CORP, FOLLOW_UP_CORP, FOLLOW_UP_COUNT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

NAME_CHARS, ID_CHARS = 32, 32


class StageShape(TypedDict):
    stage_id: str
    name: str
    color: str
    kind: str
    next_stage_ids: list[str]


class FieldShape(TypedDict):
    field_id: str
    name: str
    type: str
    options: list[str]


class PipelineReply(TypedDict):
    version: int
    auto_create: bool
    stages: list[StageShape]
    fields: list[FieldShape]


# --- 获取跟进流程 ----------------------------------------------------------------------------------------


@family.post(
    PREFIX + "get_pipeline",
    doc="",
    checked=None,
    meter="follow_up.read",
    permission=Permission.CUSTOMER,
    sample={},
)
def get_pipeline(call: Call, body: RequestModel) -> PipelineReply:
    """获取跟进流程

    The stages in their order, the corp's own fields, and whether records come by themselves. A corp that
    never set one has four stages: 未触达, 已建联, 合作中 (won) and 已终止合作 (lost).
    """
    pipeline, version = read_pipeline(call.db, call.corp_id)
    shown = pipeline.shown
    return {
        "version": version,
        "auto_create": shown["auto_create"],
        "stages": shown["stages"],
        "fields": shown["fields"],
    }


# --- 设置跟进流程 ----------------------------------------------------------------------------------------


class StageRequest(RequestModel):
    stage_id: str = required(
        ErrCode.INVALID_STAGE, max_chars=ID_CHARS, doc="yours, lasting, unique in the corp"
    )
    name: str = required(ErrCode.INVALID_PIPELINE, max_chars=NAME_CHARS)
    color: str | None = optional(max_chars=16, doc="such as #1890FF")
    kind: Literal["open", "won", "lost"] | None = optional(
        doc="open unless told; won and lost close a record"
    )
    next_stage_ids: list[str] | None = optional(
        max_items=rules.STAGES_AT_MOST, doc="where a record may move from here; none: everywhere"
    )


class FieldRequest(RequestModel):
    field_id: str = required(ErrCode.INVALID_PIPELINE, max_chars=ID_CHARS)
    name: str = required(ErrCode.INVALID_PIPELINE, max_chars=NAME_CHARS)
    type: Literal["text", "number", "date", "select", "bool"] | None = optional(doc="text unless told")
    options: list[str] | None = optional(max_items=rules.OPTIONS_AT_MOST, doc="of a select")


class MoveTo(RequestModel):
    stage_id: str = required(ErrCode.INVALID_STAGE, doc="that is taken away")
    move_to: str = required(ErrCode.INVALID_STAGE, doc="where its records go")


class SetPipelineRequest(RequestModel):
    version: int | None = optional(doc="of the pipeline that was read; another one in force answers 45035")
    stages: list[StageRequest] = required(ErrCode.INVALID_PIPELINE, max_items=rules.STAGES_AT_MOST)
    fields: list[FieldRequest] | None = optional(max_items=rules.FIELDS_AT_MOST)
    auto_create: bool | None = optional(doc="a record for every customer that is added; absent: as it was")
    move_to: list[MoveTo] | None = optional(max_items=rules.STAGES_AT_MOST)


class SetPipelineReply(TypedDict):
    version: int
    moved: NotRequired[int]


@family.post(
    PREFIX + "set_pipeline",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_PIPELINE,
        ErrCode.INVALID_PIPELINE_WAY,
        ErrCode.INVALID_STAGE,
        ErrCode.STAGE_IN_USE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.CONFLICTING_CHANGE,
    ),
    sample={
        "stages": [
            {"stage_id": "new", "name": "新线索", "color": "#8C8C8C", "kind": "open", "next_stage_ids": []},
            {"stage_id": "talking", "name": "洽谈中", "color": "#1890FF", "kind": "open"},
            {"stage_id": "signed", "name": "已成交", "color": "#52C41A", "kind": "won"},
            {"stage_id": "lost", "name": "已流失", "color": "#F5222D", "kind": "lost"},
        ],
        "fields": [{"field_id": "shop", "name": "门店", "type": "text"}],
        "auto_create": False,
        "move_to": [
            {"stage_id": "untouched", "move_to": "new"},
            {"stage_id": "connected", "move_to": "talking"},
            {"stage_id": "cooperating", "move_to": "signed"},
            {"stage_id": "ended", "move_to": "lost"},
        ],
    },
)
def set_pipeline(call: Call, body: SetPipelineRequest) -> SetPipelineReply:
    """设置跟进流程

    Replaces the stages, and the fields where they are given. A stage that is taken away must be empty, or
    `move_to` says where its records go. Errors: 990003 (no stages, none that is open, an id or name twice, a
    wrong field, a field of another type than the values that records have for it), 990004 (next_stage_ids
    lead to no stage, or in a circle), 990006 (move_to leads to no stage), 990007 (a stage with records is
    taken away), 45035 (`version` is stale).
    """
    _hold(call)
    before, version = read_pipeline(call.db, call.corp_id)
    if body.version is not None and body.version != version:
        raise Refusal(ErrCode.CONFLICTING_CHANGE, detail=f"the pipeline has version {version} by now")
    stages = [_stage(stage) for stage in body.stages]
    fields = before.shown["fields"] if body.fields is None else [_field(one) for one in body.fields]
    rules.refuse_wrong_stages(stages)
    rules.refuse_wrong_fields(fields)
    auto_create = before.shown["auto_create"] if body.auto_create is None else body.auto_create
    after = rules.from_shown({"auto_create": auto_create, "stages": stages, "fields": fields})
    refuse_values_of_another_type(call, before, after)
    goes_to = _removed(call, before, after, {one.stage_id: one.move_to for one in body.move_to or ()})
    call.db.execute(
        sa.update(FOLLOW_UP_CORP)
        .where(FOLLOW_UP_CORP.c.corp_id == call.corp_id)
        .values(pipeline=after.shown, pipeline_version=version + 1)
    )
    moved = move_all(call, goes_to)
    reply: SetPipelineReply = {"version": version + 1}
    if goes_to:
        reply["moved"] = moved
    return reply


def _stage(stage: StageRequest) -> dict[str, object]:
    return {
        "stage_id": stage.stage_id,
        "name": stage.name,
        "color": stage.color or "",
        "kind": stage.kind or rules.OPEN,
        "next_stage_ids": stage.next_stage_ids or [],
    }


def _field(field: FieldRequest) -> dict[str, object]:
    return {
        "field_id": field.field_id,
        "name": field.name,
        "type": field.type or "text",
        "options": field.options or [],
    }


def _hold(call: Call) -> None:
    """Holds the corp's row until the call is answered, so that no record moves meanwhile."""
    query = (
        sa.select(FOLLOW_UP_CORP.c.corp_id).where(FOLLOW_UP_CORP.c.corp_id == call.corp_id).with_for_update()
    )
    if call.db.execute(query).first() is None:
        call.db.execute(
            sa.insert(FOLLOW_UP_CORP).values(corp_id=call.corp_id, pipeline_version=0, last_change=0)
        )


def _removed(
    call: Call, before: rules.Pipeline, after: rules.Pipeline, move_to: dict[str, str]
) -> dict[str, str]:
    """Where the records of each stage that is taken away go."""
    query = sa.select(FOLLOW_UP_COUNT.c.stage_id).where(
        FOLLOW_UP_COUNT.c.corp_id == call.corp_id,
        FOLLOW_UP_COUNT.c.userid == CORP,
        FOLLOW_UP_COUNT.c.cards > 0,
    )
    in_use = {row.stage_id for row in call.db.execute(query)}
    goes_to: dict[str, str] = {}
    for stage_id in before.stages:
        if stage_id in after.stages or stage_id not in in_use:
            continue
        target = move_to.get(stage_id)
        if target is None:
            raise Refusal(
                ErrCode.STAGE_IN_USE, detail=f"{stage_id} has records; say in move_to where they go"
            )
        rules.refuse_unknown_stage(after, target)
        goes_to[stage_id] = target
    return goes_to
