"""聊天敏感词: rules, their ranges, and refusals."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom


def add(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    wanted = {
        "rule_name": "规则",
        "word_list": ["返现", "刷单"],
        "intercept_type": 1,
        "applicable_range": {"user_list": ["zhangsan"], "department_list": [2]},
    }
    return wecom.post("externalcontact/add_intercept_rule", {**wanted, **fields})


def added(wecom: WeCom, **fields: Any) -> str:
    reply = add(wecom, **fields)
    assert reply["errcode"] == 0, reply
    assert isinstance(reply["rule_id"], str)
    return str(reply["rule_id"])


def get(wecom: WeCom, rule_id: str) -> dict[str, Any]:
    reply = wecom.post("externalcontact/get_intercept_rule", rule_id=rule_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["rule"])


def update(wecom: WeCom, rule_id: str, **fields: Any) -> int:
    reply = wecom.post("externalcontact/update_intercept_rule", {"rule_id": rule_id, **fields})
    return int(reply["errcode"])


def delete(wecom: WeCom, rule_id: str) -> int:
    return int(wecom.post("externalcontact/del_intercept_rule", rule_id=rule_id)["errcode"])


def names(wecom: WeCom) -> list[str]:
    reply = wecom.get("externalcontact/get_intercept_rule_list")
    assert reply["errcode"] == 0, reply
    return [entry["rule_name"] for entry in reply["rule_list"]]


def test_a_rule_is_shown_as_it_was_created(wecom: WeCom) -> None:
    range_ = {"user_list": ["ZhangSan", "lisi", "zhangsan"], "department_list": [3, 2, 3]}
    rule_id = added(wecom, semantics_list=[3, 1, 3], applicable_range=range_, intercept_type=2)
    rule = get(wecom, rule_id)
    create_time = rule.pop("create_time")
    assert isinstance(create_time, int)
    assert rule == {
        "rule_id": rule_id,
        "rule_name": "规则",
        "word_list": ["返现", "刷单"],
        "extra_rule": {"semantics_list": [3, 1]},
        "semantics_list": [3, 1],
        "intercept_type": 2,
        "applicable_range": {"user_list": ["zhangsan", "lisi"], "department_list": [3, 2]},
    }
    listed = wecom.get("externalcontact/get_intercept_rule_list")["rule_list"]
    assert listed == [{"rule_id": rule_id, "rule_name": "规则", "create_time": create_time}]


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"rule_name": ""}, 40063),
        ({"rule_name": "长" * 21}, 40058),
        ({"word_list": []}, 40063),
        ({"word_list": ["词"] * 301}, 41068),
        ({"word_list": ["长" * 33]}, 41083),
        ({"word_list": ["词", ""]}, 41083),
        ({"semantics_list": [1, 4]}, 41084),
        ({"intercept_type": 0}, 40058),
        ({"intercept_type": 3}, 40058),
        ({"intercept_type": None}, 40063),
        ({"applicable_range": None}, 40063),
        ({"applicable_range": {"user_list": [], "department_list": []}}, 40063),
        ({"applicable_range": {"user_list": ["zhangsan"] * 1001}}, 41076),
        ({"applicable_range": {"department_list": [2] * 1001}}, 41076),
        ({"applicable_range": {"user_list": ["nobody"]}}, 40003),
        ({"applicable_range": {"department_list": [99]}}, 60123),
    ],
)
def test_invalid_rules_are_refused(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    assert add(wecom, **fields)["errcode"] == errcode
    assert names(wecom) == []


def test_the_longest_allowed_values_are_accepted(wecom: WeCom) -> None:
    words = ["长" * 32, *(f"词{number}" for number in range(299))]
    users = {"user_list": ["zhangsan"] * 1000}
    assert (
        get(wecom, added(wecom, rule_name="长" * 20, word_list=words, applicable_range=users))["word_list"]
        == words
    )


def test_names_are_unique_until_the_rule_is_deleted(wecom: WeCom) -> None:
    first, second = added(wecom), added(wecom, rule_name="另一")
    assert add(wecom)["errcode"] == 41077
    assert update(wecom, second, rule_name="规则") == 41077
    assert update(wecom, second, rule_name="另一") == 0
    assert delete(wecom, first) == 0
    assert names(wecom) == ["另一"]
    assert update(wecom, second, rule_name="规则") == 0
    assert names(wecom) == ["规则"]


def test_a_corp_has_at_most_100_rules(wecom: WeCom) -> None:
    rule_ids = [added(wecom, rule_name=f"规则{number}") for number in range(100)]
    assert add(wecom)["errcode"] == 41069
    assert delete(wecom, rule_ids[0]) == 0
    added(wecom)


def test_an_update_changes_only_the_given_fields(wecom: WeCom) -> None:
    rule_id = added(wecom, semantics_list=[1])
    before = get(wecom, rule_id)
    nothing = {"rule_name": "", "word_list": [], "extra_rule": {}, "intercept_type": 0}
    assert update(wecom, rule_id, **nothing) == 0
    assert update(wecom, rule_id) == 0
    assert get(wecom, rule_id) == before
    new = {"rule_name": "新", "word_list": ["词"], "intercept_type": 2}
    assert update(wecom, rule_id, **new, extra_rule={"semantics_list": [2, 3]}) == 0
    after = {**before, **new, "semantics_list": [2, 3], "extra_rule": {"semantics_list": [2, 3]}}
    assert get(wecom, rule_id) == after
    assert update(wecom, rule_id, extra_rule={"semantics_list": []}) == 0
    assert get(wecom, rule_id)["semantics_list"] == []


def test_an_update_removes_from_and_adds_to_the_range(wecom: WeCom) -> None:
    rule_id = added(wecom)

    def change(
        add_users: list[str], add_parties: list[int], drop_users: list[str], drop_parties: list[int]
    ) -> int:
        return update(
            wecom,
            rule_id,
            add_applicable_range={"user_list": add_users, "department_list": add_parties},
            remove_applicable_range={"user_list": drop_users, "department_list": drop_parties},
        )

    assert change(["lisi", "ZHANGSAN"], [3], ["wangwu"], [2]) == 0
    assert get(wecom, rule_id)["applicable_range"] == {
        "user_list": ["zhangsan", "lisi"],
        "department_list": [3],
    }
    assert change(["lisi"], [], ["lisi", "left-long-ago"], [3]) == 0
    assert get(wecom, rule_id)["applicable_range"] == {
        "user_list": ["zhangsan", "lisi"],
        "department_list": [],
    }
    assert change([], [], ["zhangsan", "lisi"], []) == 40063
    assert change(["nobody"], [], [], []) == 40003
    assert change([], [99], [], []) == 60123
    assert change([], [], ["zhangsan"] * 1001, []) == 41076
    assert len(get(wecom, rule_id)["applicable_range"]["user_list"]) == 2


def test_a_rule_names_at_most_10000_members(server: RunningServer) -> None:
    wecom = server.make_corp(seed="demo", members=10_010, customers=0).client()
    userids = [f"user{number:05d}" for number in range(6, 10_011)]
    rule_id = added(wecom, applicable_range={"user_list": userids[:1000]})
    for start in range(1000, 10_000, 1000):
        more = {"user_list": userids[start : start + 1000]}
        assert update(wecom, rule_id, add_applicable_range=more) == 0
    one_more = {"user_list": userids[10_000:10_001]}
    assert update(wecom, rule_id, add_applicable_range=one_more) == 41076
    assert update(wecom, rule_id, add_applicable_range={"department_list": [1]}) == 0
    gone = {"user_list": userids[:1]}
    assert update(wecom, rule_id, add_applicable_range=one_more, remove_applicable_range=gone) == 0
    assert get(wecom, rule_id)["applicable_range"]["user_list"] == userids[1:10_001]


def test_unknown_and_deleted_rules_answer_different_codes(wecom: WeCom) -> None:
    rule_id = added(wecom)
    assert delete(wecom, rule_id) == 0
    for operation in ("get_intercept_rule", "update_intercept_rule", "del_intercept_rule"):
        path = f"externalcontact/{operation}"
        assert wecom.post(path, rule_id=rule_id)["errcode"] == 41071
        assert wecom.post(path, rule_id="unknown")["errcode"] == 41070
        assert wecom.post(path)["errcode"] == 40063


def test_another_app_can_read_but_not_change_a_rule(corp: Corp, wecom: WeCom) -> None:
    rule_id = added(wecom)
    other = corp.client(corp.apps[1])
    assert names(other) == ["规则"]
    assert get(other, rule_id) == get(wecom, rule_id)
    assert update(other, rule_id, rule_name="新") == 60011
    assert delete(other, rule_id) == 60011
    assert names(wecom) == ["规则"]


def test_a_range_is_limited_to_the_apps_visible_range(corp: Corp, wecom: WeCom) -> None:
    shop = corp.client(corp.new_app(name="门店", visible={"userid": ["lisi"], "partyid": [2]}))
    range_ = {"user_list": ["zhangsan", "lisi", "wangwu"], "department_list": [1, 2, 3]}
    seen = get(shop, added(wecom, applicable_range=range_))["applicable_range"]
    assert seen == {"user_list": ["zhangsan", "lisi"], "department_list": [2]}
    for outside in ({"user_list": ["wangwu"]}, {"department_list": [3]}):
        assert add(shop, rule_name="门店", applicable_range=outside)["errcode"] == 60011
    own = added(shop, rule_name="门店")
    assert update(shop, own, add_applicable_range={"user_list": ["wangwu"]}) == 60011
    assert update(shop, own, remove_applicable_range={"user_list": ["wangwu"]}) == 60011


def test_only_apps_listed_in_customer_contact_may_call(corp: Corp) -> None:
    for kind in ("self_built_unlisted", "contacts_sync", "customer_contact"):
        reply = corp.client(corp.app_of_kind(kind)).get("externalcontact/get_intercept_rule_list")
        assert (reply["errcode"], reply["rule_list"]) == (48002, [])


def test_an_update_refuses_the_same_words_and_semantics_as_add(wecom: WeCom) -> None:
    rule_id = added(wecom)
    assert update(wecom, rule_id, word_list=["长" * 33]) == 41083
    assert update(wecom, rule_id, extra_rule={"semantics_list": [4]}) == 41084
