"""What a permission rule says of one sub-table (an entry of priv_list). Pure functions, without a database.

Source: page 99935.
"""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required, required_number

FOR_ALL, FOR_SOME = 1, 2
"""type of a rule. Each smart sheet has one rule for all members, whose rule_id is 1."""
FULL, EDIT, VIEW, NONE = 1, 2, 3, 4
"""priv."""
CREATOR = "CREATED_USER"
CONDITIONED = (types.USER, types.SELECT, types.SINGLE_SELECT)
"""The types of fields that conditions on records can use."""


class FieldRuleShape(TypedDict):
    field_id: str
    field_type: str
    can_edit: NotRequired[bool]
    can_insert: NotRequired[bool]
    can_view: NotRequired[bool]


class FieldDefaultShape(TypedDict):
    can_edit: NotRequired[bool]
    can_insert: NotRequired[bool]
    can_view: NotRequired[bool]


class FieldPrivShape(TypedDict):
    field_range_type: int
    field_rule_list: list[FieldRuleShape]
    field_default_rule: NotRequired[FieldDefaultShape]


class RecordRuleShape(TypedDict):
    field_id: str
    field_type: NotRequired[str]
    oper_type: int
    value: NotRequired[list[str]]


class RecordPrivShape(TypedDict):
    record_range_type: int
    record_rule_list: NotRequired[list[RecordRuleShape]]
    other_priv: NotRequired[int]


class SheetPrivShape(TypedDict):
    sheet_id: str
    priv: int
    can_insert_record: NotRequired[bool]
    can_delete_record: NotRequired[bool]
    can_create_modify_delete_view: NotRequired[bool]
    field_priv: NotRequired[FieldPrivShape]
    record_priv: NotRequired[RecordPrivShape]


def shown_priv(sheet: Sheet, stored: dict[str, Any]) -> SheetPrivShape:
    """What a rule says of the sub-table, without deleted fields."""
    shown: Any = {"sheet_id": sheet.sheet_id, **stored}
    for part, name in (("field_priv", "field_rule_list"), ("record_priv", "record_rule_list")):
        listed = stored.get(part, {}).get(name)
        if listed is not None:
            kept = [one for one in listed if one["field_id"] == CREATOR or sheet.column(one["field_id"])]
            shown[part] = {**stored[part], name: kept}
    return shown  # type: ignore[no-any-return]


class FieldDefault(RequestModel):
    can_edit: bool | None = optional()
    can_insert: bool | None = optional(doc="can be filled in when a record is added")
    can_view: bool | None = optional()


class FieldRule(FieldDefault):
    field_id: str = required(ErrCode.FIELD_NOT_FOUND)
    field_type: str | None = optional(doc="the field's own type; checked when given")


class FieldPriv(RequestModel):
    field_range_type: int = required_number(ge=1, le=2, doc="1 all fields, 2 field by field")
    field_rule_list: list[FieldRule] | None = optional()
    field_default_rule: FieldDefault | None = optional(
        doc="for fields that are not listed; required in the rule for all members, refused in others"
    )


class RecordRule(RequestModel):
    field_id: str = required(ErrCode.FIELD_NOT_FOUND, doc=f"or {CREATOR}")
    field_type: str | None = optional(doc="the field's own type; checked when given")
    oper_type: int = required_number(
        ge=1,
        le=7,
        doc="1 contains the member, 2 contains, 3 does not contain, 4 is, 5 is not, 6 empty, 7 not empty",
    )
    value: list[str] | None = optional(doc="option ids")


class RecordPriv(RequestModel):
    record_range_type: int = required_number(
        ge=1, le=3, doc="1 all records, 2 those that meet any condition, 3 those that meet all"
    )
    record_rule_list: list[RecordRule] | None = optional(doc="conditions, with 2 and 3")
    other_priv: int | None = optional(ge=1, le=2, doc="for other records: 1 no editing, 2 no viewing")


class SheetPriv(RequestModel):
    sheet_id: str = required()
    priv: int = required_number(ge=FULL, le=NONE, doc="1 everything, 2 edit, 3 view, 4 nothing")
    can_insert_record: bool | None = optional(doc="with priv 2")
    can_delete_record: bool | None = optional(doc="with priv 2")
    can_create_modify_delete_view: bool | None = optional()
    field_priv: FieldPriv | None = optional()
    record_priv: RecordPriv | None = optional(doc="required with priv 2 and 3")
    clear: bool | None = optional(doc="true: removes what was set for the sub-table")


def refuse_wrong_priv(sheet: Sheet, given: SheetPriv, type_: int) -> None:
    """Raises 40063, 40058, 2022004 or 2022010 for what the rule of this type cannot say."""
    if given.priv in (EDIT, VIEW) and given.record_priv is None and not given.clear:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"priv {given.priv} needs record_priv")
    if given.field_priv is not None:
        has_default = given.field_priv.field_default_rule is not None
        if type_ == FOR_ALL and not has_default:
            raise Refusal(
                ErrCode.PARAMETERS_EMPTY, detail="the rule for all members needs field_default_rule"
            )
        if type_ == FOR_SOME and has_default:
            raise Refusal(
                ErrCode.INVALID_PARAMETER, detail="only the rule for all members has field_default_rule"
            )
        for field_rule in _field_rules(given):
            _type_of(sheet, field_rule.field_id, field_rule.field_type)
    for record_rule in _record_rules(given):
        if record_rule.field_id == CREATOR:
            continue
        if _type_of(sheet, record_rule.field_id, record_rule.field_type) not in CONDITIONED:
            raise Refusal(
                ErrCode.INVALID_PARAMETER,
                detail=f"{record_rule.field_id} has neither users nor options: no condition can use it",
            )


def _field_rules(given: SheetPriv) -> list[FieldRule]:
    return (given.field_priv.field_rule_list if given.field_priv else None) or []


def _record_rules(given: SheetPriv) -> list[RecordRule]:
    return (given.record_priv.record_rule_list if given.record_priv else None) or []


def _type_of(sheet: Sheet, field_id: str, type_name: str | None) -> str:
    """The type of the field. Raises 2022004, and 2022010 if `type_name` is another."""
    column = sheet.column(field_id)
    if column is None:
        raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"{sheet.sheet_id} has no field {field_id!r}")
    if type_name and type_name != column.type:
        raise Refusal(
            ErrCode.INVALID_FIELD_TYPE, detail=f"{field_id} is of type {column.type}, not {type_name}"
        )
    return column.type


def stored_priv(sheet: Sheet, given: SheetPriv) -> dict[str, Any]:
    """What is stored and shown: the given rule, with the type of each listed field."""
    stored = given.model_dump(exclude_none=True, exclude={"sheet_id", "clear"})
    if given.field_priv is not None:
        stored["field_priv"]["field_rule_list"] = [
            {**one.model_dump(exclude_none=True), "field_type": _type_of(sheet, one.field_id, None)}
            for one in _field_rules(given)
        ]
    return stored
