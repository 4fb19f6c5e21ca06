"""Permissions in the sub-tables of a smart sheet: the rule for all members and rules for some."""

from typing import Any

import pytest

from tests.conftest import RunningServer, WeCom
from tests.families.smart_sheets.content_rules import EVERY_FIELD, EVERY_RECORD, FOR_ALL, FOR_SOME, Rules


@pytest.fixture
def rules(wecom: WeCom) -> Rules:
    return Rules(wecom)


def test_the_rule_for_all_members_allows_everything_by_default(rules: Rules) -> None:
    other = rules.sheet.ok("add_sheet", properties={"index": 1})["properties"]["sheet_id"]
    assert rules.of_all() == {
        **{"rule_id": 1, "type": FOR_ALL, "name": "全员权限"},
        "priv_list": [{"sheet_id": rules.sheet_id, "priv": 1}, {"sheet_id": other, "priv": 1}],
    }


def test_the_rule_for_all_members_is_stored_until_it_is_cleared(rules: Rules) -> None:
    text = rules.field("文本", "TEXT", "insert", "view")
    default = {"can_edit": False, "can_insert": False, "can_view": True}
    field_priv = {"field_range_type": 2, "field_rule_list": [text], "field_default_rule": default}
    given: dict[str, Any] = {
        **{"priv": 2, "can_insert_record": True, "can_delete_record": True, "record_priv": EVERY_RECORD},
        **{"field_priv": field_priv, "can_create_modify_delete_view": True},
    }
    assert rules.set(**given)["errcode"] == 0
    (shown,) = rules.of_all()["priv_list"]
    assert shown == {"sheet_id": rules.sheet_id, **given}
    assert rules.set(priv=4)["errcode"] == 0
    assert rules.of_all()["priv_list"] == [{"sheet_id": rules.sheet_id, "priv": 4}]
    assert rules.set(priv=4, clear=True)["errcode"] == 0
    assert rules.of_all()["priv_list"] == [{"sheet_id": rules.sheet_id, "priv": 1}]


def test_rules_for_some_members_are_created_changed_and_deleted(rules: Rules) -> None:
    first, second = rules.create("华东"), rules.create("华南")
    assert (first, second) == (2, 3)
    assert rules.of(second, first) == [
        {"rule_id": second, "type": FOR_SOME, "name": "华南", "priv_list": []},
        {"rule_id": first, "type": FOR_SOME, "name": "华东", "priv_list": []},
    ]
    option = rules.ids["选"]
    conditions = [
        {"field_id": "CREATED_USER", "oper_type": 1},
        {
            "field_id": option,
            "field_type": "FIELD_TYPE_SINGLE_SELECT",
            "oper_type": 2,
            "value": ["o"],
        },
    ]
    some = {"record_range_type": 2, "record_rule_list": conditions, "other_priv": 2}
    assert rules.set(first, priv=3, record_priv=some, field_priv=EVERY_FIELD)["errcode"] == 0
    rules.ok("update_sheet_priv", type=FOR_SOME, rule_id=first, name="华北")
    (shown,) = rules.of(first)
    assert shown["name"] == "华北"
    stored = {"priv": 3, "record_priv": some, "field_priv": EVERY_FIELD}
    assert shown["priv_list"] == [{"sheet_id": rules.sheet_id, **stored}]
    rules.ok("mod_rule_member", rule_id=first, add_member_range={"userid_list": ["zhangsan", "lisi"]})
    rules.ok("mod_rule_member", rule_id=first, del_member_range={"userid_list": ["LISI"]})
    rules.ok("delete_rule", rule_id_list=[second])
    assert rules.call("get_sheet_priv", type=FOR_SOME, rule_id_list=[second])["errcode"] == 640065
    assert rules.of_all()["priv_list"] == [{"sheet_id": rules.sheet_id, "priv": 1}]


