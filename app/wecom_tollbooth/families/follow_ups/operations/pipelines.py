"""用户跟进: the pipeline of a corp."""

from typing import Literal, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.follow_ups.operations.shapes import done_by
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
    "/cgi-bin/externalcontact/follow_up/get_pipeline",
    doc="",
    checked=None,
    meter="follow_up.read",
    permission=Permission.CUSTOMER,
    sample={},
)
def get_pipeline(call: Call, body: RequestModel) -> PipelineReply:
    """获取跟进流程 / Get the follow-up pipeline

    The stages in order, the corp's own fields, and whether records are added automatically. A corp that has
    not set a pipeline has four stages: 未触达, 已建联, 合作中 (won) and 已终止合作 (lost).
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
        ErrCode.INVALID_STAGE,
        max_chars=ID_CHARS,
        doc="your own id, unique in the corp; do not change it later",
    )
    name: str = required(ErrCode.INVALID_PIPELINE, max_chars=NAME_CHARS)
    color: str | None = optional(max_chars=16, doc="such as #1890FF")
    kind: Literal["open", "won", "lost"] | None = optional(doc="default open; won and lost close a record")
    next_stage_ids: list[str] | None = optional(
        max_items=rules.STAGES_AT_MOST, doc="stages that a record may move to from here; none: all"
    )


class FieldRequest(RequestModel):
    field_id: str = required(ErrCode.INVALID_PIPELINE, max_chars=ID_CHARS)
    name: str = required(ErrCode.INVALID_PIPELINE, max_chars=NAME_CHARS)
    type: Literal["text", "number", "date", "select", "bool"] | None = optional(doc="default text")
    options: list[str] | None = optional(max_items=rules.OPTIONS_AT_MOST, doc="for type select")


class MoveTo(RequestModel):
    stage_id: str = required(ErrCode.INVALID_STAGE, doc="a stage that is removed")
    move_to: str = required(ErrCode.INVALID_STAGE, doc="the stage that takes its records")


class SetPipelineRequest(RequestModel):
    version: int | None = optional(doc="of the pipeline that you read; refused if it has changed since")
    stages: list[StageRequest] = required(ErrCode.INVALID_PIPELINE, max_items=rules.STAGES_AT_MOST)
    fields: list[FieldRequest] | None = optional(max_items=rules.FIELDS_AT_MOST)
    auto_create: bool | None = optional(doc="adds a record for every new customer; absent: unchanged")
    move_to: list[MoveTo] | None = optional(max_items=rules.STAGES_AT_MOST)


class SetPipelineReply(TypedDict):
    version: int
    moved: NotRequired[int]


@family.post(
    "/cgi-bin/externalcontact/follow_up/set_pipeline",
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
    """设置跟进流程 / Set the follow-up pipeline

    Replaces the stages, and the fields if given. At least one stage is open, ids and names are unique, and
    next_stage_ids must not lead in a circle. A removed stage must be empty, or `move_to` names the stage that
    takes its records. A field cannot change to a type that does not fit the values that records have for it.
    """
    _lock(call)
    before, version = read_pipeline(call.db, call.corp_id)
    if body.version is not None and body.version != version:
        raise Refusal(ErrCode.CONFLICTING_CHANGE, detail=f"the pipeline now has version {version}")
    stages = [_stage(stage) for stage in body.stages]
    fields = before.shown["fields"] if body.fields is None else [_field(one) for one in body.fields]
    rules.refuse_wrong_stages(stages)
    rules.refuse_wrong_fields(fields)
    auto_create = before.shown["auto_create"] if body.auto_create is None else body.auto_create
    after = rules.from_shown({"auto_create": auto_create, "stages": stages, "fields": fields})
    refuse_values_of_another_type(call, before, after)
    targets = _targets(call, before, after, {one.stage_id: one.move_to for one in body.move_to or ()})
    call.db.execute(
        sa.update(FOLLOW_UP_CORP)
        .where(FOLLOW_UP_CORP.c.corp_id == call.corp_id)
        .values(pipeline=after.shown, pipeline_version=version + 1)
    )
    moved = move_all(call, targets, by=done_by(call, None))
    reply: SetPipelineReply = {"version": version + 1}
    if targets:
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


def _lock(call: Call) -> None:
    """Locks the corp's row for the rest of the call, so that no record moves in the meantime."""
    query = (
        sa.select(FOLLOW_UP_CORP.c.corp_id).where(FOLLOW_UP_CORP.c.corp_id == call.corp_id).with_for_update()
    )
    if call.db.execute(query).first() is None:
        call.db.execute(
            sa.insert(FOLLOW_UP_CORP).values(corp_id=call.corp_id, pipeline_version=0, last_change=0)
        )


def _targets(
    call: Call, before: rules.Pipeline, after: rules.Pipeline, move_to: dict[str, str]
) -> dict[str, str]:
    """The new stage of the records of each removed stage that has any."""
    query = sa.select(FOLLOW_UP_COUNT.c.stage_id).where(
        FOLLOW_UP_COUNT.c.corp_id == call.corp_id,
        FOLLOW_UP_COUNT.c.userid == CORP,
        FOLLOW_UP_COUNT.c.cards > 0,
    )
    in_use = {row.stage_id for row in call.db.execute(query)}
    targets: dict[str, str] = {}
    for stage_id in before.stages:
        if stage_id in after.stages or stage_id not in in_use:
            continue
        target = move_to.get(stage_id)
        if target is None:
            raise Refusal(
                ErrCode.STAGE_IN_USE,
                detail=f"{stage_id} has records; name in move_to the stage that takes them",
            )
        rules.refuse_unknown_stage(after, target)
        targets[stage_id] = target
    return targets
