"""The pipeline of a corp: its stages in their order, its own fields, and the rules that they must keep.

Values in, values out; raises Refusal for a pipeline that cannot be.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import LATEST

OPEN, WON, LOST = "open", "won", "lost"
FIELD_TYPES = ("text", "number", "date", "select", "bool")
STAGES_AT_MOST, FIELDS_AT_MOST, OPTIONS_AT_MOST = 50, 50, 100
CUSTOM_TEXT_CHARS, OPTION_CHARS = 1_000, 64
EXACT = 2**53
"""Below it a float that is whole is just that number."""

FIRST_PIPELINE: dict[str, Any] = {
    "auto_create": False,
    "stages": [
        {"stage_id": "untouched", "name": "未触达", "color": "#8C8C8C", "kind": OPEN, "next_stage_ids": []},
        {"stage_id": "connected", "name": "已建联", "color": "#1890FF", "kind": OPEN, "next_stage_ids": []},
        {"stage_id": "cooperating", "name": "合作中", "color": "#52C41A", "kind": WON, "next_stage_ids": []},
        {"stage_id": "ended", "name": "已终止合作", "color": "#F5222D", "kind": LOST, "next_stage_ids": []},
    ],
    "fields": [],
}
"""What every corp begins with: the states of WeCom's own template for following customers up."""


@dataclass(frozen=True)
class Pipeline:
    """`shown` is what get_pipeline answers; the rest is for looking things up."""

    shown: dict[str, Any]
    stages: dict[str, dict[str, Any]]
    fields: dict[str, dict[str, Any]]

    @property
    def first_stage(self) -> str:
        """The first stage that is open, where new records begin."""
        return next((stage for stage in self.stages if self.is_open(stage)), next(iter(self.stages)))

    @property
    def lost_stage(self) -> str | None:
        """The first stage of kind lost, where records go whose relation has ended."""
        return next((id_ for id_, stage in self.stages.items() if stage["kind"] == LOST), None)

    def is_open(self, stage_id: str) -> bool:
        """Whether records of the stage are still followed up."""
        stage = self.stages.get(stage_id)
        return stage is None or stage["kind"] == OPEN


def from_shown(shown: dict[str, Any]) -> Pipeline:
    """The pipeline that looks so."""
    return Pipeline(
        shown,
        {stage["stage_id"]: stage for stage in shown["stages"]},
        {field["field_id"]: field for field in shown["fields"]},
    )


@lru_cache(maxsize=256)
def from_json(text: str | None) -> Pipeline:
    """The pipeline as it is stored; None: the one that every corp begins with. Not to be changed."""
    return from_shown(FIRST_PIPELINE if text is None else orjson.loads(text))


# --- what a pipeline must keep ---------------------------------------------------------------------------


def refuse_wrong_stages(stages: list[dict[str, Any]]) -> None:
    """990003 for no stages, none that is open, or two with one id or name; 990004 for wrong ways on."""
    if not stages:
        raise Refusal(ErrCode.INVALID_PIPELINE, detail="a pipeline has at least one stage")
    for key in ("stage_id", "name"):
        twice = _twice(stage[key] for stage in stages)
        if twice is not None:
            raise Refusal(ErrCode.INVALID_PIPELINE, detail=f"{key} {twice!r} is there twice")
    if not any(stage["kind"] == OPEN for stage in stages):
        raise Refusal(ErrCode.INVALID_PIPELINE, detail="at least one stage is of kind open")
    ways = {stage["stage_id"]: stage["next_stage_ids"] for stage in stages}
    for stage_id, following in ways.items():
        for other in following:
            if other not in ways:
                raise Refusal(
                    ErrCode.INVALID_PIPELINE_WAY, detail=f"{stage_id} leads to {other!r}, which is no stage"
                )
    circle = _circle(ways)
    if circle:
        raise Refusal(
            ErrCode.INVALID_PIPELINE_WAY, detail=f"the stages lead in a circle: {' → '.join(circle)}"
        )


