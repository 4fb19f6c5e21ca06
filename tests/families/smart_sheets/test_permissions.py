"""Permissions in the sub-tables of a smart sheet: the rule for all members and rules for some."""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.sheets import Sheet

FOR_ALL, FOR_SOME = 1, 2
EVERY_RECORD = {"record_range_type": 1}


class Rules:
    """The rules of a smart sheet that has a field of each type that rules can use."""

    def __init__(self, wecom: WeCom) -> None:
        self.wecom = wecom
        self.sheet = Sheet(wecom, 人="USER", 选="SINGLE_SELECT", 数="NUMBER")
        self.sheet_id, self.ids = self.sheet.sheet_id, self.sheet.ids

    def call(self, name: str, /, **body: Any) -> dict[str, Any]:
        given = {"docid": self.sheet.docid, **body}
        return self.wecom.post(f"wedoc/smartsheet/content_priv/{name}", given)

    def ok(self, name: str, /, **body: Any) -> dict[str, Any]:
        reply = self.call(name, **body)
        assert reply["errcode"] == 0, reply
        return reply

    def create(self, name: str) -> int:
        return int(self.ok("create_rule", name=name)["rule_id"])

    def of_all(self) -> dict[str, Any]:
        (rule,) = self.ok("get_sheet_priv", type=FOR_ALL)["rule_list"]
        return dict(rule)

    def of(self, *rule_ids: int) -> list[dict[str, Any]]:
        return list(self.ok("get_sheet_priv", type=FOR_SOME, rule_id_list=rule_ids)["rule_list"])

    def set(self, rule_id: int | None = None, **priv: Any) -> dict[str, Any]:
        """Sets the permissions of a rule on the sub-table, by default of the rule for all members."""
        which = {"type": FOR_SOME, "rule_id": rule_id} if rule_id else {"type": FOR_ALL}
        return self.call("update_sheet_priv", **which, priv_list=[{"sheet_id": self.sheet_id, **priv}])


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
    text = {"field_id": rules.sheet.primary, "can_edit": False, "can_insert": True, "can_view": True}
    default = {"can_edit": False, "can_insert": False, "can_view": True}
    field_priv = {"field_range_type": 2, "field_rule_list": [text], "field_default_rule": default}
    given: dict[str, Any] = {
        **{"priv": 2, "can_insert_record": True, "can_delete_record": True, "record_priv": EVERY_RECORD},
        **{"field_priv": field_priv, "can_create_modify_delete_view": True},
    }
    assert rules.set(**given)["errcode"] == 0
    typed = {**field_priv, "field_rule_list": [{**text, "field_type": "FIELD_TYPE_TEXT"}]}
    (shown,) = rules.of_all()["priv_list"]
    assert shown == {"sheet_id": rules.sheet_id, **given, "field_priv": typed}
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
    assert rules.set(first, priv=3, record_priv=some)["errcode"] == 0
    rules.ok("update_sheet_priv", type=FOR_SOME, rule_id=first, name="华北")
    (shown,) = rules.of(first)
    assert shown["name"] == "华北"
    assert shown["priv_list"] == [{"sheet_id": rules.sheet_id, "priv": 3, "record_priv": some}]
    members = {"add_member_range": {"userid_list": ["zhangsan", "lisi"]}}
    rules.ok("mod_rule_member", rule_id=first, **members, del_member_range={"userid_list": ["lisi", "x"]})
    rules.ok("delete_rule", rule_id_list=[second])
    assert rules.call("get_sheet_priv", type=FOR_SOME, rule_id_list=[second])["errcode"] == 40058
    assert rules.of_all()["priv_list"] == [{"sheet_id": rules.sheet_id, "priv": 1}]


