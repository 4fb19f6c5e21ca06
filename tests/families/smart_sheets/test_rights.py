"""What a permission rule cannot say of a sub-table: a code for each, and nothing of the call is kept.

The codes and their reasons are those of page 90313.
"""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.smart_sheets.content_rules import EVERY_FIELD, EVERY_RECORD, FOR_SOME, MAY_WORK, Rules
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.permission_rules import SheetPriv
from wecom_tollbooth.families.smart_sheets.engine.rights_checks import Pages, refuse_wrong_privs
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.gateway.errcodes import Refusal

Entry = dict[str, Any]


@pytest.fixture
def rules(wecom: WeCom) -> Rules:
    return Rules(wecom)


def edit(**parts: Any) -> Entry:
    """priv 2, right unless `parts` are wrong."""
    return {"priv": 2, **MAY_WORK, "field_priv": EVERY_FIELD, "record_priv": EVERY_RECORD, **parts}


def view(**parts: Any) -> Entry:
    """priv 3, likewise."""
    return {"priv": 3, "field_priv": EVERY_FIELD, "record_priv": EVERY_RECORD, **parts}


def fields(*rules: Entry, **others: Any) -> Entry:
    return {"field_priv": {"field_range_type": 2, "field_rule_list": list(rules), **others}}


def records(*conditions: Entry, **others: Any) -> Entry:
    some = {"record_range_type": 2, "record_rule_list": list(conditions), "other_priv": 2, **others}
    return {"record_priv": some}


def user(rules: Rules, **others: Any) -> Entry:
    """A condition on the field of users."""
    return {"field_id": rules.ids["人"], "field_type": "FIELD_TYPE_USER", "oper_type": 1, **others}


def option(rules: Rules, **others: Any) -> Entry:
    """A condition on the field of options."""
    named = {"field_id": rules.ids["选"], "field_type": "FIELD_TYPE_SINGLE_SELECT"}
    return {**named, "oper_type": 2, "value": ["o"], **others}


def wrong_entries(rules: Rules) -> list[tuple[int, Entry]]:
    """Entries of a rule for some members, with the code that each answers."""
    text, number = rules.field("文本", "TEXT", "view"), rules.field("数", "NUMBER", "view")
    creator = {"field_id": "CREATED_USER", "oper_type": 1}
    full = ("edit", "insert", "view")
    return [
        (640086, {"sheet_id": "", "priv": 1}),
        (640097, {"sheet_id": "q00000", "priv": 1}),
        (640089, {"priv": 5}),
        (640089, {"priv": 0}),
        (640089, {}),
        # The parts that a priv takes.
        (640088, {"priv": 1, "field_priv": EVERY_FIELD}),
        (640088, {"priv": 4, "record_priv": EVERY_RECORD}),
        (640088, {"priv": 1, "can_insert_record": True}),
        (640088, edit(field_priv=None)),
        (640088, edit(record_priv=None)),
        (640088, edit(can_delete_record=None)),
        (640088, view(field_priv=None)),
        (640088, view(record_priv={})),
        (640088, view(can_insert_record=True)),
        # Records.
        (640077, edit(record_priv={"record_range_type": 4})),
        (640070, edit(record_priv={**EVERY_RECORD, "record_rule_list": [creator]})),
        (640070, edit(record_priv={**EVERY_RECORD, "other_priv": 1})),
        (640071, edit(**records())),
        (640071, edit(**records(*[creator] * 21))),
        (640072, edit(**records({"field_id": "", "oper_type": 1}))),
        (640095, edit(**records({**creator, "field_type": "FIELD_TYPE_USER"}))),
        (640096, edit(**records(user(rules, field_type="")))),
        (640096, edit(**records({"field_id": rules.ids["文本"], "field_type": "FIELD_TYPE_TEXT"}))),
        (2022004, edit(**records(user(rules, field_id="f00000")))),
        (2022010, edit(**records(user(rules, field_type="FIELD_TYPE_SELECT")))),
        (640075, edit(**records(option(rules, oper_type=8)))),
        (640075, edit(**records({**creator, "oper_type": 2, "value": ["zhangsan"]}))),
        (640075, edit(**records(user(rules, oper_type=6)))),
        (640073, edit(**records({**creator, "value": ["zhangsan"]}))),
        (640073, edit(**records(option(rules, oper_type=7)))),
        (640074, edit(**records(option(rules, value=None)))),
        (640074, edit(**records(option(rules, oper_type=5, value=[])))),
        (640076, edit(**records(creator, other_priv=3))),
        (640076, edit(**records(creator, other_priv=None))),
        (640076, view(**records(creator, other_priv=1))),
        # Fields.
        (640085, edit(field_priv={"field_range_type": 3})),
        (640078, edit(field_priv={**EVERY_FIELD, "field_rule_list": [text]})),
        (640078, edit(field_priv={**EVERY_FIELD, "field_default_rule": {}})),
        (640093, edit(field_priv={"field_range_type": 2})),
        (640079, edit(**fields({**text, "field_id": ""}))),
        (640080, edit(**fields(text, text))),
        (640096, edit(**fields({**text, "field_type": ""}))),
        (2022004, edit(**fields({**text, "field_id": "f00000"}))),
        (2022010, edit(**fields({**text, "field_type": "FIELD_TYPE_NUMBER"}))),
        (640101, edit(**fields(rules.field("建", "CREATED_TIME", "edit", "view")))),
        (640101, edit(**fields(rules.field("建", "CREATED_TIME")))),
        (640100, edit(**fields(rules.field("式", "FORMULA", "insert")))),
        (640098, edit(**fields(rules.field("数", "NUMBER", "edit", "view")))),
        (640081, view(**fields(rules.field("文本", "TEXT", "insert", "view")))),
        (640081, edit(**fields(rules.field("文本", "TEXT", "edit")))),
        # Conditions on fields that the field rules don't show, and the default of other fields.
        (640082, edit(**fields(text), **records(user(rules)))),
        (640082, edit(**fields(rules.field("人", "USER")), **records(user(rules)))),
        (640083, edit(**fields(number, field_default_rule={"can_view": True}))),
        (640083, edit(**fields(rules.field("数", "NUMBER", *full), field_default_rule={}))),
    ]


