"""What a permission rule says of one sub-table (an entry of priv_list). Pure functions, without a database.

Source: page 99935. rights_checks.py refuses what a rule cannot say.
"""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.gateway.shapes import RequestModel, optional

FOR_ALL, FOR_SOME = 1, 2
"""type of a rule. Each smart sheet has one rule for all members, whose rule_id is 1."""
FULL, EDIT, VIEW, NONE = 1, 2, 3, 4
"""priv."""
CREATOR = "CREATED_USER"


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
    field_id: str | None = optional(doc="required")
    field_type: str | None = optional(doc="the field's own type; required")


class FieldPriv(RequestModel):
    field_range_type: int | None = optional(doc="1 all fields, 2 field by field; required")
    field_rule_list: list[FieldRule] | None = optional(doc="with field_range_type 2")
    field_default_rule: FieldDefault | None = optional(
        doc="for fields that are not listed, with field_range_type 2; required in the rule for all members, "
        "refused in others (setting sheet_default_rule)"
    )


class RecordRule(RequestModel):
    field_id: str | None = optional(doc=f"or {CREATOR}; required")
    field_type: str | None = optional(doc=f"the field's own type; none with {CREATOR}")
    oper_type: int | None = optional(
        doc="1 contains the member, 2 contains, 3 does not contain, 4 is, 5 is not, 6 empty, 7 not empty",
    )
    value: list[str] | None = optional(doc="option ids, with oper_type 2 to 5")


class RecordPriv(RequestModel):
    record_range_type: int | None = optional(
        doc="1 all records, 2 those that meet any condition, 3 those that meet all; required"
    )
    record_rule_list: list[RecordRule] | None = optional(doc="1 to 20 conditions, with 2 and 3")
    other_priv: int | None = optional(doc="for other records, with 2 and 3: 1 no editing, 2 no viewing")


class SheetPriv(RequestModel):
    sheet_id: str | None = optional(doc="required")
    priv: int | None = optional(doc="1 everything, 2 edit, 3 view, 4 nothing; required")
    can_insert_record: bool | None = optional(doc="with priv 2")
    can_delete_record: bool | None = optional(doc="with priv 2")
    can_create_modify_delete_view: bool | None = optional(doc="with priv 2")
    field_priv: FieldPriv | None = optional(doc="with priv 2 and 3")
    record_priv: RecordPriv | None = optional(doc="with priv 2 and 3")
    clear: bool | None = optional(doc="true: removes what was set for the sub-table")

    @property
    def has_field_priv(self) -> bool:
        return self.field_priv is not None and any(self.field_priv.model_dump().values())

    @property
    def has_record_priv(self) -> bool:
        return self.record_priv is not None and any(self.record_priv.model_dump().values())

    @property
    def record_and_view_rights(self) -> tuple[bool | None, ...]:
        return (self.can_insert_record, self.can_delete_record, self.can_create_modify_delete_view)

    @property
    def field_rules(self) -> list[FieldRule]:
        return (self.field_priv.field_rule_list if self.field_priv else None) or []

    @property
    def record_rules(self) -> list[RecordRule]:
        return (self.record_priv.record_rule_list if self.record_priv else None) or []


def stored_priv(sheet: Sheet, given: SheetPriv) -> dict[str, Any]:
    """What is stored and shown: the given rule, with the type of each listed field."""
    stored = given.model_dump(exclude_none=True, exclude={"sheet_id", "clear"})
    if not given.has_field_priv:
        stored.pop("field_priv", None)
    if not given.has_record_priv:
        stored.pop("record_priv", None)
    for rule in stored.get("field_priv", {}).get("field_rule_list", ()):
        column = sheet.column(rule["field_id"])
        rule["field_type"] = column.type if column else rule.get("field_type", "")
    return stored
