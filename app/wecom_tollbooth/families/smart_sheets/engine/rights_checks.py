"""What a permission rule cannot say of sub-tables, with a code for each. Pure functions, without a database.

Source: pages 90313 (2026-07) and 99935. Neither states an order of checks. Where they contradict each other,
the settings sheet_rights and sheet_default_rule decide.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.permission_rules import (
    CREATOR,
    EDIT,
    FOR_ALL,
    NONE,
    VIEW,
    FieldDefault,
    FieldRule,
    RecordRule,
    SheetPriv,
)
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal

CONDITIONS_AT_MOST = 20
LOOKUP = "FIELD_TYPE_LOOKUP"
CONDITIONED = frozenset({types.USER, types.SELECT, types.SINGLE_SELECT, LOOKUP})
"""The types of fields that conditions on records can use. No operation makes a LOOKUP."""
_SYSTEM = frozenset({types.CREATED_USER, types.MODIFIED_USER, types.CREATED_TIME, types.MODIFIED_TIME})
_COMPUTED = frozenset({types.FORMULA, LOOKUP})
_TOGETHER = frozenset({types.DATE_TIME, types.NUMBER, types.ATTACHMENT})
ALL, ANY, EVERY = 1, 2, 3
"""record_range_type; ALL is also field_range_type, where 2 is field by field."""
HAS_MEMBER, EMPTY, FILLED = 1, 6, 7
"""oper_type without a value. 2 to 5 need one."""


@dataclass(frozen=True)
class Pages:
    """How the two pages are read where they contradict each other."""

    is_strict: bool
    """True for 90313; 99935 lets extras of priv 1 pass, and fields without their type."""
    default_rule_for: int
    """The type of the rules that have a field_default_rule."""


def refuse_wrong_privs(
    privs: list[SheetPriv], type_: int, find_sheet: Callable[[str], Sheet | None], pages: Pages
) -> list[tuple[Sheet, SheetPriv]]:
    """The entries of priv_list with their sub-tables. Raises one of RIGHTS_ERRORS."""
    seen: set[str] = set()
    found = []
    for given in privs:
        if not given.sheet_id:
            raise Refusal(ErrCode.RULE_SHEET_EMPTY, detail="an entry of priv_list needs a sheet_id")
        if given.sheet_id in seen:
            raise Refusal(
                ErrCode.RULE_SHEET_REPEATED, detail=f"{given.sheet_id!r} is in priv_list more than once"
            )
        seen.add(given.sheet_id)
        sheet = find_sheet(given.sheet_id)
        if sheet is None:
            raise Refusal(
                ErrCode.RULE_SHEET_NOT_FOUND, detail=f"the document has no sub-table {given.sheet_id!r}"
            )
        if not given.clear:
            _refuse_wrong_entry(sheet, given, type_, pages)
        found.append((sheet, given))
    return found


def _refuse_wrong_entry(sheet: Sheet, given: SheetPriv, type_: int, pages: Pages) -> None:
    if given.priv is None or not 1 <= given.priv <= NONE:
        raise Refusal(ErrCode.INVALID_PRIV, detail=f"priv is {given.priv}, not 1 to {NONE}")
    _refuse_wrong_parts(given, pages)
    if given.has_record_priv:
        _refuse_wrong_records(sheet, given, pages)
    if given.has_field_priv:
        _refuse_wrong_fields(sheet, given, pages)
        _refuse_hidden_conditions(given)
        _refuse_wrong_default(given, type_, pages)


def _refuse_wrong_parts(given: SheetPriv, pages: Pages) -> None:
    """Raises 640088 for rights that don't go with the priv. False and empty parts count as not given."""
    wrong = ""
    if given.priv in (EDIT, VIEW):
        if not given.has_record_priv:
            wrong = "record_priv is missing"
        elif pages.is_strict and not given.has_field_priv:
            wrong = "field_priv is missing"
        elif pages.is_strict and given.priv == EDIT and None in given.record_and_view_rights:
            wrong = "can_insert_record, can_delete_record or can_create_modify_delete_view is missing"
        elif pages.is_strict and given.priv == VIEW and any(given.record_and_view_rights):
            wrong = "it allows no can_*"
    elif pages.is_strict and (
        given.has_record_priv or given.has_field_priv or any(given.record_and_view_rights)
    ):
        wrong = "it takes no field_priv, record_priv and can_*"
    if wrong:
        raise Refusal(ErrCode.PRIV_PARTS_MISMATCH, detail=f"priv {given.priv}: {wrong}")