def _twice(values: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def _circle(ways: dict[str, list[str]]) -> list[str]:
    """Stages that lead back to themselves, in their order; empty where there are none."""
    clear: set[str] = set()
    for start in ways:
        path: list[str] = []
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            stage, done = waiting.pop()
            if done:
                clear.add(path.pop())
            elif stage in path:
                return [*path[path.index(stage) :], stage]
            elif stage not in clear:
                path.append(stage)
                waiting.append((stage, True))
                waiting += [(other, False) for other in ways[stage]]
    return []


def refuse_wrong_fields(fields: list[dict[str, Any]]) -> None:
    """990003 for two fields with one id, an unknown type, a select without options or with wrong ones."""
    twice = _twice(field["field_id"] for field in fields)
    if twice is not None:
        raise Refusal(ErrCode.INVALID_PIPELINE, detail=f"field_id {twice!r} is there twice")
    for field in fields:
        if field["type"] not in FIELD_TYPES:
            raise Refusal(ErrCode.INVALID_PIPELINE, detail=f"type is one of {', '.join(FIELD_TYPES)}")
        if (field["type"] == "select") != bool(field["options"]):
            raise Refusal(ErrCode.INVALID_PIPELINE, detail="a select has options, and no other type has")
        if _twice(field["options"]) is not None or not all(map(_is_option, field["options"])):
            raise Refusal(
                ErrCode.INVALID_PIPELINE, detail=f"options have 1 to {OPTION_CHARS} characters, each its own"
            )


def _is_option(text: str) -> bool:
    return 0 < len(text) <= OPTION_CHARS


# --- what a record must keep -----------------------------------------------------------------------------


def refuse_unknown_stage(pipeline: Pipeline, stage_id: str) -> None:
    if stage_id not in pipeline.stages:
        stages = ", ".join(pipeline.stages)
        raise Refusal(ErrCode.INVALID_STAGE, detail=f"{stage_id!r} is no stage; there are {stages}")


def refuse_wrong_way(pipeline: Pipeline, from_stage: str, to_stage: str) -> None:
    """990004 for a move that the stage's next_stage_ids leave out; without any, every move is free."""
    following = pipeline.stages.get(from_stage, {}).get("next_stage_ids")
    if following and from_stage != to_stage and to_stage not in following:
        raise Refusal(
            ErrCode.INVALID_PIPELINE_WAY,
            detail=f"from {from_stage} a record moves to {', '.join(following)}, not to {to_stage}",
        )


def kept_custom(pipeline: Pipeline, custom: dict[str, Any]) -> dict[str, Any]:
    """Values of the corp's own fields as they are kept: 5.0 is 5, and "" takes off a value of any type.

    Raises 990005 for a field that the corp has not defined, 40058 for a value that is not of its type.
    """
    kept: dict[str, Any] = {}
    for field_id, value in custom.items():
        field = pipeline.fields.get(field_id)
        if field is None:
            known = ", ".join(pipeline.fields) or "none yet"
            raise Refusal(ErrCode.UNKNOWN_FIELD, detail=f"{field_id!r} is no field; there are {known}")
        if value != "" and not fits(field, value):
            raise Refusal(
                ErrCode.INVALID_PARAMETER,
                f"custom.{field_id} invalid",
                detail=f"{field_id} is of type {field['type']}",
            )
        whole = isinstance(value, float) and value.is_integer() and abs(value) < EXACT
        kept[field_id] = int(value) if whole else value
    return kept


def fits(field: dict[str, Any], value: Any) -> bool:
    """Whether the value is of the field's type."""
    if field["type"] == "bool":
        return isinstance(value, bool)
    if field["type"] == "text":
        return isinstance(value, str) and len(value) <= CUSTOM_TEXT_CHARS
    if field["type"] == "select":
        return value in field["options"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return field["type"] == "number" or (isinstance(value, int) and abs(value) <= LATEST)
