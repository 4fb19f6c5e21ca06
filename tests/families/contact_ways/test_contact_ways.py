"""「联系我」: the fields, members and limits of a contact way, and its QR code."""

import asyncio
import base64
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException
from wecom_crm_mcp.client import WecomClient
from wecom_crm_mcp.config import WecomConfig
from wecom_crm_mcp.exceptions import WecomAPIError
from wecom_crm_mcp.modules.contact_way import ContactWayModule

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.families.contact_ways import quota

DAY = 86_400
LINK = {"title": "活动", "picurl": "https://a.example/p.png", "desc": "说明", "url": "https://a.example"}
MINIPROGRAM = {"title": "小程序", "pic_media_id": "MEDIA", "appid": "wx8bd80126147dfAAA", "page": "/path"}
GO_ZEROS = {
    "style": 0,
    "remark": "",
    "state": "",
    "user": [],
    "party": [],
    "is_temp": False,
    "expires_in": 0,
    "chat_expires_in": 0,
    "unionid": "",
    "conclusions": {
        "text": {"content": ""},
        "image": {"media_id": ""},
        "link": {"title": "", "picurl": "", "desc": "", "url": ""},
        "miniprogram": {"title": "", "pic_media_id": "", "appid": "", "page": ""},
    },
}
"""What Go clients send for unset fields."""


