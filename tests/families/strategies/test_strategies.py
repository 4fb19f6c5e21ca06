"""客户联系规则组: the tree of rule groups, their admins, privileges and ranges."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Corp, RunningServer, WeCom

STRATEGY = "externalcontact/customer_strategy"
ZHANGSAN = {"type": 1, "userid": "zhangsan"}
LISI = {"type": 1, "userid": "lisi"}
ROOT = {"type": 2, "partyid": 1}
SHOP = {"type": 2, "partyid": 2}
"""The department that zhangsan is in."""


def create(wecom: WeCom, *range_: dict[str, Any], **fields: Any) -> dict[str, Any]:
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": list(range_), **fields}
    return wecom.post(f"{STRATEGY}/create", wanted)


def create_strategy(wecom: WeCom, *range_: dict[str, Any], **fields: Any) -> int:
    reply = create(wecom, *range_, **fields)
    assert reply["errcode"] == 0, reply
    return int(reply["strategy_id"])


def edited(wecom: WeCom, strategy_id: int, **fields: Any) -> int:
    return int(wecom.post(f"{STRATEGY}/edit", {"strategy_id": strategy_id, **fields})["errcode"])


def get(wecom: WeCom, strategy_id: int) -> dict[str, Any]:
    reply = wecom.post(f"{STRATEGY}/get", strategy_id=strategy_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["strategy"])


def range_of(wecom: WeCom, strategy_id: int) -> list[dict[str, Any]]:
    reply = wecom.post(f"{STRATEGY}/get_range", strategy_id=strategy_id)
    assert reply["errcode"] == 0, reply
    assert "next_cursor" not in reply
    return list(reply["range"])


def test_a_rule_group_is_returned_as_created(wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, SHOP, LISI, admin_list=["ZhangSan", "lisi", "zhangsan"])
    strategy = get(wecom, strategy_id)
    assert isinstance(strategy.pop("create_time"), int)
    assert len(strategy.pop("privilege")) == 21
    assert strategy == {
        "strategy_id": strategy_id,
        "parent_id": 0,
        "strategy_name": "华东",
        "admin_list": ["zhangsan", "lisi"],
    }
    assert range_of(wecom, strategy_id) == [LISI, SHOP]


def test_privileges_are_on_by_default_and_base_privileges_stay_on(wecom: WeCom) -> None:
    wanted = {"view_customer_list": False, "join_room": False, "share_customer": False}
    privilege = get(wecom, create_strategy(wecom, ROOT, privilege=wanted))["privilege"]
    assert [flag for flag, on in privilege.items() if on is not True] == ["share_customer"]


def test_a_child_rule_group_has_the_privileges_of_the_first_level(wecom: WeCom) -> None:
    first = create_strategy(wecom, ROOT, privilege={"rapid_reply": False})
    second = create_strategy(wecom, SHOP, parent_id=first, privilege={"share_customer": False})
    third = create_strategy(wecom, ZHANGSAN, parent_id=second)
    for strategy_id in (first, second, third):
        privilege = get(wecom, strategy_id)["privilege"]
        assert not privilege["rapid_reply"]
        assert privilege["share_customer"]
    assert edited(wecom, second, privilege={"share_customer": False}) == 0
    assert get(wecom, third)["privilege"]["share_customer"]
    assert edited(wecom, first, privilege={"share_customer": False}) == 0
    assert not get(wecom, third)["privilege"]["share_customer"]
    assert get(wecom, third)["privilege"]["rapid_reply"], "what an edit does not name is on again"


def test_a_range_must_be_inside_the_parents_range(wecom: WeCom) -> None:
    first = create_strategy(wecom, SHOP, LISI)
    for node in (ZHANGSAN, LISI, SHOP):
        assert create(wecom, node, parent_id=first)["errcode"] == 0
    for node in ({"type": 2, "partyid": 3}, {"type": 1, "userid": "wangwu"}, ROOT):
        assert create(wecom, node, parent_id=first)["errcode"] == 40058
    child = create_strategy(wecom, LISI, parent_id=first)
    assert edited(wecom, child, range_add=[{"type": 1, "userid": "wangwu"}]) == 40058
    assert edited(wecom, child, range_add=[ZHANGSAN]) == 0


def test_a_range_must_still_contain_the_ranges_of_child_rule_groups(wecom: WeCom) -> None:
    first = create_strategy(wecom, ROOT, LISI)
    child = create_strategy(wecom, LISI, parent_id=first)
    assert edited(wecom, first, range_del=[LISI]) == 0, "the department still reaches lisi"
    assert edited(wecom, first, range_add=[SHOP], range_del=[ROOT]) == 40058
    assert range_of(wecom, first) == [ROOT]
    assert wecom.post(f"{STRATEGY}/del", strategy_id=child)["errcode"] == 0
    assert edited(wecom, first, range_add=[SHOP], range_del=[ROOT]) == 0
    assert range_of(wecom, first) == [SHOP]


def test_the_tree_has_at_most_five_levels(wecom: WeCom) -> None:
    strategy_id = 0
    for _ in range(5):
        strategy_id = create_strategy(wecom, ROOT, parent_id=strategy_id)
    assert create(wecom, ROOT, parent_id=strategy_id)["errcode"] == 40058


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"strategy_name": ""}, 40063),
        ({"admin_list": []}, 40063),
        ({"range": []}, 40063),
        ({"range": [{"type": 1, "partyid": 2}]}, 40063),
        ({"range": [{"type": 2, "userid": "zhangsan"}]}, 40063),
        ({"range": [{"type": 3, "userid": "zhangsan"}]}, 40058),
        ({"range": [ZHANGSAN] * 101}, 40058),
        ({"admin_list": ["zhangsan"] * 21}, 40058),
        ({"admin_list": ["nobody"]}, 40003),
        ({"range": [{"type": 1, "userid": "nobody"}]}, 40003),
        ({"range": [{"type": 2, "partyid": 999}]}, 60123),
        ({"parent_id": 999999999}, 40058),
    ],
)
def test_create_answers_specific_errcodes(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": [ZHANGSAN], **fields}
    assert wecom.post(f"{STRATEGY}/create", wanted)["errcode"] == errcode
    assert wecom.post(f"{STRATEGY}/list")["strategy"] == []


def test_empty_fields_of_an_edit_change_nothing(wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, SHOP, privilege={"rapid_reply": False})
    before = get(wecom, strategy_id)
    empty: dict[str, Any] = {
        "strategy_name": "",
        "admin_list": [],
        "privilege": {},
        "range_add": None,
        "range_del": [],
    }
    assert edited(wecom, strategy_id, **empty) == 0
    assert get(wecom, strategy_id) == before
    assert edited(wecom, strategy_id, strategy_name="华南", admin_list=["lisi"]) == 0
    assert get(wecom, strategy_id) == {**before, "strategy_name": "华南", "admin_list": ["lisi"]}
    assert range_of(wecom, strategy_id) == [SHOP]


def test_range_add_and_range_del_change_the_range(wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, SHOP, LISI)
    added = [ZHANGSAN, LISI, {"type": 1, "userid": "WangWu"}]
    assert edited(wecom, strategy_id, range_add=added, range_del=[SHOP, LISI, ROOT]) == 0
    assert range_of(wecom, strategy_id) == [LISI, {"type": 1, "userid": "wangwu"}, ZHANGSAN]
    everything = [LISI, {"type": 1, "userid": "wangwu"}, ZHANGSAN]
    assert edited(wecom, strategy_id, range_del=everything) == 40058
    assert range_of(wecom, strategy_id) == everything


def test_one_edit_adds_and_removes_at_most_100_nodes_together(wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, SHOP)
    added, removed = [LISI, ZHANGSAN] * 30, [{"type": 1, "userid": "nobody"}] * 41
    assert edited(wecom, strategy_id, range_add=added, range_del=removed) == 40058
    assert range_of(wecom, strategy_id) == [SHOP]
    assert edited(wecom, strategy_id, range_add=added, range_del=removed[1:]) == 0


def test_a_refused_edit_changes_nothing(wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, SHOP)
    before = get(wecom, strategy_id)
    assert edited(wecom, strategy_id, strategy_name="新", range_add=[{"type": 2, "partyid": 99}]) == 60123
    assert get(wecom, strategy_id) == before


def test_an_app_sees_only_its_own_rule_groups(corp: Corp, wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, ROOT)
    other = corp.client(corp.apps[1])
    own = create_strategy(other, ROOT)
    assert other.post(f"{STRATEGY}/list")["strategy"] == [{"strategy_id": own}]
    for operation in ("get", "get_range", "edit", "del"):
        assert other.post(f"{STRATEGY}/{operation}", strategy_id=strategy_id)["errcode"] == 60030
        assert other.post(f"{STRATEGY}/{operation}", strategy_id=999999999)["errcode"] == 40058
        assert other.post(f"{STRATEGY}/{operation}")["errcode"] == 40063
    assert create(other, ROOT, parent_id=strategy_id)["errcode"] == 60030
    assert get(wecom, strategy_id)["strategy_name"] == "华东"


def test_ranges_must_be_in_the_apps_visible_range(corp: Corp) -> None:
    app = corp.client(corp.new_app(name="门店", visible={"userid": ["lisi"], "partyid": [2]}))
    strategy_id = create_strategy(app, SHOP, LISI)
    for node in (ROOT, {"type": 2, "partyid": 3}, {"type": 1, "userid": "wangwu"}):
        assert create(app, node)["errcode"] == 60030
        assert edited(app, strategy_id, range_add=[node]) == 60030
    assert create(app, SHOP, admin_list=["wangwu"])["errcode"] == 60030
    assert range_of(app, strategy_id) == [LISI, SHOP]


def test_a_rule_group_that_the_app_no_longer_sees_answers_60030(corp: Corp) -> None:
    visible = corp.new_app(name="门店", visible={"userid": ["lisi"]})
    app = corp.client(visible)
    strategy_id = create_strategy(app, LISI, admin_list=["lisi"])
    with corp.server.server.database.transaction() as tx:
        tx.execute(
            sa.text("UPDATE app SET visible = :visible WHERE corp_id = :corp_id AND agentid = :agentid"),
            {
                "visible": '{"userid":["zhangsan"]}',
                "corp_id": corp.corpid,
                "agentid": visible["agentid"],
            },
        )
    assert app.post(f"{STRATEGY}/get", strategy_id=strategy_id)["errcode"] == 60030


def test_only_apps_listed_by_customer_contact_manage_rule_groups(corp: Corp) -> None:
    for kind in ("self_built_unlisted", "contacts_sync", "customer_contact"):
        assert corp.client(corp.app_of_kind(kind)).post(f"{STRATEGY}/list")["errcode"] == 48002


def test_the_list_is_paged(wecom: WeCom) -> None:
    ids = [create_strategy(wecom, ROOT) for _ in range(5)]
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        reply = wecom.post(f"{STRATEGY}/list", limit=2, cursor=cursor)
        seen += [entry["strategy_id"] for entry in reply["strategy"]]
        cursor = reply.get("next_cursor", "")
    assert seen == ids
    assert cursor == ""
    assert "next_cursor" not in wecom.post(f"{STRATEGY}/list", limit=5)
    assert "next_cursor" not in wecom.post(f"{STRATEGY}/list", limit=1001)
    assert wecom.post(f"{STRATEGY}/list", cursor="CURSOR")["errcode"] == 50100


def test_a_range_is_paged_and_ends_at_3000_nodes(server: RunningServer) -> None:
    wecom = server.make_corp(seed="demo", members=3010, customers=0).client()
    nodes = [{"type": 1, "userid": f"user{number:05d}"} for number in range(6, 3011)]
    strategy_id = create_strategy(wecom, *nodes[:100])
    for start in range(100, 2900, 100):
        assert edited(wecom, strategy_id, range_add=nodes[start : start + 100]) == 0
    assert edited(wecom, strategy_id, range_add=[*nodes[2900:2998], ROOT, SHOP]) == 0
    assert edited(wecom, strategy_id, range_add=nodes[2998:2999]) == 40058
    pages: list[list[dict[str, Any]]] = []
    cursor = ""
    while cursor or not pages:
        reply = wecom.post(f"{STRATEGY}/get_range", strategy_id=strategy_id, cursor=cursor, limit=5000)
        pages.append(reply["range"])
        cursor = reply.get("next_cursor", "")
    assert [len(page) for page in pages] == [1000, 1000, 1000]
    assert [node for page in pages for node in page] == [*nodes[:2998], ROOT, SHOP]
    first = wecom.post(f"{STRATEGY}/get_range", strategy_id=strategy_id, limit=1)
    other = create_strategy(wecom, ROOT)
    wrong = wecom.post(f"{STRATEGY}/get_range", strategy_id=other, cursor=first["next_cursor"])
    assert (wrong["errcode"], wrong["range"]) == (50100, [])


def test_deleting_a_rule_group_deletes_its_children(wecom: WeCom) -> None:
    first = create_strategy(wecom, ROOT)
    second = create_strategy(wecom, SHOP, parent_id=first)
    third = create_strategy(wecom, ZHANGSAN, parent_id=second)
    beside = create_strategy(wecom, SHOP, parent_id=first)
    assert wecom.post(f"{STRATEGY}/del", strategy_id=second)["errcode"] == 0
    left = [entry["strategy_id"] for entry in wecom.post(f"{STRATEGY}/list")["strategy"]]
    assert left == [first, beside]
    for gone in (second, third):
        assert wecom.post(f"{STRATEGY}/get_range", strategy_id=gone)["errcode"] == 40058


def test_concurrent_changes_of_rule_groups_are_serialized_or_conflict(corp: Corp, wecom: WeCom) -> None:
    if ON_POSTGRESQL:
        strategy_id = create_strategy(wecom, ROOT)
        with corp.server.server.database.transaction() as tx:
            lock = "SELECT 1 FROM app WHERE corp_id = :corp_id AND agentid = :agentid FOR UPDATE"
            tx.execute(sa.text(lock), {"corp_id": corp.corpid, "agentid": wecom.agentid})
            assert create(wecom, ROOT)["errcode"] == 45035
            for change in ("edit", "del"):
                assert wecom.post(f"{STRATEGY}/{change}", strategy_id=strategy_id)["errcode"] == 45035
            assert create(corp.client(corp.apps[1]), ROOT)["errcode"] == 0, "another app's are others"
        assert wecom.post(f"{STRATEGY}/del", strategy_id=strategy_id)["errcode"] == 0
    results: list[int] = []
    clients = [corp.client() for _ in range(4)]
    threads = [
        threading.Thread(target=lambda c=client: results.append(create(c, ROOT)["errcode"]))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(results) <= {0, 45035}
    assert len(wecom.post(f"{STRATEGY}/list")["strategy"]) == results.count(0) >= 1


def test_an_edit_refuses_unknown_admins_and_members(wecom: WeCom) -> None:
    strategy_id = create_strategy(wecom, ROOT)
    assert edited(wecom, strategy_id, admin_list=["nobody"]) == 40003
    assert edited(wecom, strategy_id, range_add=[{"type": 1, "userid": "nobody"}]) == 40003
