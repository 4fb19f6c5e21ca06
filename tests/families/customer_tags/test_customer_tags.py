"""客户标签: the library of corp tags."""

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.tag_groups import (
    ADD,
    DELETE,
    EDIT,
    GET,
    TAG_LIST,
    add,
    ids,
    library,
    many_tags,
    mark,
    tags_of,
)


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    return untagged


# --- add_corp_tag ----------------------------------------------------------------------------------------


def test_a_new_group_is_created_with_its_tags(wecom: WeCom) -> None:
    reply = wecom.post(
        ADD,
        group_name="等级",
        order=7,
        tag=[{"name": "金", "order": 2}, {"name": "银", "order": 1}],
        agentid=1,
    )
    group = reply["tag_group"]
    assert list(group) == ["group_id", "group_name", "create_time", "order", "tag"]
    assert (group["group_name"], group["order"]) == ("等级", 7)
    assert [(tag["name"], tag["order"]) for tag in group["tag"]] == [("金", 2), ("银", 1)]
    for tag in group["tag"]:
        assert list(tag) == ["id", "name", "create_time", "order"]
        assert tag["create_time"] == group["create_time"]
    for id_ in (group["group_id"], *ids(group)):
        assert len(id_) == 32
        assert id_.startswith("et")


def test_the_reply_has_only_the_new_tags(wecom: WeCom) -> None:
    first = add(wecom, "等级", "金")
    second = add(wecom, "等级", "银")
    assert second["group_id"] == first["group_id"]
    assert [tag["name"] for tag in second["tag"]] == ["银"]
    assert library(wecom) == {"等级": ["金", "银"]}


