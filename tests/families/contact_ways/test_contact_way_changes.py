"""「联系我」: listing, updating and deleting contact ways."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.contact_ways.ways import (
    DAY,
    GO_ZEROS,
    LINK,
    delete_errcode,
    get_way,
    new_way,
    update_errcode,
)


def list_ways(wecom: WeCom, **fields: Any) -> list[str]:
    reply = wecom.post("externalcontact/list_contact_way", fields)
    assert reply["errcode"] == 0, reply
    assert reply["next_cursor"] == ""
    return [way["config_id"] for way in reply["contact_way"]]


# --- listing ---------------------------------------------------------------------------------------------


def test_contact_ways_are_listed_in_pages_by_creation(wecom: WeCom) -> None:
    ways = {new_way(wecom) for _ in range(5)}
    found: list[str] = []
    cursor = ""
    for size in (2, 2, 1):
        reply = wecom.post("externalcontact/list_contact_way", limit=2, cursor=cursor)
        assert len(reply["contact_way"]) == size
        found += [way["config_id"] for way in reply["contact_way"]]
        cursor = reply["next_cursor"]
    assert cursor == ""
    assert set(found) == ways
    assert found == list_ways(wecom)


def test_the_list_covers_all_apps_and_leaves_out_temporary_contact_ways(corp: Corp, wecom: WeCom) -> None:
    other = corp.client(corp.apps[1])
    ways = {new_way(wecom), new_way(wecom, scene=1), new_way(other)}
    new_way(wecom, is_temp=True)
    assert set(list_ways(wecom)) == set(list_ways(other)) == ways
    assert list_ways(corp.server.make_corp(seed="demo").client()) == []


def test_the_list_covers_90_days_by_default(start_server: Any) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    now = server.sim.post("/clock", json={"freeze": True}).json()["now"]
    old = new_way(corp.client())
    server.sim.post("/clock", json={"advance_seconds": 90 * DAY})
    assert list_ways(corp.client()) == [old]
    server.sim.post("/clock", json={"advance_seconds": 1})
    wecom = corp.client()
    young = new_way(wecom)
    assert list_ways(wecom) == [young]
    assert list_ways(wecom, start_time=now) == [old, young]
    assert list_ways(wecom, start_time=now, end_time=now) == [old]
    assert list_ways(wecom, start_time=str(now + 1), end_time=str(now + 2)) == []
    assert list_ways(wecom, start_time=0, end_time=0, limit=0, cursor="") == [young]


def test_contact_ways_from_before_2021_07_10_are_not_listed(start_server: Any) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    server.sim.post("/clock", json={"set": "2021-07-09T23:59:59+08:00", "freeze": True})
    new_way(corp.client())
    server.sim.post("/clock", json={"advance_seconds": 1})
    wecom = corp.client()
    way = new_way(wecom)
    assert list_ways(wecom) == [way]


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"start_time": 1_700_000_001, "end_time": 1_700_000_000}, 600018),
        ({"start_time": -1}, 600018),
        ({"end_time": 2**62}, 600018),
        ({"cursor": "CURSOR"}, 50100),
        ({"limit": 5000}, 0),
        ({"limit": -1}, 0),
    ],
)
def test_an_invalid_time_range_cursor_or_limit_is_refused(
    wecom: WeCom, fields: dict[str, Any], errcode: int
) -> None:
    assert wecom.post("externalcontact/list_contact_way", fields)["errcode"] == errcode


def test_a_cursor_is_valid_only_with_its_time_range(wecom: WeCom) -> None:
    new_way(wecom), new_way(wecom)
    cursor = wecom.post("externalcontact/list_contact_way", limit=1)["next_cursor"]
    assert cursor
    reply = wecom.post("externalcontact/list_contact_way", limit=1, cursor=cursor, start_time=1_700_000_000)
    assert (reply["errcode"], reply["contact_way"]) == (50100, [])


# --- changing and deleting -------------------------------------------------------------------------------


def test_an_update_replaces_only_the_given_fields(wecom: WeCom) -> None:
    config_id = new_way(
        wecom, type=2, scene=1, style=1, remark="旧", state="s1", user=["zhangsan"], party=[2]
    )
    before = get_way(wecom, config_id)
    assert update_errcode(wecom, config_id) == 0
    assert get_way(wecom, config_id) == before
    changes = {
        "remark": "新",
        "state": "s2",
        "style": 2,
        "skip_verify": False,
        "user": ["lisi"],
        "party": [3],
    }
    for name, value in changes.items():
        assert update_errcode(wecom, config_id, **{name: value}) == 0
        before[name] = value
        assert get_way(wecom, config_id) == before


def test_an_update_does_not_change_type_scene_is_temp_or_is_exclusive(wecom: WeCom) -> None:
    config_id = new_way(wecom)
    before = get_way(wecom, config_id)
    assert (
        update_errcode(wecom, config_id, type=2, scene=1, is_temp=True, is_exclusive=True, party=[2], style=3)
        == 0
    )
    assert get_way(wecom, config_id) == before


def test_an_update_changes_expiry_and_conclusions(wecom: WeCom) -> None:
    config_id = new_way(wecom, is_temp=True, conclusions={"text": {"content": "再见"}})
    before = get_way(wecom, config_id)
    assert update_errcode(wecom, config_id, expires_in=60) == 0
    assert update_errcode(wecom, config_id, chat_expires_in=61, unionid="o2", conclusions={"link": LINK}) == 0
    changed = {"expires_in": 60, "chat_expires_in": 61, "unionid": "o2", "conclusions": {"link": LINK}}
    assert get_way(wecom, config_id) == {**before, **changed}
    assert update_errcode(wecom, config_id, chat_expires_in=14 * DAY + 1) == 40058
    assert update_errcode(wecom, config_id, user=["zhangsan", "lisi"]) == 41041


def test_nulls_and_zero_values_of_go_clients_change_nothing(wecom: WeCom) -> None:
    given = {"remark": "旧", "state": "s", "type": 2, "scene": 1, "style": 2, "party": [2]}
    config_id = new_way(wecom, **given)
    before = get_way(wecom, config_id)
    assert update_errcode(wecom, config_id, **GO_ZEROS) == 0
    assert update_errcode(wecom, config_id, **dict.fromkeys(GO_ZEROS)) == 0
    assert get_way(wecom, config_id) == before


def test_an_update_is_validated_like_a_creation(wecom: WeCom) -> None:
    config_id = new_way(wecom, type=2, scene=1)
    before = get_way(wecom, config_id)
    for fields, errcode in (
        ({"style": 3}, 41042),
        ({"remark": "字" * 31}, 40058),
        ({"state": "字" * 31}, 40058),
        ({"user": ["nobody"]}, 40003),
        ({"party": [404]}, 60123),
    ):
        assert update_errcode(wecom, config_id, **{"remark": "新", **fields}) == errcode
    assert get_way(wecom, config_id) == before


def test_an_expired_temporary_contact_way_cannot_be_updated(start_server: Any) -> None:
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    corp = server.make_corp(seed="demo")
    config_id = new_way(corp.client(), is_temp=True, expires_in=60)
    server.sim.post("/clock", json={"advance_seconds": 59})
    assert update_errcode(corp.client(), config_id, remark="新") == 0
    server.sim.post("/clock", json={"advance_seconds": 1})
    assert update_errcode(corp.client(), config_id, remark="再新") == 41044
    assert get_way(corp.client(), config_id)["remark"] == "新"


def test_a_deleted_contact_way_is_gone(wecom: WeCom) -> None:
    config_id = new_way(wecom)
    assert delete_errcode(wecom, config_id) == 0
    assert delete_errcode(wecom, config_id) == 41044
    assert update_errcode(wecom, config_id, remark="新") == 41044
    assert wecom.post("externalcontact/get_contact_way", config_id=config_id)["errcode"] == 41044
    assert list_ways(wecom) == []


def test_another_app_can_read_but_not_change_or_delete_a_contact_way(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom)
    other = corp.client(corp.apps[1])
    assert get_way(other, config_id) == get_way(wecom, config_id)
    assert update_errcode(other, config_id, remark="新") == 41044
    assert delete_errcode(other, config_id) == 41044
    assert get_way(wecom, config_id)["remark"] == ""


@pytest.mark.parametrize("operation", ["get_contact_way", "update_contact_way", "del_contact_way"])
def test_a_config_id_must_exist_in_the_corp(server: RunningServer, wecom: WeCom, operation: str) -> None:
    foreign = new_way(server.make_corp(seed="demo").client())
    for config_id, errcode in ((None, 41043), ("", 41043), ("42b3", 41044), (foreign, 41044)):
        assert wecom.post(f"externalcontact/{operation}", config_id=config_id)["errcode"] == errcode


def test_calls_raise_no_callbacks(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom)
    update_errcode(wecom, config_id, remark="新")
    delete_errcode(wecom, config_id)
    assert corp.sim("callbacks")["callbacks"] == []


@pytest.mark.parametrize(
    ("conclusions", "errcode"),
    [
        ({"image": {"media_id": "no media id"}}, 40007),
        ({"miniprogram": {"title": "无页面", "appid": "wx1"}}, 40063),
    ],
)
def test_an_update_refuses_invalid_conclusions(
    wecom: WeCom, conclusions: dict[str, Any], errcode: int
) -> None:
    config_id = new_way(wecom, is_temp=True)
    body = {"config_id": config_id, "conclusions": conclusions}
    assert wecom.post("externalcontact/update_contact_way", body)["errcode"] == errcode


def test_an_update_refuses_members_outside_the_visible_range(corp: Corp) -> None:
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan"], "partyid": []}))
    body = {"config_id": new_way(narrow), "user": ["lisi"]}
    assert narrow.post("externalcontact/update_contact_way", body)["errcode"] == 60011