def test_a_rule_loses_deleted_fields_and_sub_tables(rules: Rules) -> None:
    rule = rules.create("华东")
    listed = [{"field_id": rules.ids[title], "can_view": True} for title in ("人", "数")]
    conditions = [{"field_id": rules.ids["人"], "oper_type": 1}]
    assert (
        rules.set(
            rule,
            priv=2,
            field_priv={"field_range_type": 2, "field_rule_list": listed},
            record_priv={"record_range_type": 3, "record_rule_list": conditions},
        )["errcode"]
        == 0
    )
    rules.sheet.ok("delete_fields", field_ids=[rules.ids["人"]])
    ((shown,),) = (one["priv_list"] for one in rules.of(rule))
    assert [one["field_id"] for one in shown["field_priv"]["field_rule_list"]] == [rules.ids["数"]]
    assert shown["record_priv"]["record_rule_list"] == []
    rules.sheet.ok("delete_sheet")
    assert rules.of(rule)[0]["priv_list"] == rules.of_all()["priv_list"] == []


def test_rules_are_deleted_with_their_document(rules: Rules) -> None:
    rules.create("华东")
    rules.wecom.post("wedoc/del_doc", docid=rules.sheet.docid)
    assert rules.call("get_sheet_priv", type=FOR_ALL)["errcode"] == 301085


def test_a_smart_sheet_has_at_most_20_rules_with_unique_names(rules: Rules) -> None:
    first = rules.create("规则0")
    assert rules.call("create_rule", name="规则0")["errcode"] == 2022030
    assert rules.call("create_rule", name="长" * 256)["errcode"] == 40058
    for number in range(1, 20):
        rules.create(f"规则{number}")
    assert rules.call("create_rule", name="多")["errcode"] == 2022029
    taken = {"type": FOR_SOME, "rule_id": first, "name": "规则1"}
    assert rules.call("update_sheet_priv", **taken)["errcode"] == 2022030


def test_a_rule_has_at_most_50_members(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wecom_tollbooth.families.smart_sheets.sheet_permissions.MEMBERS_AT_MOST", 1)
    rule = rules.create("华东")

    def add(*userids: str) -> int:
        added = rules.call("mod_rule_member", rule_id=rule, add_member_range={"userid_list": userids})
        return int(added["errcode"])

    assert [add("zhangsan"), add("ZhangSan"), add("lisi"), add("nobody")] == [0, 0, 2022029, 40003]


def test_an_invalid_rule_is_refused_and_changes_nothing(rules: Rules) -> None:
    rule = rules.create("华东")
    text = {"field_id": rules.sheet.primary}
    some = {"record_range_type": 2}
    wrong: list[tuple[int | None, dict[str, Any], int]] = [
        (None, {"priv": 5}, 40058),
        (None, {"priv": 2}, 40063),
        (None, {"priv": 3}, 40063),
        (None, {"priv": 1, "field_priv": {"field_range_type": 1}}, 40063),
        (rule, {"priv": 1, "field_priv": {"field_range_type": 1, "field_default_rule": {}}}, 40058),
        (rule, {"priv": 1, "sheet_id": "q00000"}, 2543303),
        (rule, {"priv": 1, "record_priv": {**some, "record_rule_list": [{**text, "oper_type": 1}]}}, 40058),
        (rule, {"priv": 1, "record_priv": {**some, "record_rule_list": [{**text, "oper_type": 8}]}}, 40058),
    ]
    for field, errcode in (
        ({"field_id": "f00000"}, 2022004),
        ({**text, "field_type": "FIELD_TYPE_NUMBER"}, 2022010),
    ):
        listed = {"field_range_type": 2, "field_rule_list": [field]}
        wrong.append((rule, {"priv": 1, "field_priv": listed}, errcode))
    for rule_id, priv, errcode in wrong:
        assert rules.set(rule_id, **priv)["errcode"] == errcode, priv
    assert rules.set(99, priv=1)["errcode"] == 40058
    assert rules.call("update_sheet_priv", type=FOR_SOME)["errcode"] == 40063
    assert rules.call("get_sheet_priv", type=FOR_SOME)["errcode"] == 40063
    assert rules.call("get_sheet_priv", type=3)["errcode"] == 40058
    for name, which in (("delete_rule", {"rule_id_list": [1]}), ("mod_rule_member", {"rule_id": 1})):
        assert rules.call(name, **which)["errcode"] == 40058, name
    assert rules.of_all()["priv_list"] == [{"sheet_id": rules.sheet_id, "priv": 1}]
    assert rules.of(rule)[0]["priv_list"] == []