def test_a_rule_loses_deleted_fields_and_sub_tables(rules: Rules) -> None:
    rule = rules.create("华东")
    listed = [rules.field("人", "USER", "view"), rules.field("数", "NUMBER", "view")]
    conditions = [{"field_id": rules.ids["人"], "field_type": "FIELD_TYPE_USER", "oper_type": 1}]
    set_ = rules.set(
        rule,
        priv=3,
        field_priv={"field_range_type": 2, "field_rule_list": listed},
        record_priv={"record_range_type": 3, "record_rule_list": conditions, "other_priv": 2},
    )
    assert set_["errcode"] == 0
    rules.sheet.ok("delete_fields", field_ids=[rules.ids["人"]])
    ((shown,),) = (one["priv_list"] for one in rules.of(rule))
    assert [one["field_id"] for one in shown["field_priv"]["field_rule_list"]] == [rules.ids["数"]]
    assert shown["record_priv"]["record_rule_list"] == []
    rules.sheet.ok("add_sheet", properties={"index": 1})
    rules.sheet.ok("delete_sheet")
    assert rules.of(rule)[0]["priv_list"] == []
    assert len(rules.of_all()["priv_list"]) == 1


def test_rules_are_deleted_with_their_document(rules: Rules) -> None:
    rules.create("华东")
    rules.wecom.post("wedoc/del_doc", docid=rules.sheet.docid)
    assert rules.call("get_sheet_priv", type=FOR_ALL)["errcode"] == 301085


def test_a_smart_sheet_has_at_most_20_rules_with_unique_names(rules: Rules) -> None:
    first = rules.create("规则0")
    wrong = {"规则0": 640061, "全员权限": 640061, "长" * 21: 640062, "": 40063}
    for name, errcode in wrong.items():
        assert rules.call("create_rule", name=name)["errcode"] == errcode, name
    rules.create("长" * 20)
    for number in range(1, 19):
        rules.create(f"规则{number}")
    assert rules.call("create_rule", name="多")["errcode"] == 640063
    for name, errcode in {"规则1": 640061, "全员权限": 640061, "长" * 21: 640062}.items():
        renamed = rules.call("update_sheet_priv", type=FOR_SOME, rule_id=first, name=name)
        assert renamed["errcode"] == errcode, name
    rules.ok("update_sheet_priv", type=FOR_SOME, rule_id=first, name="规则0")
    assert rules.call("update_sheet_priv", type=FOR_ALL, name="别的")["errcode"] == 640094
    assert rules.of_all()["name"] == "全员权限"


def test_a_rule_has_at_most_so_many_members_each_once(
    rules: Rules, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.settings, "sheet_rule_members_cap", 1)
    rule = rules.create("华东")

    def change(which: str, *userids: str) -> int:
        changed = rules.call("mod_rule_member", rule_id=rule, **{which: {"userid_list": userids}})
        return int(changed["errcode"])

    added = [("zhangsan", "ZhangSan"), ("zhangsan",), ("ZhangSan",), ("lisi",), ("nobody",)]
    assert [change("add_member_range", *one) for one in added] == [640091, 0, 0, 640069, 40003]
    removed = [("lisi",), ("nobody",), ("zhangsan", "ZHANGSAN"), ("ZHANGSAN",), ("zhangsan",)]
    assert [change("del_member_range", *one) for one in removed] == [640092, 640092, 640091, 0, 640092]


def test_an_unknown_rule_answers_640065(rules: Rules) -> None:
    assert rules.set(99, priv=1)["errcode"] == 640065
    for name, which in (
        ("delete_rule", {"rule_id_list": [1]}),
        ("mod_rule_member", {"rule_id": 1}),
        ("get_sheet_priv", {"type": FOR_SOME, "rule_id_list": [1]}),
        ("update_sheet_priv", {"type": FOR_SOME, "rule_id": 1}),
    ):
        assert rules.call(name, **which)["errcode"] == 640065, name
    assert rules.call("update_sheet_priv", type=FOR_SOME)["errcode"] == 40063
    assert rules.call("get_sheet_priv", type=FOR_SOME)["errcode"] == 40063
    for name in ("get_sheet_priv", "update_sheet_priv"):
        assert rules.call(name, type=3)["errcode"] == 40058
