"""The pipeline of a corp: its stages in order, its own fields, and the rules for both.

Pure functions, without a database; they raise Refusal for an invalid pipeline or value.
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
"""Below it a float without a fraction is exact."""

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
"""The pipeline of every new corp: the states of WeCom's own template for following up customers."""


@dataclass(frozen=True)
class Pipeline:
    """`shown` is what get_pipeline answers; `stages` and `fields` are the same by id."""

    shown: dict[str, Any]
    stages: dict[str, dict[str, Any]]
    fields: dict[str, dict[str, Any]]

    @property
    def first_stage(self) -> str:
        """The first open stage, where new records start."""
        return next((stage for stage in self.stages if self.is_open(stage)), next(iter(self.stages)))

    @property
    def lost_stage(self) -> str | None:
        """The first stage of kind lost, where records go when their relation ends; None without one."""
        return next((id_ for id_, stage in self.stages.items() if stage["kind"] == LOST), None)

    def is_open(self, stage_id: str) -> bool:
        """Whether records of the stage are open, which those of an unknown stage are."""
        stage = self.stages.get(stage_id)
        return stage is None or stage["kind"] == OPEN


def from_shown(shown: dict[str, Any]) -> Pipeline:
    """The pipeline that get_pipeline shows as `shown`."""
    return Pipeline(
        shown,
        {stage["stage_id"]: stage for stage in shown["stages"]},
        {field["field_id"]: field for field in shown["fields"]},
    )


@lru_cache(maxsize=256)
def from_json(text: str | None) -> Pipeline:
    """The pipeline as stored; None is FIRST_PIPELINE. The result is cached: do not change it."""
    return from_shown(FIRST_PIPELINE if text is None else orjson.loads(text))


# --- rules for a pipeline --------------------------------------------------------------------------------


def refuse_wrong_stages(stages: list[dict[str, Any]]) -> None:
    """Raises 990003 for no open stage or a repeated id or name, 990004 for wrong next_stage_ids."""
    if not stages:
        raise Refusal(ErrCode.INVALID_PIPELINE, detail="a pipeline has at least one stage")
    for key in ("stage_id", "name"):
        twice = _twice(stage[key] for stage in stages)
        if twice is not None:
            raise Refusal(ErrCode.INVALID_PIPELINE, detail=f"{key} {twice!r} appears twice")
    if not any(stage["kind"] == OPEN for stage in stages):
        raise Refusal(ErrCode.INVALID_PIPELINE, detail="a pipeline has at least one stage of kind open")
    next_stages = {stage["stage_id"]: stage["next_stage_ids"] for stage in stages}
    for stage_id, following in next_stages.items():
        for other in following:
            if other not in next_stages:
                raise Refusal(
                    ErrCode.INVALID_PIPELINE_WAY,
                    detail=f"{stage_id} leads to {other!r}, which is not a stage",
                )
    circle = _circle(next_stages)
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


def _circle(next_stages: dict[str, list[str]]) -> list[str]:
    """Stages that lead back to the first of them, in order; empty if there is no circle."""
    clear: set[str] = set()
    for start in next_stages:
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
                waiting += [(other, False) for other in next_stages[stage]]
    return []


def refuse_wrong_fields(fields: list[dict[str, Any]]) -> None:
    """Raises 990003 for a repeated id, an unknown type, or a select without options or with wrong ones."""
    twice = _twice(field["field_id"] for field in fields)
    if twice is not None:
        raise Refusal(ErrCode.INVALID_PIPELINE, detail=f"field_id {twice!r} appears twice")
    for field in fields:
        if field["type"] not in FIELD_TYPES:
            raise Refusal(ErrCode.INVALID_PIPELINE, detail=f"type is one of {', '.join(FIELD_TYPES)}")
        if (field["type"] == "select") != bool(field["options"]):
            raise Refusal(ErrCode.INVALID_PIPELINE, detail="a select has options, no other type does")
        if _twice(field["options"]) is not None or not all(map(_is_option, field["options"])):
            raise Refusal(
                ErrCode.INVALID_PIPELINE, detail=f"options are unique and have 1 to {OPTION_CHARS} characters"
            )


def _is_option(text: str) -> bool:
    return 0 < len(text) <= OPTION_CHARS


# --- rules for a record ----------------------------------------------------------------------------------


def refuse_unknown_stage(pipeline: Pipeline, stage_id: str) -> None:
    if stage_id not in pipeline.stages:
        stages = ", ".join(pipeline.stages)
        raise Refusal(ErrCode.INVALID_STAGE, detail=f"{stage_id!r} is not a stage; the stages are {stages}")


def refuse_wrong_move(pipeline: Pipeline, from_stage: str, to_stage: str) -> None:
    """Raises 990004 for a move that the stage's next_stage_ids do not allow; an empty list allows all."""
    following = pipeline.stages.get(from_stage, {}).get("next_stage_ids")
    if following and from_stage != to_stage and to_stage not in following:
        raise Refusal(
            ErrCode.INVALID_PIPELINE_WAY,
            detail=f"from {from_stage} a record may move to {', '.join(following)}, not to {to_stage}",
        )


def stored_custom(pipeline: Pipeline, custom: dict[str, Any]) -> dict[str, Any]:
    """Values of the corp's own fields as they are stored: 5.0 as 5; "" removes a value of any type.

    Raises 990005 for a field that the corp has not defined, 40058 for a value of another type.
    """
    stored: dict[str, Any] = {}
    for field_id, value in custom.items():
        field = pipeline.fields.get(field_id)
        if field is None:
            known = ", ".join(pipeline.fields) or "none yet"
            raise Refusal(ErrCode.UNKNOWN_FIELD, detail=f"{field_id!r} is not a field; defined: {known}")
        if value != "" and not fits(field, value):
            raise Refusal(
                ErrCode.INVALID_PARAMETER,
                f"custom.{field_id} invalid",
                detail=f"{field_id} is of type {field['type']}",
            )
        whole = isinstance(value, float) and value.is_integer() and abs(value) < EXACT
        stored[field_id] = int(value) if whole else value
    return stored


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