def test_with_group_id_the_name_and_order_of_the_group_are_ignored(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", order=5)
    reply = wecom.post(ADD, group_id=group["group_id"], group_name="别的", order=9, tag=[{"name": "银"}])
    assert reply["tag_group"]["group_name"] == "等级"
    assert reply["tag_group"]["order"] == 5
    assert library(wecom) == {"等级": ["金", "银"]}


def test_a_repeated_name_in_a_request_adds_one_tag(wecom: WeCom) -> None:
    assert [tag["name"] for tag in add(wecom, "等级", "金", "银", "金")["tag"]] == ["金", "银"]


def test_an_existing_name_refuses_the_whole_call(wecom: WeCom) -> None:
    add(wecom, "等级", "金")
    refused = wecom.post(ADD, group_name="等级", tag=[{"name": "银"}, {"name": "金"}])
    assert refused["errcode"] == 40071
    assert refused["errmsg"].startswith("UserTag Name Already Exist, hint: [")
    assert "tag_group" not in refused
    assert library(wecom) == {"等级": ["金"]}


def test_tag_names_are_unique_within_their_group(wecom: WeCom) -> None:
    add(wecom, "等级", "高")
    add(wecom, "意向", "高")
    add(wecom, "other", "Gold", "gold", " gold")
    assert library(wecom) == {"等级": ["高"], "意向": ["高"], "other": ["Gold", "gold", " gold"]}


def test_a_refused_call_leaves_no_empty_group_behind(wecom: WeCom) -> None:
    assert wecom.post(ADD, group_name="空", tag=[])["errcode"] == 41018
    assert wecom.post(ADD, group_name="空")["errcode"] == 41018
    assert wecom.post(ADD, group_name="空", tag=[{"name": "甲"}, {"name": "字" * 31}])["errcode"] == 40058
    assert library(wecom) == {}


def test_add_corp_tag_answers_specific_errcodes(wecom: WeCom) -> None:
    tag = [{"name": "金"}]
    assert wecom.post(ADD, tag=tag)["errcode"] == 41018
    assert wecom.post(ADD, group_id="", group_name="", tag=tag)["errcode"] == 41018
    assert wecom.post(ADD, group_name="g", tag=[{}])["errcode"] == 41018
    assert wecom.post(ADD, group_name="g", tag=[{"name": ""}])["errcode"] == 41018
    assert wecom.post(ADD, group_id="etNobody", tag=tag)["errcode"] == 40068
    of_a_tag = ids(add(wecom, "g", "金"))[0]
    assert wecom.post(ADD, group_id=of_a_tag, tag=tag)["errcode"] == 40068
    for order in (-1, 2**32):
        assert wecom.post(ADD, group_name="h", order=order, tag=tag)["errcode"] == 40058
        assert wecom.post(ADD, group_name="h", tag=[{"name": "x", "order": order}])["errcode"] == 40058
    assert library(wecom) == {"g": ["金"]}


def test_names_have_at_most_30_characters(wecom: WeCom) -> None:
    add(wecom, "字" * 30, "🍵" * 30)
    refused = wecom.post(ADD, group_name="g", tag=[{"name": "字" * 31}])
    assert refused["errcode"] == 40058
    assert refused["errmsg"].startswith("tag.name exceed max utf8 words 30, hint: [")
    assert wecom.post(ADD, group_name="字" * 31, tag=[{"name": "a"}])["errcode"] == 40058


def test_another_app_can_add_tags_to_a_group(wecom: WeCom) -> None:
    second = wecom.corp.client(wecom.corp.apps[1])
    group = add(wecom, "等级", "金")
    assert second.post(ADD, group_id=group["group_id"], tag=[{"name": "银"}])["errcode"] == 0
    assert library(wecom) == {"等级": ["金", "银"]}


def test_a_deleted_name_can_be_used_again(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", "银")
    wecom.post(DELETE, tag_id=[ids(group)[0]])
    again = add(wecom, "等级", "金")
    assert again["group_id"] == group["group_id"]
    assert ids(again)[0] != ids(group)[0]
    wecom.post(DELETE, group_id=[group["group_id"]])
    assert add(wecom, "等级", "金")["group_id"] != group["group_id"]
    refused = wecom.post(ADD, group_id=group["group_id"], tag=[{"name": "铜"}])
    assert refused["errcode"] == 40068


def test_a_corp_has_at_most_10000_tags(wecom: WeCom) -> None:
    many_tags(wecom, 9_998)
    refused = wecom.post(ADD, group_name="g", tag=[{"name": name} for name in "abc"])
    assert refused["errcode"] == 40126
    assert "g" not in library(wecom)
    add(wecom, "g", "a", "b", "a")
    assert wecom.post(ADD, group_name="g", tag=[{"name": "c"}])["errcode"] == 40126
    group = add_room(wecom)
    assert wecom.post(ADD, group_id=group, tag=[{"name": "c"}])["errcode"] == 0


def add_room(wecom: WeCom) -> str:
    """Deletes one tag of the group g and returns the group's id; deleted tags do not count."""
    (group,) = [group for group in wecom.post(TAG_LIST)["tag_group"] if group["group_name"] == "g"]
    assert wecom.post(DELETE, tag_id=[ids(group)[0]])["errcode"] == 0
    return str(group["group_id"])


# --- get_corp_tag_list -----------------------------------------------------------------------------------


def test_the_list_has_the_tags_of_all_apps(corp: Corp) -> None:
    first, second = corp.client(), corp.client(corp.apps[1])
    made_in_the_console = library(first)
    assert len(made_in_the_console) == 3
    add(first, "甲", "1")
    add(second, "乙", "2")
    assert library(first) == library(second) == {**made_in_the_console, "甲": ["1"], "乙": ["2"]}


def test_the_full_list_has_no_deleted_tags_or_flags(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", "银")
    wecom.post(DELETE, tag_id=[ids(group)[0]])
    (shown,) = wecom.post(TAG_LIST)["tag_group"]
    assert set(shown) == {"group_id", "group_name", "create_time", "order", "tag"}
    (tag,) = shown["tag"]
    assert set(tag) == {"id", "name", "create_time", "order"}
    assert tag["name"] == "银"


def test_tags_are_sorted_by_descending_order_then_age(wecom: WeCom) -> None:
    add(wecom, "低", "a", order=1)
    add(wecom, "高", "a", order=4294967295)
    wecom.post(ADD, group_name="中", order=5, tag=[{"name": str(n), "order": n % 3} for n in range(6)])
    assert library(wecom) == {"高": ["a"], "中": ["2", "5", "1", "4", "0", "3"], "低": ["a"]}
    assert list(library(wecom)) == ["高", "中", "低"]


def test_tags_of_the_demo_corp_are_listed_in_their_natural_order(corp: Corp) -> None:
    shown = library(corp.client())
    assert list(shown) == ["客户等级", "购买意向", "口味偏好"]
    assert shown["客户等级"] == ["一般", "重要", "核心"]


def test_a_list_by_tag_id_returns_groups_with_only_those_tags(wecom: WeCom) -> None:
    one, other = add(wecom, "等级", "金", "银"), add(wecom, "意向", "高", "低")
    add(wecom, "无关", "x")
    reply = wecom.post(TAG_LIST, tag_id=[ids(one)[0], ids(other)[1], ids(one)[0]])
    shown = {group["group_name"]: group for group in reply["tag_group"]}
    assert {name: [tag["name"] for tag in group["tag"]] for name, group in shown.items()} == {
        "等级": ["金"],
        "意向": ["低"],
    }
    for group in shown.values():
        assert group["deleted"] is False
        assert all(tag["deleted"] is False for tag in group["tag"])


def test_a_list_by_group_id_returns_all_tags_of_the_group(wecom: WeCom) -> None:
    one = add(wecom, "等级", "金", "银")
    add(wecom, "意向", "高")
    reply = wecom.post(TAG_LIST, group_id=[one["group_id"]])
    (group,) = reply["tag_group"]
    assert "deleted" not in group
    assert [(tag["name"], tag["deleted"]) for tag in group["tag"]] == [("金", False), ("银", False)]


def test_group_id_takes_precedence_over_tag_id(wecom: WeCom) -> None:
    one, other = add(wecom, "等级", "金"), add(wecom, "意向", "高")
    assert library(wecom, group_id=[one["group_id"]], tag_id=ids(other)) == {"等级": ["金"]}
    assert library(wecom, group_id=[one["group_id"]], tag_id=["etNobody"]) == {"等级": ["金"]}
    assert library(wecom, group_id=[], tag_id=ids(other)) == {"意向": ["高"]}
    assert library(wecom, group_id=[], tag_id=[]) == {"等级": ["金"], "意向": ["高"]}


def test_deleted_tags_are_found_by_id(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", "银")
    wecom.post(DELETE, tag_id=[ids(group)[0]])
    (by_group,) = wecom.post(TAG_LIST, group_id=[group["group_id"]])["tag_group"]
    assert {tag["name"]: tag["deleted"] for tag in by_group["tag"]} == {"金": True, "银": False}
    (by_tag,) = wecom.post(TAG_LIST, tag_id=[ids(group)[0]])["tag_group"]
    assert by_tag["deleted"] is False
    assert [(tag["name"], tag["deleted"]) for tag in by_tag["tag"]] == [("金", True)]
    wecom.post(DELETE, group_id=[group["group_id"]])
    assert library(wecom) == {}
    (by_tag,) = wecom.post(TAG_LIST, tag_id=[ids(group)[1]])["tag_group"]
    assert by_tag["deleted"] is True
    assert [(tag["name"], tag["deleted"]) for tag in by_tag["tag"]] == [("银", True)]
    (by_group,) = wecom.post(TAG_LIST, group_id=[group["group_id"]])["tag_group"]
    assert all(tag["deleted"] for tag in by_group["tag"])


def test_an_unknown_id_is_refused(wecom: WeCom, server: RunningServer) -> None:
    group = add(wecom, "等级", "金")
    foreign = add(server.make_corp().client(), "等级", "金")
    for fields in (
        {"tag_id": ["etNobody"]},
        {"tag_id": [*ids(group), "etNobody"]},
        {"tag_id": [group["group_id"]]},
        {"group_id": ids(group)},
        {"tag_id": ids(foreign)},
        {"group_id": [foreign["group_id"]]},
        {"group_id": [""]},
    ):
        refused = wecom.post(TAG_LIST, **fields)
        assert (refused["errcode"], refused["tag_group"]) == (40068, [])
        assert refused["errmsg"].startswith("invalid tagid, hint: [")


# --- edit_corp_tag ---------------------------------------------------------------------------------------


def test_a_tag_and_a_group_are_renamed_and_reordered(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", "银")
    assert wecom.post(EDIT, id=ids(group)[1], name="铂", order=9) == {"errcode": 0, "errmsg": "ok"}
    assert wecom.post(EDIT, id=group["group_id"], name="会员等级", order=3)["errcode"] == 0
    (shown,) = wecom.post(TAG_LIST)["tag_group"]
    assert (shown["group_name"], shown["order"]) == ("会员等级", 3)
    assert [(tag["name"], tag["order"]) for tag in shown["tag"]] == [("铂", 9), ("金", 0)]


def test_an_edit_changes_only_the_given_fields(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", order=4)
    (tag_id,) = ids(group)
    wecom.post(EDIT, id=tag_id, order=6)
    for fields in ({"name": "铂"}, {"name": ""}, {"name": None, "order": None}, {}):
        assert wecom.post(EDIT, id=tag_id, agent_id="", **fields)["errcode"] == 0
    assert wecom.post(EDIT, id=group["group_id"], name="会员")["errcode"] == 0
    (shown,) = wecom.post(TAG_LIST)["tag_group"]
    assert (shown["group_name"], shown["order"]) == ("会员", 4)
    assert [(tag["name"], tag["order"]) for tag in shown["tag"]] == [("铂", 6)]
    wecom.post(EDIT, id=tag_id, order=0)
    assert wecom.post(TAG_LIST)["tag_group"][0]["tag"][0]["order"] == 0


def test_a_renamed_tag_is_renamed_on_its_customers(wecom: WeCom) -> None:
    (tag_id,) = ids(add(wecom, "等级", "金"))
    mark(wecom, add_tag=[tag_id])
    wecom.post(EDIT, id=tag_id, name="铂")
    follower = wecom.get(GET, external_userid="wmA")["follow_user"][1]
    assert follower["tags"] == [{"group_name": "等级", "tag_name": "铂", "tag_id": tag_id, "type": 1}]


def test_a_rename_to_an_existing_name_is_refused(wecom: WeCom) -> None:
    one, other = add(wecom, "等级", "金", "银"), add(wecom, "意向", "金")
    assert wecom.post(EDIT, id=ids(one)[1], name="金")["errcode"] == 40071
    assert wecom.post(EDIT, id=ids(one)[0], name="金", order=1)["errcode"] == 0
    assert wecom.post(EDIT, id=ids(other)[0], name="银")["errcode"] == 0
    assert wecom.post(EDIT, id=other["group_id"], name="等级")["errcode"] == 40071
    assert wecom.post(EDIT, id=other["group_id"], name="金")["errcode"] == 0
    wecom.post(DELETE, tag_id=[ids(one)[0]])
    assert wecom.post(EDIT, id=ids(one)[1], name="金")["errcode"] == 0


def test_edit_corp_tag_answers_specific_errcodes(wecom: WeCom) -> None:
    (tag_id,) = ids(add(wecom, "等级", "金"))
    missing = wecom.post(EDIT, name="银")
    assert missing["errcode"] == 41017
    assert missing["errmsg"].startswith("missing tagid, hint: [")
    assert wecom.post(EDIT, id="etNobody", name="银")["errcode"] == 40068
    assert wecom.post(EDIT, id=tag_id, name="字" * 31)["errcode"] == 40058
    assert wecom.post(EDIT, id=tag_id, order=-1)["errcode"] == 40058
    assert wecom.post(EDIT, id=tag_id, order=2**32)["errcode"] == 40058
    wecom.post(DELETE, tag_id=[tag_id])
    assert wecom.post(EDIT, id=tag_id, name="银")["errcode"] == 40068


@pytest.mark.parametrize("operation", [EDIT, DELETE])
def test_an_app_can_change_only_its_own_tags(corp: Corp, operation: str) -> None:
    first, second = corp.client(), corp.client(corp.apps[1])
    of_the_console = first.post(TAG_LIST)["tag_group"][0]
    own = add(first, "等级", "金")
    before = library(first)
    for caller, group in ((first, of_the_console), (second, own)):
        for id_, field in ((ids(group)[0], "tag_id"), (group["group_id"], "group_id")):
            fields = {"id": id_, "name": "新"} if operation == EDIT else {field: [id_]}
            refused = caller.post(operation, **fields)
            assert refused["errcode"] == 81011
    assert library(first) == before


# --- del_corp_tag ----------------------------------------------------------------------------------------


def test_deleting_a_group_removes_its_tags_from_customers(wecom: WeCom) -> None:
    group, other = add(wecom, "等级", "金", "银"), add(wecom, "意向", "高")
    mark(wecom, add_tag=[*ids(group), *ids(other)])
    assert wecom.post(DELETE, group_id=[group["group_id"]]) == {"errcode": 0, "errmsg": "ok"}
    assert library(wecom) == {"意向": ["高"]}
    assert tags_of(wecom) == ids(other)


def test_deleting_the_last_tag_deletes_the_group(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", "银", "铜")
    wecom.post(DELETE, tag_id=[ids(group)[0]])
    assert library(wecom) == {"等级": ["银", "铜"]}
    wecom.post(DELETE, tag_id=ids(group)[1:])
    assert library(wecom) == {}
    assert wecom.post(EDIT, id=group["group_id"], name="x")["errcode"] == 40068


def test_tags_and_groups_can_be_deleted_in_one_call_with_duplicates(wecom: WeCom) -> None:
    one, other, third = add(wecom, "a", "1", "2"), add(wecom, "b", "3"), add(wecom, "c", "4", "5")
    reply = wecom.post(
        DELETE,
        tag_id=[ids(one)[0], ids(one)[0], ids(other)[0]],
        group_id=[third["group_id"], third["group_id"], other["group_id"]],
    )
    assert reply["errcode"] == 0
    assert library(wecom) == {"a": ["2"]}


def test_a_deletion_is_all_or_nothing(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金", "银")
    foreign = add(wecom.corp.client(wecom.corp.apps[1]), "意向", "高")
    assert wecom.post(DELETE, tag_id=[ids(group)[0], "etNobody"])["errcode"] == 40068
    assert wecom.post(DELETE, tag_id=[ids(group)[0], ids(foreign)[0]])["errcode"] == 81011
    assert wecom.post(DELETE, tag_id=[ids(group)[0]], group_id=["etNobody"])["errcode"] == 40068
    assert library(wecom) == {"等级": ["金", "银"], "意向": ["高"]}


def test_a_group_with_a_tag_of_another_app_cannot_be_deleted(corp: Corp) -> None:
    first, second = corp.client(), corp.client(corp.apps[1])
    group, foreign = add(first, "等级", "金"), add(second, "等级", "银")
    before = library(first)
    assert foreign["group_id"] == group["group_id"]
    assert first.post(DELETE, group_id=[group["group_id"]])["errcode"] == 81011
    assert library(first) == before
    assert second.post(DELETE, tag_id=ids(foreign))["errcode"] == 0
    assert first.post(DELETE, group_id=[group["group_id"]])["errcode"] == 0


def test_del_corp_tag_answers_specific_errcodes(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金")
    assert wecom.post(DELETE)["errcode"] == 41017
    assert wecom.post(DELETE, tag_id=[], group_id=[])["errcode"] == 41017
    assert wecom.post(DELETE, tag_id=[group["group_id"]])["errcode"] == 40068
    assert wecom.post(DELETE, group_id=ids(group))["errcode"] == 40068
    wecom.post(DELETE, group_id=[group["group_id"]])
    assert wecom.post(DELETE, group_id=[group["group_id"]])["errcode"] == 40068
    assert wecom.post(DELETE, tag_id=ids(group))["errcode"] == 40068


@pytest.mark.slow
def test_ten_thousand_tags_are_deleted_in_one_call(wecom: WeCom) -> None:
    created = wecom.post(ADD, group_name="g", tag=[{"name": str(number)} for number in range(10_000)])
    assert created["errcode"] == 0
    assert wecom.post(DELETE, tag_id=ids(created["tag_group"]))["errcode"] == 0
    assert library(wecom) == {}