def add(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    body = {"type": 1, "scene": 2, "user": ["zhangsan"], **fields}
    return wecom.post("externalcontact/add_contact_way", body)


def made(wecom: WeCom, **fields: Any) -> str:
    reply = add(wecom, **fields)
    assert reply["errcode"] == 0, reply
    return str(reply["config_id"])


def get(wecom: WeCom, config_id: str) -> dict[str, Any]:
    reply = wecom.post("externalcontact/get_contact_way", config_id=config_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["contact_way"])


def updated(wecom: WeCom, config_id: str, **fields: Any) -> int:
    reply = wecom.post("externalcontact/update_contact_way", {"config_id": config_id, **fields})
    return int(reply["errcode"])


def deleted(wecom: WeCom, config_id: str) -> int:
    return int(wecom.post("externalcontact/del_contact_way", config_id=config_id)["errcode"])


def listed(wecom: WeCom, **fields: Any) -> list[str]:
    reply = wecom.post("externalcontact/list_contact_way", fields)
    assert reply["errcode"] == 0, reply
    assert reply["next_cursor"] == ""
    return [way["config_id"] for way in reply["contact_way"]]


def act(corp: Corp, name: str, /, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# --- what is set and shown -------------------------------------------------------------------------------


def test_a_qr_code_is_shown_as_it_was_made(wecom: WeCom) -> None:
    reply = add(wecom, remark="渠道客户", state="teststate", skip_verify=False, is_exclusive=True)
    assert list(reply) == ["errcode", "errmsg", "config_id", "qr_code"]
    assert len(reply["config_id"]) == 32
    assert get(wecom, reply["config_id"]) == {
        "config_id": reply["config_id"],
        "type": 1,
        "scene": 2,
        "remark": "渠道客户",
        "skip_verify": False,
        "state": "teststate",
        "user": ["zhangsan"],
        "party": [],
        "is_temp": False,
        "is_exclusive": True,
        "qr_code": reply["qr_code"],
    }


def test_a_button_has_a_style_and_no_qr_code(wecom: WeCom) -> None:
    reply = add(wecom, scene=1)
    assert "qr_code" not in reply
    way = get(wecom, reply["config_id"])
    assert "qr_code" not in way
    assert (way["scene"], way["style"], way["skip_verify"]) == (1, 1, True)
    assert get(wecom, made(wecom, scene=1, style=3))["style"] == 3


def test_a_temporary_way_shows_what_it_was_given_and_the_defaults(wecom: WeCom) -> None:
    way = get(wecom, made(wecom, is_temp=True))
    assert (way["expires_in"], way["chat_expires_in"], way["unionid"]) == (7 * DAY, DAY, "")
    assert "conclusions" not in way
    given = {"expires_in": 14 * DAY, "chat_expires_in": 60, "unionid": "oxTWIuGaIt6gTKsQRLau2M0AAAA"}
    way = get(wecom, made(wecom, is_temp=True, conclusions={"text": {"content": "再见"}}, **given))
    assert {name: way[name] for name in given} == given
    assert way["is_temp"] is True
    assert way["conclusions"] == {"text": {"content": "再见"}}


def test_what_is_for_temporary_ways_is_passed_over_on_a_lasting_one(wecom: WeCom) -> None:
    way = get(wecom, made(wecom, expires_in=99 * DAY, unionid="o1", conclusions={"link": {"title": "x"}}))
    assert not {"expires_in", "chat_expires_in", "unionid", "conclusions"} & set(way)


def test_the_zero_values_of_go_clients_count_as_absent(wecom: WeCom) -> None:
    plain = get(wecom, made(wecom, scene=1))
    zeros = get(wecom, made(wecom, **{**GO_ZEROS, "scene": 1, "user": ["zhangsan"]}))
    del plain["config_id"], zeros["config_id"]
    assert zeros == plain
    temporary = get(wecom, made(wecom, **{**GO_ZEROS, "is_temp": True, "user": ["zhangsan"]}))
    assert (temporary["expires_in"], temporary["chat_expires_in"]) == (7 * DAY, DAY)
    assert "conclusions" not in temporary


def test_numbers_may_come_as_text(wecom: WeCom) -> None:
    way = get(wecom, made(wecom, type="2", scene="1", style="2", party=["2"]))
    assert (way["type"], way["scene"], way["style"], way["party"]) == (2, 1, 2, [2])


@pytest.mark.parametrize("name", ["add", "get", "list", "update", "del"])
def test_the_old_paths_go_on_working(wecom: WeCom, name: str) -> None:
    config_id = made(wecom)
    body: dict[str, Any] = {"config_id": config_id, "type": 1, "scene": 2, "user": ["zhangsan"]}
    reply = wecom.post(f"crm/{name}_contact_way", body)
    assert reply["errcode"] == 0, reply


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"type": None}, 41037),
        ({"type": 0}, 41037),
        ({"type": "two"}, 41037),
        ({"type": 3}, 41039),
        ({"scene": None}, 41038),
        ({"scene": 0}, 41038),
        ({"scene": 3}, 41040),
        ({"scene": 1, "style": 4}, 41042),
        ({"scene": 1, "style": -1}, 41042),
        ({"type": 2, "scene": 1, "style": 3}, 41042),
        ({"type": 2, "is_temp": True}, 41039),
        ({"is_temp": True, "expires_in": 14 * DAY + 1}, 40058),
        ({"is_temp": True, "expires_in": -1}, 40058),
        ({"is_temp": True, "chat_expires_in": 14 * DAY + 1}, 40058),
        ({"user": None}, 40063),
        ({"user": []}, 40063),
        ({"user": None, "party": [2]}, 40063),
        ({"type": 2, "user": None}, 40063),
        ({"user": ["zhangsan", "lisi"]}, 41041),
        ({"user": ["nobody"]}, 40003),
        ({"user": [""]}, 40003),
        ({"type": 2, "party": [404]}, 60123),
        ({"type": 2, "party": [0]}, 60123),
        ({"type": 2, "party": [2**62]}, 60123),
        ({"type": 2, "party": list(range(1, 40_000))}, 60123),
        ({"type": 2, "user": ["zhangsan"] * 101}, 41041),
    ],
)
def test_what_does_not_fit_is_refused(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    assert add(wecom, **fields)["errcode"] == errcode


def test_the_page_s_own_sample_is_refused_because_it_breaks_its_rules(wecom: WeCom) -> None:
    sample = {"type": 1, "scene": 1, "style": 1, "user": ["zhangsan", "lisi", "wangwu"], "party": [2, 3]}
    assert add(wecom, **sample)["errcode"] == 41041


def test_the_style_of_a_qr_code_is_not_looked_at(wecom: WeCom) -> None:
    assert "style" not in get(wecom, made(wecom, style=9))


@pytest.mark.parametrize("field", ["remark", "state"])
def test_remark_and_state_have_at_most_30_characters(wecom: WeCom, field: str) -> None:
    assert get(wecom, made(wecom, **{field: "渠" * 30}))[field] == "渠" * 30
    reply = add(wecom, **{field: "渠" * 31})
    assert reply["errcode"] == 40058
    assert reply["errmsg"].startswith(f"{field} exceed max utf8 words 30")


# --- conclusions -----------------------------------------------------------------------------------------


def test_of_image_link_and_miniprogram_the_first_counts_beside_a_text(wecom: WeCom) -> None:
    text = {"content": "再见"}
    every = {"text": text, "image": {"media_id": "M"}, "link": LINK, "miniprogram": MINIPROGRAM}
    shown = get(wecom, made(wecom, is_temp=True, conclusions=every))["conclusions"]
    assert list(shown) == ["text", "image"]
    assert list(shown["image"]) == ["pic_url"]
    del every["image"]
    shown = get(wecom, made(wecom, is_temp=True, conclusions=every))["conclusions"]
    assert shown == {"text": text, "link": LINK}
    del every["link"], every["text"]
    shown = get(wecom, made(wecom, is_temp=True, conclusions=every))["conclusions"]
    assert shown == {"miniprogram": MINIPROGRAM}


def test_an_empty_image_does_not_stand_before_a_link(wecom: WeCom) -> None:
    given = {"image": {"media_id": ""}, "link": LINK}
    assert get(wecom, made(wecom, is_temp=True, conclusions=given))["conclusions"] == {"link": LINK}


@pytest.mark.parametrize(
    ("conclusions", "errcode"),
    [
        ({"text": {"content": "a" * 4000}}, 0),
        ({"text": {"content": "a" * 4001}}, 40058),
        ({"text": {"content": "字" * 1334}}, 40058),
        ({"link": {**LINK, "title": "字" * 42 + "ab"}}, 0),
        ({"link": {**LINK, "title": "字" * 43}}, 40058),
        ({"link": {**LINK, "desc": "a" * 512}}, 0),
        ({"link": {**LINK, "desc": "a" * 513}}, 40058),
        ({"link": {"title": "无地址"}}, 40063),
        ({"link": {"url": "https://a.example"}}, 0),
        ({"miniprogram": {**MINIPROGRAM, "title": "a" * 64}}, 0),
        ({"miniprogram": {**MINIPROGRAM, "title": "a" * 65}}, 40058),
        ({"miniprogram": {"title": "无页面", "appid": "wx1"}}, 40063),
        ({"image": {"media_id": "M"}, "link": {"title": "不算"}}, 0),
        ({"text": "不是对象"}, 0),
        ({"image": {"media_id": "no media id"}}, 40007),
        ({"miniprogram": {**MINIPROGRAM, "pic_media_id": "a" * 257}}, 40007),
    ],
)
def test_conclusions_are_limited_in_bytes(wecom: WeCom, conclusions: dict[str, Any], errcode: int) -> None:
    assert add(wecom, is_temp=True, conclusions=conclusions)["errcode"] == errcode


# --- who may use a way -----------------------------------------------------------------------------------


def test_a_way_of_several_has_members_and_departments(wecom: WeCom) -> None:
    way = get(wecom, made(wecom, type=2, user=["LiSi", "zhangsan", "lisi"], party=[3, 2, 3]))
    assert (way["user"], way["party"]) == (["lisi", "zhangsan"], [3, 2])
    assert get(wecom, made(wecom, type=2, user=None, party=[2]))["user"] == []


def test_a_way_of_one_ignores_departments(wecom: WeCom) -> None:
    assert get(wecom, made(wecom, user=["zhangsan", "ZhangSan"], party=[404]))["party"] == []


@pytest.mark.parametrize(
    ("name", "fields", "errcode"),
    [
        ("admin_sets_member_status", {"status": 4}, 41054),
        ("admin_sets_member_status", {"status": 2}, 41054),
        ("member_sets_real_name", {"real_named": False}, 40098),
        ("admin_sets_follow_right", {"may_follow": False}, 84074),
        ("member_leaves_corp", {}, 40003),
    ],
)
def test_a_member_must_be_able_to_take_customers(
    corp: Corp, wecom: WeCom, name: str, fields: dict[str, Any], errcode: int
) -> None:
    config_id = made(wecom, user=["lisi"])
    act(corp, name, userid="zhangsan", **fields)
    assert add(wecom)["errcode"] == errcode
    assert updated(wecom, config_id, user=["zhangsan"]) == errcode
    assert get(wecom, config_id)["user"] == ["lisi"]
    # Members of a department are not checked.
    assert add(wecom, type=2, user=None, party=[1])["errcode"] == 0


def test_members_and_departments_lie_in_the_visible_range_of_the_app(corp: Corp) -> None:
    app = corp.new_app(visible={"userid": ["lisi"], "partyid": [2]})
    wecom = corp.client(app)
    assert add(wecom, user=["lisi"])["errcode"] == 0
    assert add(wecom, user=["zhangsan"])["errcode"] == 0
    assert add(wecom, user=["wangwu"])["errcode"] == 60011
    assert add(wecom, type=2, user=None, party=[2])["errcode"] == 0
    assert add(wecom, type=2, user=None, party=[3])["errcode"] == 60011
    assert add(wecom, type=2, user=None, party=[1])["errcode"] == 60011


def test_at_most_100_members_use_a_way_with_departments_expanded(server: RunningServer) -> None:
    wecom = server.make_corp(seed="demo", members=100, customers=0).client()
    config_id = made(wecom, type=2, user=["zhangsan"], party=[1])
    wecom = server.make_corp(seed="demo", members=101, customers=0).client()
    assert add(wecom, type=2, user=None, party=[1])["errcode"] == 41041
    userids = [f"user{number:05d}" for number in range(6, 102)] + ["lisi", "wangwu", "zhaoliu", "sunqi"]
    config_id = made(wecom, type=2, user=userids)
    assert len(get(wecom, config_id)["user"]) == 100
    assert add(wecom, type=2, user=[*userids, "zhangsan"])["errcode"] == 41041
    # zhangsan is in department 2 and exceeds the limit by one.
    assert updated(wecom, config_id, party=[2]) == 41041
    assert updated(wecom, config_id, party=[3]) == 0


def test_an_app_that_is_not_listed_may_not_make_ways(corp: Corp) -> None:
    assert add(corp.client(corp.app_of_kind("self_built_unlisted")))["errcode"] == 48002


# --- how many there may be -------------------------------------------------------------------------------


def test_a_corp_has_so_many_lasting_ways_and_deleting_makes_room(start_server: Any) -> None:
    wecom = start_server(contact_way_cap=2).make_corp(seed="demo").client()
    first, _ = made(wecom), made(wecom, scene=1)
    assert add(wecom)["errcode"] == 41045
    temporary = made(wecom, is_temp=True)
    assert deleted(wecom, temporary) == 0
    assert add(wecom)["errcode"] == 41045
    assert deleted(wecom, first) == 0
    made(wecom)
    assert add(wecom)["errcode"] == 41045


def test_a_refused_way_does_not_count(start_server: Any) -> None:
    wecom = start_server(contact_way_cap=1).make_corp(seed="demo").client()
    for _ in range(3):
        assert add(wecom, user=["nobody"])["errcode"] == 40003
    made(wecom)


def test_temporary_ways_are_counted_by_the_day(start_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "TEMPORARY_A_DAY", 1)
    server = start_server()
    wecom = server.make_corp(seed="demo").client()
    made(wecom, is_temp=True)
    assert add(wecom, is_temp=True)["errcode"] == 41045
    server.sim.post("/clock", json={"advance_seconds": DAY})
    made(WeCom(wecom.corp, wecom.corp.apps[0]), is_temp=True)


def test_callers_side_by_side_do_not_get_over_the_cap(start_server: Any) -> None:
    wecom = start_server(contact_way_cap=3, rate_limits=False).make_corp(seed="demo").client()
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(add(wecom)["errcode"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0] * 3 + [41045] * 5


def test_only_the_medical_trade_makes_temporary_ways(start_server: Any) -> None:
    wecom = start_server(medical_trade=False).make_corp(seed="demo").client()
    assert add(wecom, is_temp=True)["errcode"] == 48002
    assert add(wecom)["errcode"] == 0


# --- listing ---------------------------------------------------------------------------------------------


def test_ways_are_listed_page_by_page_in_the_order_of_their_making(wecom: WeCom) -> None:
    ways = {made(wecom) for _ in range(5)}
    found: list[str] = []
    cursor = ""
    for size in (2, 2, 1):
        reply = wecom.post("externalcontact/list_contact_way", limit=2, cursor=cursor)
        assert len(reply["contact_way"]) == size
        found += [way["config_id"] for way in reply["contact_way"]]
        cursor = reply["next_cursor"]
    assert cursor == ""
    assert set(found) == ways
    assert found == listed(wecom)


def test_the_list_is_of_the_corp_and_without_temporary_ways(corp: Corp, wecom: WeCom) -> None:
    other = corp.client(corp.apps[1])
    ways = {made(wecom), made(wecom, scene=1), made(other)}
    made(wecom, is_temp=True)
    assert set(listed(wecom)) == set(listed(other)) == ways
    assert listed(corp.server.make_corp(seed="demo").client()) == []


def test_the_list_covers_90_days_unless_a_span_is_given(start_server: Any) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    now = server.sim.post("/clock", json={"freeze": True}).json()["now"]
    old = made(corp.client())
    server.sim.post("/clock", json={"advance_seconds": 90 * DAY})
    assert listed(corp.client()) == [old]
    server.sim.post("/clock", json={"advance_seconds": 1})
    wecom = corp.client()
    young = made(wecom)
    assert listed(wecom) == [young]
    assert listed(wecom, start_time=now) == [old, young]
    assert listed(wecom, start_time=now, end_time=now) == [old]
    assert listed(wecom, start_time=str(now + 1), end_time=str(now + 2)) == []
    assert listed(wecom, start_time=0, end_time=0, limit=0, cursor="") == [young]


def test_ways_from_before_2021_07_10_are_not_listed(start_server: Any) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    server.sim.post("/clock", json={"set": "2021-07-09T23:59:59+08:00", "freeze": True})
    made(corp.client())
    server.sim.post("/clock", json={"advance_seconds": 1})
    wecom = corp.client()
    way = made(wecom)
    assert listed(wecom) == [way]


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
def test_a_span_a_cursor_or_a_limit_that_does_not_fit(
    wecom: WeCom, fields: dict[str, Any], errcode: int
) -> None:
    assert wecom.post("externalcontact/list_contact_way", fields)["errcode"] == errcode


def test_a_cursor_serves_the_span_only_that_it_was_made_for(wecom: WeCom) -> None:
    made(wecom), made(wecom)
    cursor = wecom.post("externalcontact/list_contact_way", limit=1)["next_cursor"]
    assert cursor
    reply = wecom.post("externalcontact/list_contact_way", limit=1, cursor=cursor, start_time=1_700_000_000)
    assert (reply["errcode"], reply["contact_way"]) == (50100, [])


# --- changing and deleting -------------------------------------------------------------------------------


def test_what_is_given_replaces_and_what_is_absent_stays(wecom: WeCom) -> None:
    config_id = made(wecom, type=2, scene=1, style=1, remark="旧", state="s1", user=["zhangsan"], party=[2])
    before = get(wecom, config_id)
    assert updated(wecom, config_id) == 0
    assert get(wecom, config_id) == before
    changes = {
        "remark": "新",
        "state": "s2",
        "style": 2,
        "skip_verify": False,
        "user": ["lisi"],
        "party": [3],
    }
    for name, value in changes.items():
        assert updated(wecom, config_id, **{name: value}) == 0
        before[name] = value
        assert get(wecom, config_id) == before


def test_type_scene_is_temp_and_is_exclusive_stay_as_created(wecom: WeCom) -> None:
    config_id = made(wecom)
    before = get(wecom, config_id)
    assert (
        updated(wecom, config_id, type=2, scene=1, is_temp=True, is_exclusive=True, party=[2], style=3) == 0
    )
    assert get(wecom, config_id) == before


def test_a_temporary_way_can_be_given_other_lives_and_conclusions(wecom: WeCom) -> None:
    config_id = made(wecom, is_temp=True, conclusions={"text": {"content": "再见"}})
    before = get(wecom, config_id)
    assert updated(wecom, config_id, expires_in=60) == 0
    assert updated(wecom, config_id, chat_expires_in=61, unionid="o2", conclusions={"link": LINK}) == 0
    changed = {"expires_in": 60, "chat_expires_in": 61, "unionid": "o2", "conclusions": {"link": LINK}}
    assert get(wecom, config_id) == {**before, **changed}
    assert updated(wecom, config_id, chat_expires_in=14 * DAY + 1) == 40058
    assert updated(wecom, config_id, user=["zhangsan", "lisi"]) == 41041


def test_nulls_and_the_zeros_of_go_clients_keep_what_is_stored(wecom: WeCom) -> None:
    given = {"remark": "旧", "state": "s", "type": 2, "scene": 1, "style": 2, "party": [2]}
    config_id = made(wecom, **given)
    before = get(wecom, config_id)
    assert updated(wecom, config_id, **GO_ZEROS) == 0
    assert updated(wecom, config_id, **dict.fromkeys(GO_ZEROS)) == 0
    assert get(wecom, config_id) == before


def test_an_update_is_checked_as_an_adding_is(wecom: WeCom) -> None:
    config_id = made(wecom, type=2, scene=1)
    before = get(wecom, config_id)
    for fields, errcode in (
        ({"style": 3}, 41042),
        ({"remark": "字" * 31}, 40058),
        ({"state": "字" * 31}, 40058),
        ({"user": ["nobody"]}, 40003),
        ({"party": [404]}, 60123),
    ):
        assert updated(wecom, config_id, **{"remark": "新", **fields}) == errcode
    assert get(wecom, config_id) == before


def test_a_temporary_way_that_expired_cannot_be_edited(start_server: Any) -> None:
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    corp = server.make_corp(seed="demo")
    config_id = made(corp.client(), is_temp=True, expires_in=60)
    server.sim.post("/clock", json={"advance_seconds": 59})
    assert updated(corp.client(), config_id, remark="新") == 0
    server.sim.post("/clock", json={"advance_seconds": 1})
    assert updated(corp.client(), config_id, remark="再新") == 41044
    assert get(corp.client(), config_id)["remark"] == "新"


def test_a_deleted_way_is_gone(wecom: WeCom) -> None:
    config_id = made(wecom)
    assert deleted(wecom, config_id) == 0
    assert deleted(wecom, config_id) == 41044
    assert updated(wecom, config_id, remark="新") == 41044
    assert wecom.post("externalcontact/get_contact_way", config_id=config_id)["errcode"] == 41044
    assert listed(wecom) == []


def test_another_app_reads_a_way_but_neither_changes_nor_deletes_it(corp: Corp, wecom: WeCom) -> None:
    config_id = made(wecom)
    other = corp.client(corp.apps[1])
    assert get(other, config_id) == get(wecom, config_id)
    assert updated(other, config_id, remark="新") == 41044
    assert deleted(other, config_id) == 41044
    assert get(wecom, config_id)["remark"] == ""


@pytest.mark.parametrize("operation", ["get_contact_way", "update_contact_way", "del_contact_way"])
def test_a_config_id_is_required_and_of_this_corp(
    server: RunningServer, wecom: WeCom, operation: str
) -> None:
    foreign = made(server.make_corp(seed="demo").client())
    for config_id, errcode in ((None, 41043), ("", 41043), ("42b3", 41044), (foreign, 41044)):
        assert wecom.post(f"externalcontact/{operation}", config_id=config_id)["errcode"] == errcode


def test_calls_raise_no_callbacks(corp: Corp, wecom: WeCom) -> None:
    config_id = made(wecom)
    updated(wecom, config_id, remark="新")
    deleted(wecom, config_id)
    assert corp.sim("callbacks")["callbacks"] == []


# --- the QR code -----------------------------------------------------------------------------------------


def modules_of(png: bytes) -> tuple[int, list[list[int]]]:
    """Returns the side of the image in pixels and the dark modules of its code, without the quiet zone."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (width, depth, colour) == (height, 8, 0)
    data, place = b"", 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + size]
        place += size + 12
    raw = zlib.decompress(data)
    lines = [raw[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height)]
    top = next(row for row, line in enumerate(lines) if 0 in line)
    left = lines[top].index(0)
    # The finder pattern in the corner is seven dark modules wide.
    scale = next(column for column in range(left, width) if lines[top][column]) - left
    assert scale % 7 == 0
    scale //= 7
    count = (width - 2 * left) // scale
    return width, [
        [int(lines[top + row * scale][left + column * scale] == 0) for column in range(count)]
        for row in range(count)
    ]


def test_the_qr_code_is_a_picture_that_leads_to_the_page_of_the_way(corp: Corp, wecom: WeCom) -> None:
    reply = add(wecom)
    answer = httpx.get(reply["qr_code"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    width, modules = modules_of(answer.content)
    assert width == 400
    page = f"{corp.server.base_url}/_sim/scan/contact_way/{corp.corpid}/{reply['config_id']}"
    assert modules == [list(row) for row in segno.make(page, error="m", micro=False).matrix]
    shown = httpx.get(page)
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("text/html")
    assert "演示企业" in shown.text
    assert f'{{"act": "scan_contact_way", "config_id": "{reply["config_id"]}"}}' in shown.text
    assert f"{corp.server.base_url}/_sim/corps/{corp.corpid}/acts" in shown.text


def test_two_ways_have_two_codes(wecom: WeCom) -> None:
    first, second = (httpx.get(add(wecom)["qr_code"]).content for _ in range(2))
    assert modules_of(first) != modules_of(second)


def test_the_address_is_the_one_that_the_caller_called(corp: Corp, wecom: WeCom) -> None:
    config_id = made(wecom)
    answer = httpx.post(
        f"{corp.server.base_url}/cgi-bin/externalcontact/get_contact_way",
        params={"access_token": wecom.token},
        json={"config_id": config_id},
        headers={"Host": "wecom.example:9000"},
    )
    qr_code = answer.json()["contact_way"]["qr_code"]
    assert qr_code.startswith("http://wecom.example:9000/_sim/qr/400/")
    name = qr_code.rsplit("/", 1)[1].removesuffix(".png")
    page = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    assert page == f"http://wecom.example:9000/_sim/scan/contact_way/{corp.corpid}/{config_id}"


def test_the_page_says_when_a_way_is_over(corp: Corp, wecom: WeCom) -> None:
    config_id = made(wecom)
    deleted(wecom, config_id)
    pages = f"{corp.server.base_url}/_sim/scan/contact_way"
    for place in (f"{corp.corpid}/{config_id}", f"{corp.corpid}/%00", "ww0/x"):
        answer = httpx.get(f"{pages}/{place}")
        assert answer.status_code == 404
        assert "已失效" in answer.text


def test_the_page_is_open_where_the_control_api_asks_for_a_token(start_server: Any) -> None:
    server = start_server(admin_token="secret")
    server.sim.headers["Authorization"] = "Bearer secret"
    corp = server.make_corp(seed="demo", name="<b>店</b>")
    config_id = made(corp.client())
    answer = httpx.get(f"{server.base_url}/_sim/scan/contact_way/{corp.corpid}/{config_id}")
    assert answer.status_code == 200
    assert "&lt;b&gt;店" in answer.text
    assert httpx.get(f"{server.base_url}/_sim/corps/{corp.corpid}/temp_chats").status_code == 401


# --- SDKs as they are ------------------------------------------------------------------------------------


def test_wechatpy_manages_ways(corp: Corp, wecom: WeCom) -> None:
    client = WeChatClient(corp.corpid, corp.apps[0]["secret"], wecom.token, auto_retry=False)
    client.API_BASE_URL = f"{corp.server.base_url}/cgi-bin/"
    contacts = client.external_contact
    config_id = contacts.add_contact_way(2, 2, remark="渠道", state="s", user=["lisi"], party=["2"])[
        "config_id"
    ]
    contacts.update_contact_way(config_id, "新渠道", skip_verify=False)
    way = contacts.get_contact_way(config_id)["contact_way"]
    assert (way["remark"], way["skip_verify"], way["state"]) == ("新渠道", False, "s")
    assert (way["user"], way["party"]) == (["lisi"], [2])
    contacts.del_contact_way(config_id)
    with pytest.raises(WeChatClientException, match="41044"):
        contacts.get_contact_way(config_id)


def test_wecom_crm_mcp_manages_ways(corp: Corp, tmp_path: Path) -> None:
    async def work() -> None:
        config = WecomConfig(
            corpid=corp.corpid,
            corpsecret=corp.apps[0]["secret"],
            base_url=corp.server.base_url,
            cache_dir=str(tmp_path),
        )
        async with WecomClient(config) as client:
            ways = ContactWayModule(client)
            link = {"link": LINK}
            made = await ways.add_contact_way(1, 2, user=["lisi"], is_temp=True, conclusions=link)
            shown = await ways.get_contact_way(made["config_id"])
            assert shown["contact_way"]["conclusions"] == link
            lasting = await ways.add_contact_way(1, 1, style=2, user=["lisi"])
            await ways.update_contact_way(lasting["config_id"], remark="新")
            found = await ways.list_contact_way(limit=10)
            assert found["contact_way"] == [{"config_id": lasting["config_id"]}]
            came = act(corp, "scan_contact_way", config_id=made["config_id"])
            await ways.close_temp_chat("lisi", came["external_userid"])
            with pytest.raises(WecomAPIError, match="84061"):
                await ways.close_temp_chat("lisi", came["external_userid"])

    asyncio.run(work())


@pytest.mark.parametrize(
    ("conclusions", "errcode"),
    [
        ({"image": {"media_id": "no media id"}}, 40007),
        ({"miniprogram": {"title": "无页面", "appid": "wx1"}}, 40063),
    ],
)
def test_an_update_refuses_conclusions_as_the_making_does(
    wecom: WeCom, conclusions: dict[str, Any], errcode: int
) -> None:
    config_id = made(wecom, is_temp=True)
    body = {"config_id": config_id, "conclusions": conclusions}
    assert wecom.post("externalcontact/update_contact_way", body)["errcode"] == errcode


def test_an_update_stays_in_the_visible_range_of_the_app(corp: Corp) -> None:
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan"], "partyid": []}))
    body = {"config_id": made(narrow), "user": ["lisi"]}
    assert narrow.post("externalcontact/update_contact_way", body)["errcode"] == 60011