def test_each_wrong_entry_has_a_code_and_changes_nothing(rules: Rules) -> None:
    rule = rules.create("华东")
    for errcode, entry in wrong_entries(rules):
        assert rules.set(rule, **entry)["errcode"] == errcode, entry
    twice = [{"sheet_id": rules.sheet_id, "priv": 1}, {"sheet_id": rules.sheet_id, "priv": 4}]
    refused = rules.call("update_sheet_priv", type=FOR_SOME, rule_id=rule, name="新", priv_list=twice)
    assert refused["errcode"] == 640087
    assert rules.of(rule)[0] == {"rule_id": rule, "type": FOR_SOME, "name": "华东", "priv_list": []}


def test_the_rule_for_all_members_needs_a_default_that_fits(rules: Rules) -> None:
    text = rules.field("文本", "TEXT", "view")
    for errcode, entry in (
        (640083, edit(**fields(text))),
        (640084, edit(**fields(text, field_default_rule={"can_edit": True}))),
        (640084, view(**fields(text, field_default_rule={"can_insert": True, "can_view": True}))),
        (640082, edit(**fields(text, field_default_rule={"can_insert": True}), **records(user(rules)))),
        (0, edit(**fields(text, field_default_rule={"can_view": True}), **records(user(rules)))),
        (0, edit()),
    ):
        assert rules.set(**entry)["errcode"] == errcode, entry


def test_what_fits_is_taken(rules: Rules) -> None:
    rule = rules.create("华东")
    full = ("edit", "insert", "view")
    right: list[Entry] = [
        {"priv": 1},
        # Clients send false and empty parts for what they don't set.
        {"priv": 4, "can_insert_record": False, "field_priv": {"field_range_type": 0}, "record_priv": {}},
        edit(),
        view(can_insert_record=False),
        edit(**fields(rules.field("数", "NUMBER", *full), rules.field("式", "FORMULA"))),
        view(**fields(rules.field("建", "CREATED_TIME", "view"), rules.field("选", "SINGLE_SELECT", "view"))),
        edit(**records(option(rules), option(rules, oper_type=6, value=None), user(rules), other_priv=1)),
        edit(**fields(rules.field("人", "USER", "view")), **records(user(rules))),
        # clear looks at the sub-table alone.
        {"priv": 9, "clear": True},
    ]
    for entry in right:
        assert rules.set(rule, **entry)["errcode"] == 0, entry
    assert rules.of(rule)[0]["priv_list"] == []


# --- the two pages that contradict each other --------------------------------------------------------------

SAMPLE_OF_99935: Entry = {
    "sheet_id": "q1",
    "priv": 1,
    "can_insert_record": True,
    "can_delete_record": True,
    "can_create_modify_delete_view": True,
    "field_priv": {
        "field_range_type": 2,
        "field_rule_list": [
            {"field_id": "f1", "can_edit": True, "can_insert": True, "can_view": True},
            {"field_id": "f2", "can_edit": False, "can_insert": True, "can_view": True},
        ],
    },
    "record_priv": {
        "record_range_type": 2,
        "record_rule_list": [
            {"field_id": "f1", "field_type": "FIELD_TYPE_TEXT", "oper_type": 1},
            {"field_id": "CREATED_USER", "oper_type": 1},
            {"field_id": "f2", "oper_type": 2, "field_type": "FIELD_TYPE_SELECT", "value": ["a", "b"]},
        ],
    },
    "clear": False,
}
COLUMNS = [Column("f1", "文本", "FIELD_TYPE_TEXT"), Column("f2", "选", "FIELD_TYPE_SELECT")]
ONE_SHEET = Sheet("dc", "q1", "", 0, 1, COLUMNS)


def check(entry: Entry, type_: int, *, is_strict: bool = True, default_rule_for: int = 1) -> int:
    """The code that an entry answers under this reading of the pages, 0 for none."""
    try:
        refuse_wrong_privs(
            [SheetPriv.model_validate(entry)], type_, lambda _: ONE_SHEET, Pages(is_strict, default_rule_for)
        )
    except Refusal as refusal:
        return int(refusal.errcode)
    return 0


def test_the_sample_of_page_99935_passes_only_by_its_own_rules() -> None:
    assert check(SAMPLE_OF_99935, FOR_SOME) == 640088
    assert check(SAMPLE_OF_99935, FOR_SOME, is_strict=False) == 0
    assert check({"sheet_id": "q1", "priv": 2}, FOR_SOME, is_strict=False) == 640088
    assert check({"sheet_id": "q1", "priv": 2, "record_priv": EVERY_RECORD}, FOR_SOME, is_strict=False) == 0


def test_which_rule_has_a_default_rule_is_a_setting() -> None:
    rule = {"field_id": "f1", "field_type": "FIELD_TYPE_TEXT", "can_view": True}
    bare = {"sheet_id": "q1", **view(**fields(rule))}
    default = {"sheet_id": "q1", **view(**fields(rule, field_default_rule={"can_view": True}))}
    by_page = {
        default_rule_for: [
            check(entry, type_, default_rule_for=default_rule_for)
            for entry in (bare, default)
            for type_ in (1, 2)
        ]
        for default_rule_for in (1, 2)
    }
    assert by_page == {1: [640083, 0, 0, 640083], 2: [0, 640083, 640083, 0]}
