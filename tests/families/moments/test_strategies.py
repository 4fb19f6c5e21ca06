"""客户朋友圈规则组: the same trees as those of 客户联系, with privileges and ids of their own."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Corp, WeCom

STRATEGY = "externalcontact/moment_strategy"
OF_CUSTOMERS = "externalcontact/customer_strategy"
ZHANGSAN = {"type": 1, "userid": "zhangsan"}
LISI = {"type": 1, "userid": "lisi"}
ROOT = {"type": 2, "partyid": 1}
SHOP = {"type": 2, "partyid": 2}


def create(wecom: WeCom, *nodes: dict[str, Any], chapter: str = STRATEGY, **fields: Any) -> int:
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": list(nodes), **fields}
    reply = wecom.post(f"{chapter}/create", wanted)
    assert reply["errcode"] == 0, reply
    return int(reply["strategy_id"])


def get(wecom: WeCom, strategy_id: int) -> dict[str, Any]:
    reply = wecom.post(f"{STRATEGY}/get", strategy_id=strategy_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["strategy"])


def ids(wecom: WeCom, chapter: str = STRATEGY) -> list[int]:
    return [row["strategy_id"] for row in wecom.post(f"{chapter}/list")["strategy"]]


def test_a_rule_group_is_returned_as_created(wecom: WeCom) -> None:
    strategy_id = create(wecom, SHOP, LISI, privilege={"send_moment": False})
    strategy = get(wecom, strategy_id)
    assert isinstance(strategy.pop("create_time"), int)
    assert strategy == {
        "strategy_id": strategy_id,
        "parent_id": 0,
        "strategy_name": "华东",
        "admin_list": ["zhangsan"],
        "privilege": {"view_moment_list": True, "send_moment": False, "manage_moment_cover_and_sign": True},
    }
    reply = wecom.post(f"{STRATEGY}/get_range", strategy_id=strategy_id)
    assert reply["range"] == [LISI, SHOP]


def test_the_two_chapters_do_not_see_each_others_rule_groups(wecom: WeCom) -> None:
    of_moments = create(wecom, ROOT)
    of_customers = create(wecom, ROOT, chapter=OF_CUSTOMERS)
    assert ids(wecom) == [of_moments]
    assert ids(wecom, OF_CUSTOMERS) == [of_customers]
    for chapter, other in ((STRATEGY, of_customers), (OF_CUSTOMERS, of_moments)):
        for operation in ("get", "get_range", "edit", "del"):
            assert wecom.post(f"{chapter}/{operation}", strategy_id=other)["errcode"] == 40058
    assert ids(wecom) == [of_moments]


def test_a_child_is_inside_its_parent_and_has_its_privileges(wecom: WeCom) -> None:
    first = create(wecom, SHOP, LISI, privilege={"view_moment_list": False})
    second = create(wecom, LISI, parent_id=first, privilege={"send_moment": False})
    assert get(wecom, second)["privilege"] == get(wecom, first)["privilege"]
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "parent_id": first, "range": [ROOT]}
    assert wecom.post(f"{STRATEGY}/create", wanted)["errcode"] == 40058
    edited = wecom.post(f"{STRATEGY}/edit", strategy_id=first, range_del=[LISI])
    assert edited["errcode"] == 40058
    assert wecom.post(f"{STRATEGY}/del", strategy_id=first)["errcode"] == 0
    assert ids(wecom) == []


def test_an_edit_replaces_what_is_given(wecom: WeCom) -> None:
    strategy_id = create(wecom, SHOP, privilege={"view_moment_list": False})
    edit = {"strategy_id": strategy_id, "range_add": [ZHANGSAN], "range_del": [SHOP]}
    assert wecom.post(f"{STRATEGY}/edit", {**edit, "privilege": {}, "admin_list": []})["errcode"] == 0
    assert get(wecom, strategy_id)["privilege"]["view_moment_list"] is False
    assert wecom.post(f"{STRATEGY}/get_range", strategy_id=strategy_id)["range"] == [ZHANGSAN]
    edit = {"strategy_id": strategy_id, "strategy_name": "华南", "privilege": {"send_moment": False}}
    assert wecom.post(f"{STRATEGY}/edit", edit)["errcode"] == 0
    strategy = get(wecom, strategy_id)
    assert strategy["strategy_name"] == "华南"
    assert strategy["privilege"] == {
        "view_moment_list": True,
        "send_moment": False,
        "manage_moment_cover_and_sign": True,
    }


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"strategy_name": ""}, 40063),
        ({"admin_list": ["nobody"]}, 40003),
        ({"admin_list": ["zhangsan"] * 21}, 40058),
        ({"range": [{"type": 1, "userid": "nobody"}]}, 40003),
        ({"range": [{"type": 2, "partyid": 999}]}, 60123),
        ({"range": [ZHANGSAN] * 3001}, 40058),
        ({"range": [ZHANGSAN] * 101}, 0),
        ({"parent_id": 999999999}, 40058),
    ],
)
def test_create_answers_specific_errcodes(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": [ZHANGSAN], **fields}
    assert wecom.post(f"{STRATEGY}/create", wanted)["errcode"] == errcode


def test_another_apps_rule_group_answers_60030(corp: Corp, wecom: WeCom) -> None:
    strategy_id = create(wecom, ROOT)
    other = corp.client(corp.apps[1])
    assert ids(other) == []
    for operation in ("get", "get_range", "edit", "del"):
        assert other.post(f"{STRATEGY}/{operation}", strategy_id=strategy_id)["errcode"] == 60030


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"admin_list": ["nobody"]}, 40003),
        ({"range_add": [{"type": 2, "partyid": 999}]}, 60123),
        ({"range_del": [ROOT]}, 40058),
    ],
)
def test_an_edit_answers_specific_errcodes(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    strategy_id = create(wecom, ROOT)
    assert wecom.post(f"{STRATEGY}/edit", {"strategy_id": strategy_id, **fields})["errcode"] == errcode


def test_ranges_must_be_in_the_apps_visible_range(corp: Corp) -> None:
    app = corp.client(corp.new_app(visible={"partyid": [2]}))
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": [ROOT]}
    assert app.post(f"{STRATEGY}/create", wanted)["errcode"] == 60030


def test_lists_are_paged_and_refuse_other_cursors(wecom: WeCom) -> None:
    first, second = create(wecom, ROOT, LISI), create(wecom, ROOT)
    page = wecom.post(f"{STRATEGY}/list", limit=1)
    assert page["strategy"] == [{"strategy_id": first}]
    rest = wecom.post(f"{STRATEGY}/list", limit=1, cursor=page["next_cursor"])
    assert rest["strategy"] == [{"strategy_id": second}]
    assert "next_cursor" not in rest
    assert wecom.post(f"{STRATEGY}/list", cursor="CURSOR")["errcode"] == 50100
    nodes = wecom.post(f"{STRATEGY}/get_range", strategy_id=first, limit=1)
    assert nodes["range"] == [LISI]
    other = wecom.post(f"{STRATEGY}/get_range", strategy_id=second, cursor=nodes["next_cursor"])
    assert other["errcode"] == 50100


@pytest.mark.skipif(not ON_POSTGRESQL, reason="on SQLite calls run one after the other")
def test_changes_at_once_answer_45035(corp: Corp, wecom: WeCom) -> None:
    strategy_id = create(wecom, ROOT)
    with corp.server.server.database.transaction() as tx:
        lock = "SELECT 1 FROM app WHERE corp_id = :corp_id AND agentid = :agentid FOR UPDATE"
        tx.execute(sa.text(lock), {"corp_id": corp.corpid, "agentid": wecom.agentid})
        wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": [ROOT]}
        assert wecom.post(f"{STRATEGY}/create", wanted)["errcode"] == 45035
        for change in ("edit", "del"):
            assert wecom.post(f"{STRATEGY}/{change}", strategy_id=strategy_id)["errcode"] == 45035
