"""The columns of follow-up records in a smart sheet, and their cells. Pure functions, without a database."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.follow_ups.store.pipeline import Pipeline
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.field_types import FIELD_TYPES, STYLES, Column
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

TITLE, CUSTOMER, OWNER, STAGE = "fTitle", "fExtId", "fOwner", "fStage"
PRIORITY, AMOUNT, NEXT, LAST = "fPrior", "fMoney", "fNextT", "fLastT"
SOURCE, NOTE = "fSourc", "fNotes"
CUSTOM = "fc_"
"""Prefix of the field_id of a field that the corp defined."""
PRIORITIES = {"1": "低", "2": "中", "3": "高"}
_TYPES = {
    "text": types.TEXT,
    "number": types.NUMBER,
    "date": types.DATE_TIME,
    "select": types.SINGLE_SELECT,
    "bool": types.CHECKBOX,
}


def columns_of_pipeline(pipeline: Pipeline) -> list[Column]:
    """All columns in order; the last four are the times and persons of creation and update."""
    stages = [(stage_id, stage["name"]) for stage_id, stage in pipeline.stages.items()]
    columns = [
        _column(TITLE, "客户名称", types.TEXT),
        _column(CUSTOMER, "external_userid", types.TEXT),
        _column(OWNER, "销售对接人", types.USER),
        _column(STAGE, "最新进度", types.SINGLE_SELECT, options=_options(stages)),
        _column(PRIORITY, "优先级", types.SINGLE_SELECT, options=_options(list(PRIORITIES.items()))),
        _column(AMOUNT, "金额", types.CURRENCY, decimal_places=2),
        _column(NEXT, "下次跟进", types.DATE_TIME, format="yyyy-mm-dd hh:mm"),
        Column(LAST, "最近跟进", types.DATE_TIME, FIELD_TYPES[types.DATE_TIME].defaults, read_only=True),
        _column(SOURCE, "线索来源", types.TEXT),
        _column(NOTE, "备注", types.TEXT),
    ]
    own = [
        _column("fMadeT", "创建时间", types.CREATED_TIME),
        _column("fMadeU", "创建人", types.CREATED_USER),
        _column("fEditT", "最后编辑时间", types.MODIFIED_TIME),
        _column("fEditU", "最后编辑人", types.MODIFIED_USER),
    ]
    taken = {column.title for column in columns + own}
    for field_id, field in pipeline.fields.items():
        title = field["name"] if field["name"] not in taken else f"{field['name']} ({field_id})"
        taken.add(title)
        values = {}
        if field["type"] == "select":
            values["options"] = _options([(option, option) for option in field["options"]])
        columns.append(_column(CUSTOM + field_id, title, _TYPES[field["type"]], **values))
    return columns + own


def _column(field_id: str, title: str, type_name: str, **values: Any) -> Column:
    return Column(field_id, title, type_name, {**FIELD_TYPES[type_name].defaults, **values})


def _options(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"id": id_, "text": text, "style": 1 + place % len(STYLES)} for place, (id_, text) in enumerate(pairs)
    ]


def text_cell(text: str) -> list[dict[str, str]] | None:
    return [{"type": "text", "text": text}] if text else None


def text_of(field_id: str, cell: Any, most: int) -> str:
    """The text of a cell's segments. Raises 40058 if it is too long for a follow-up."""
    text = "".join(segment["text"] or segment.get("link", "") for segment in cell or [])
    if len(text) > most:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"{field_id} exceed max utf8 words {most}",
            detail=f"{field_id}: {len(text)} characters are more than {most}",
        )
    return text


def custom_cell(column: Column, value: Any) -> Any:
    """The cell of a field that the corp defined; dates of follow-ups are unix seconds."""
    if value is None or value == "":
        return None
    match column.type:
        case types.TEXT:
            return text_cell(value)
        case types.DATE_TIME:
            return str(value * 1000)
        case types.SINGLE_SELECT:
            return [value]
    return value


def custom_value(field: dict[str, Any], cell: Any) -> Any:
    """The value of a cell for a field that the corp defined; "" for an empty cell."""
    if field["type"] == "text":
        return text_of(field["field_id"], cell, 10**6)
    if cell is None:
        return ""
    if field["type"] == "date":
        return int(cell) // 1000
    return cell[0] if field["type"] == "select" else cell


def custom_key(column: Column, dialect: str) -> sa.ColumnElement[Any]:
    """The SQL of cells.key_of for a field that the corp defined."""
    field_id = column.field_id.removeprefix(CUSTOM)
    text: sa.ColumnElement[Any]
    value: sa.ColumnElement[Any]
    if dialect == "sqlite":
        if '"' in field_id:
            return sa.null()  # SQLite's JSON paths cannot express it
        text = value = sa.func.json_extract(FOLLOW_UP.c.custom, f'$."{field_id}"')
    else:
        text = sa.cast(sa.cast(FOLLOW_UP.c.custom, sa.Text), sa.JSON)[field_id].as_string()
        if column.kind.key == "bool":
            return sa.case((text == "true", 1), (text == "false", 0), else_=sa.null())
        value = sa.cast(text, sa.Numeric)
    match column.kind.key:
        case "time":
            return value * 1000
        case "number" | "bool":
            return value
        case "ids":
            bar = sa.literal("|", sa.Text)
            there = text.in_([option["id"] for option in column.options])
            return sa.case((there, bar.concat(text).concat(bar)), else_=sa.null())
    return sa.func.nullif(text, "") if dialect == "sqlite" else sa.func.nullif(text, "").collate("C")