def _refuse_wrong_records(sheet: Sheet, given: SheetPriv, pages: Pages) -> None:
    record_priv = given.record_priv
    if record_priv is None or record_priv.record_range_type not in (ALL, ANY, EVERY):
        raise Refusal(ErrCode.INVALID_RECORD_RANGE, detail="record_range_type is not 1, 2 or 3")
    conditions = given.record_rules
    if record_priv.record_range_type == ALL:
        if conditions or record_priv.other_priv:
            raise Refusal(
                ErrCode.ALL_RECORDS_WITH_CONDITIONS,
                detail="record_range_type 1 takes no record_rule_list and no other_priv",
            )
        return
    if not 1 <= len(conditions) <= CONDITIONS_AT_MOST:
        raise Refusal(
            ErrCode.INVALID_CONDITION_COUNT,
            detail=f"record_rule_list has {len(conditions)} conditions, not 1 to {CONDITIONS_AT_MOST}",
        )
    for condition in conditions:
        _refuse_wrong_condition(sheet, condition, pages)
    other = record_priv.other_priv
    may_lack_it = other is None and not pages.is_strict
    if not may_lack_it and (other not in (1, 2) or (given.priv == VIEW and other != 2)):
        raise Refusal(
            ErrCode.INVALID_OTHER_PRIV, detail=f"other_priv is {other}, not 1 or 2, with priv 3 only 2"
        )


def _refuse_wrong_condition(sheet: Sheet, condition: RecordRule, pages: Pages) -> None:
    if not condition.field_id:
        raise Refusal(ErrCode.CONDITION_FIELD_EMPTY, detail="a condition needs a field_id")
    operator, needs_user = condition.oper_type, condition.field_id == CREATOR
    if needs_user and condition.field_type:
        raise Refusal(ErrCode.CREATOR_CONDITION_TYPED, detail=f"{CREATOR} takes no field_type")
    if not needs_user:
        # The sample of page 99935 has a condition on a text field.
        allowed = CONDITIONED if pages.is_strict else CONDITIONED | {types.TEXT}
        if condition.field_type not in allowed and (condition.field_type or pages.is_strict):
            raise _wrong_type(condition.field_id, condition.field_type, "a user or options")
        real = type_of(sheet, condition.field_id, condition.field_type)
        if real not in allowed:
            raise _wrong_type(condition.field_id, real, "a user or options")
        needs_user = real == types.USER
    if operator not in range(HAS_MEMBER, FILLED + 1) or (needs_user and operator != HAS_MEMBER):
        raise Refusal(
            ErrCode.INVALID_CONDITION_OPERATOR,
            detail=f"oper_type of {condition.field_id} is {operator}, not 1"
            + ("" if needs_user else f" to {FILLED}"),
        )
    if operator in (HAS_MEMBER, EMPTY, FILLED):
        if condition.value:
            raise Refusal(ErrCode.CONDITION_VALUE_NOT_ALLOWED, detail=f"oper_type {operator} takes no value")
    elif not condition.value:
        raise Refusal(ErrCode.CONDITION_VALUE_EMPTY, detail=f"oper_type {operator} needs a value")


def _refuse_wrong_fields(sheet: Sheet, given: SheetPriv, pages: Pages) -> None:
    field_priv = given.field_priv
    if field_priv is None or field_priv.field_range_type not in (1, 2):
        raise Refusal(ErrCode.INVALID_FIELD_RANGE, detail="field_range_type is not 1 or 2")
    rules = given.field_rules
    if field_priv.field_range_type == ALL:
        if rules or field_priv.field_default_rule is not None:
            raise Refusal(
                ErrCode.ALL_FIELDS_WITH_RULES,
                detail="field_range_type 1 takes no field_rule_list and no field_default_rule",
            )
        return
    if not rules:
        raise Refusal(ErrCode.FIELD_RULES_EMPTY, detail="field_range_type 2 needs field_rule_list")
    seen: set[str] = set()
    for rule in rules:
        _refuse_wrong_field(sheet, given, rule, seen, pages)
        seen.add(rule.field_id or "")


def _refuse_wrong_field(
    sheet: Sheet, given: SheetPriv, rule: FieldRule, seen: set[str], pages: Pages
) -> None:
    if not rule.field_id:
        raise Refusal(ErrCode.FIELD_RULE_FIELD_EMPTY, detail="a field rule needs a field_id")
    if rule.field_id in seen:
        raise Refusal(ErrCode.FIELD_RULE_REPEATED, detail=f"{rule.field_id} has two rules")
    if not rule.field_type and pages.is_strict:
        raise _wrong_type(rule.field_id, rule.field_type, "its own type")
    type_name = type_of(sheet, rule.field_id, rule.field_type)
    if type_name in _SYSTEM and (rule.can_edit or rule.can_insert or not rule.can_view):
        raise _refused(ErrCode.SYSTEM_FIELD_RIGHTS, rule, f"a {type_name} can only be viewed")
    if type_name in _COMPUTED and (rule.can_edit or rule.can_insert):
        raise _refused(ErrCode.COMPUTED_FIELD_EDITABLE, rule, f"a {type_name} cannot be edited")
    if type_name in _TOGETHER and rule.can_edit and rule.can_view and not rule.can_insert:
        raise _refused(ErrCode.RIGHTS_NOT_TOGETHER, rule, f"can_edit of a {type_name} needs can_insert")
    if (why := _contradiction(given, rule)) is not None:
        raise _refused(ErrCode.FIELD_RULE_CONTRADICTORY, rule, why)


def _contradiction(given: SheetPriv, rule: FieldDefault) -> str | None:
    if given.priv == VIEW and (rule.can_edit or rule.can_insert):
        return "priv 3 allows neither can_edit nor can_insert"
    if rule.can_edit and not rule.can_view:
        return "can_edit needs can_view"
    return None


def _refuse_hidden_conditions(given: SheetPriv) -> None:
    """Raises 640082 for a condition on a field that the field rules, or the default, don't show."""
    if given.field_priv is None or given.field_priv.field_range_type == ALL:
        return
    default = given.field_priv.field_default_rule
    rules: dict[str | None, FieldDefault] = {rule.field_id: rule for rule in given.field_rules}
    for condition in given.record_rules:
        if condition.field_id == CREATOR:
            continue
        rule = rules.get(condition.field_id, default)
        if rule is None or not rule.can_view:
            raise Refusal(
                ErrCode.CONDITION_FIELD_NOT_VISIBLE,
                detail=f"{condition.field_id} has a condition, so the field rules must have can_view for it",
            )


def _refuse_wrong_default(given: SheetPriv, type_: int, pages: Pages) -> None:
    if given.field_priv is None or given.field_priv.field_range_type == ALL:
        return
    default = given.field_priv.field_default_rule
    if (default is not None) != (type_ == pages.default_rule_for):
        whose = "the rule for all members" if pages.default_rule_for == FOR_ALL else "a rule for some members"
        raise Refusal(
            ErrCode.INVALID_DEFAULT_RULE,
            detail=f"{whose} needs field_default_rule, the other kind cannot have it: sheet_default_rule",
        )
    if default is not None and (why := _contradiction(given, default)) is not None:
        raise Refusal(ErrCode.DEFAULT_RULE_CONTRADICTORY, detail=f"field_default_rule: {why}")


def type_of(sheet: Sheet, field_id: str, type_name: str | None) -> str:
    """The type of the field. Raises 2022004, and 2022010 if `type_name` is another."""
    column = sheet.column(field_id)
    if column is None:
        raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"{sheet.sheet_id} has no field {field_id!r}")
    if type_name and type_name != column.type:
        raise Refusal(
            ErrCode.INVALID_FIELD_TYPE, detail=f"{field_id} is of type {column.type}, not {type_name}"
        )
    return column.type


def _wrong_type(field_id: str, type_name: str | None, wanted: str) -> Refusal:
    return Refusal(
        ErrCode.INVALID_RULE_FIELD_TYPE,
        detail=f"field_type of {field_id} is {type_name!r}: give {wanted}",
    )


def _refused(code: Code, rule: FieldRule, why: str) -> Refusal:
    return Refusal(code, detail=f"{rule.field_id}: {why}")


RIGHTS_ERRORS = (
    ErrCode.RULE_SHEET_EMPTY,
    ErrCode.RULE_SHEET_REPEATED,
    ErrCode.RULE_SHEET_NOT_FOUND,
    ErrCode.INVALID_PRIV,
    ErrCode.PRIV_PARTS_MISMATCH,
    ErrCode.INVALID_RECORD_RANGE,
    ErrCode.ALL_RECORDS_WITH_CONDITIONS,
    ErrCode.INVALID_CONDITION_COUNT,
    ErrCode.CONDITION_FIELD_EMPTY,
    ErrCode.CREATOR_CONDITION_TYPED,
    ErrCode.INVALID_RULE_FIELD_TYPE,
    ErrCode.FIELD_NOT_FOUND,
    ErrCode.INVALID_FIELD_TYPE,
    ErrCode.INVALID_CONDITION_OPERATOR,
    ErrCode.CONDITION_VALUE_NOT_ALLOWED,
    ErrCode.CONDITION_VALUE_EMPTY,
    ErrCode.INVALID_OTHER_PRIV,
    ErrCode.INVALID_FIELD_RANGE,
    ErrCode.ALL_FIELDS_WITH_RULES,
    ErrCode.FIELD_RULES_EMPTY,
    ErrCode.FIELD_RULE_FIELD_EMPTY,
    ErrCode.FIELD_RULE_REPEATED,
    ErrCode.SYSTEM_FIELD_RIGHTS,
    ErrCode.COMPUTED_FIELD_EDITABLE,
    ErrCode.RIGHTS_NOT_TOGETHER,
    ErrCode.FIELD_RULE_CONTRADICTORY,
    ErrCode.CONDITION_FIELD_NOT_VISIBLE,
    ErrCode.INVALID_DEFAULT_RULE,
    ErrCode.DEFAULT_RULE_CONTRADICTORY,
)
"""What refuse_wrong_privs raises."""
