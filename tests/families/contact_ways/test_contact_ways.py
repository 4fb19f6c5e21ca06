"""「联系我」: the fields, members and limits of a contact way."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.contact_ways.ways import (
    DAY,
    GO_ZEROS,
    LINK,
    add_way,
    delete_errcode,
    get_way,
    new_way,
    update_errcode,
)
from tests.families.factories import act
from wecom_tollbooth.families.contact_ways import quota

MINIPROGRAM = {"title": "小程序", "pic_media_id": "MEDIA", "appid": "wx8bd80126147dfAAA", "page": "/path"}


# --- fields ----------------------------------------------------------------------------------------------


def test_a_new_contact_way_is_returned_with_its_fields(wecom: WeCom) -> None:
    reply = add_way(wecom, remark="渠道客户", state="teststate", skip_verify=False, is_exclusive=True)
    assert list(reply) == ["errcode", "errmsg", "config_id", "qr_code"]
    assert len(reply["config_id"]) == 32
    assert get_way(wecom, reply["config_id"]) == {
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
    reply = add_way(wecom, scene=1)
    assert "qr_code" not in reply
    way = get_way(wecom, reply["config_id"])
    assert "qr_code" not in way
    assert (way["scene"], way["style"], way["skip_verify"]) == (1, 1, True)
    assert get_way(wecom, new_way(wecom, scene=1, style=3))["style"] == 3


def test_a_temporary_contact_way_returns_its_settings_and_defaults(wecom: WeCom) -> None:
    way = get_way(wecom, new_way(wecom, is_temp=True))
    assert (way["expires_in"], way["chat_expires_in"], way["unionid"]) == (7 * DAY, DAY, "")
    assert "conclusions" not in way
    given = {"expires_in": 14 * DAY, "chat_expires_in": 60, "unionid": "oxTWIuGaIt6gTKsQRLau2M0AAAA"}
    way = get_way(wecom, new_way(wecom, is_temp=True, conclusions={"text": {"content": "再见"}}, **given))
    assert {name: way[name] for name in given} == given
    assert way["is_temp"] is True
    assert way["conclusions"] == {"text": {"content": "再见"}}


def test_temporary_settings_are_ignored_without_is_temp(wecom: WeCom) -> None:
    way = get_way(
        wecom, new_way(wecom, expires_in=99 * DAY, unionid="o1", conclusions={"link": {"title": "x"}})
    )
    assert not {"expires_in", "chat_expires_in", "unionid", "conclusions"} & set(way)


def test_the_zero_values_of_go_clients_count_as_absent(wecom: WeCom) -> None:
    plain = get_way(wecom, new_way(wecom, scene=1))
    zeros = get_way(wecom, new_way(wecom, **{**GO_ZEROS, "scene": 1, "user": ["zhangsan"]}))
    del plain["config_id"], zeros["config_id"]
    assert zeros == plain
    temporary = get_way(wecom, new_way(wecom, **{**GO_ZEROS, "is_temp": True, "user": ["zhangsan"]}))
    assert (temporary["expires_in"], temporary["chat_expires_in"]) == (7 * DAY, DAY)
    assert "conclusions" not in temporary


def test_numbers_are_accepted_as_text(wecom: WeCom) -> None:
    way = get_way(wecom, new_way(wecom, type="2", scene="1", style="2", party=["2"]))
    assert (way["type"], way["scene"], way["style"], way["party"]) == (2, 1, 2, [2])


@pytest.mark.parametrize("name", ["add", "get", "list", "update", "del"])
def test_the_crm_paths_still_work(wecom: WeCom, name: str) -> None:
    config_id = new_way(wecom)
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
def test_invalid_fields_answer_their_errcodes(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    assert add_way(wecom, **fields)["errcode"] == errcode


def test_the_documented_sample_answers_41041(wecom: WeCom) -> None:
    sample = {"type": 1, "scene": 1, "style": 1, "user": ["zhangsan", "lisi", "wangwu"], "party": [2, 3]}
    assert add_way(wecom, **sample)["errcode"] == 41041


def test_style_is_ignored_for_qr_codes(wecom: WeCom) -> None:
    assert "style" not in get_way(wecom, new_way(wecom, style=9))


@pytest.mark.parametrize("field", ["remark", "state"])
def test_remark_and_state_have_at_most_30_characters(wecom: WeCom, field: str) -> None:
    assert get_way(wecom, new_way(wecom, **{field: "渠" * 30}))[field] == "渠" * 30
    reply = add_way(wecom, **{field: "渠" * 31})
    assert reply["errcode"] == 40058
    assert reply["errmsg"].startswith(f"{field} exceed max utf8 words 30")


# --- conclusions -----------------------------------------------------------------------------------------


def test_conclusions_keep_the_text_and_the_first_attachment(wecom: WeCom) -> None:
    text = {"content": "再见"}
    every = {"text": text, "image": {"media_id": "M"}, "link": LINK, "miniprogram": MINIPROGRAM}
    shown = get_way(wecom, new_way(wecom, is_temp=True, conclusions=every))["conclusions"]
    assert list(shown) == ["text", "image"]
    assert list(shown["image"]) == ["pic_url"]
    del every["image"]
    shown = get_way(wecom, new_way(wecom, is_temp=True, conclusions=every))["conclusions"]
    assert shown == {"text": text, "link": LINK}
    del every["link"], every["text"]
    shown = get_way(wecom, new_way(wecom, is_temp=True, conclusions=every))["conclusions"]
    assert shown == {"miniprogram": MINIPROGRAM}


def test_an_empty_image_in_conclusions_is_ignored(wecom: WeCom) -> None:
    given = {"image": {"media_id": ""}, "link": LINK}
    assert get_way(wecom, new_way(wecom, is_temp=True, conclusions=given))["conclusions"] == {"link": LINK}


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
    assert add_way(wecom, is_temp=True, conclusions=conclusions)["errcode"] == errcode


# --- members and departments -----------------------------------------------------------------------------


def test_type_2_takes_members_and_departments(wecom: WeCom) -> None:
    way = get_way(wecom, new_way(wecom, type=2, user=["LiSi", "zhangsan", "lisi"], party=[3, 2, 3]))
    assert (way["user"], way["party"]) == (["lisi", "zhangsan"], [3, 2])
    assert get_way(wecom, new_way(wecom, type=2, user=None, party=[2]))["user"] == []


def test_type_1_ignores_departments(wecom: WeCom) -> None:
    assert get_way(wecom, new_way(wecom, user=["zhangsan", "ZhangSan"], party=[404]))["party"] == []


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
def test_a_member_who_cannot_have_customers_is_refused(
    corp: Corp, wecom: WeCom, name: str, fields: dict[str, Any], errcode: int
) -> None:
    config_id = new_way(wecom, user=["lisi"])
    act(corp, name, userid="zhangsan", **fields)
    assert add_way(wecom)["errcode"] == errcode
    assert update_errcode(wecom, config_id, user=["zhangsan"]) == errcode
    assert get_way(wecom, config_id)["user"] == ["lisi"]
    # Members of a department are not checked.
    assert add_way(wecom, type=2, user=None, party=[1])["errcode"] == 0


def test_members_and_departments_must_be_in_the_visible_range(corp: Corp) -> None:
    app = corp.new_app(visible={"userid": ["lisi"], "partyid": [2]})
    wecom = corp.client(app)
    assert add_way(wecom, user=["lisi"])["errcode"] == 0
    assert add_way(wecom, user=["zhangsan"])["errcode"] == 0
    assert add_way(wecom, user=["wangwu"])["errcode"] == 60011
    assert add_way(wecom, type=2, user=None, party=[2])["errcode"] == 0
    assert add_way(wecom, type=2, user=None, party=[3])["errcode"] == 60011
    assert add_way(wecom, type=2, user=None, party=[1])["errcode"] == 60011


def test_at_most_100_members_with_departments_expanded(server: RunningServer) -> None:
    wecom = server.make_corp(seed="demo", members=100, customers=0).client()
    config_id = new_way(wecom, type=2, user=["zhangsan"], party=[1])
    wecom = server.make_corp(seed="demo", members=101, customers=0).client()
    assert add_way(wecom, type=2, user=None, party=[1])["errcode"] == 41041
    userids = [f"user{number:05d}" for number in range(6, 102)] + ["lisi", "wangwu", "zhaoliu", "sunqi"]
    config_id = new_way(wecom, type=2, user=userids)
    assert len(get_way(wecom, config_id)["user"]) == 100
    assert add_way(wecom, type=2, user=[*userids, "zhangsan"])["errcode"] == 41041
    # zhangsan is in department 2 and exceeds the limit by one.
    assert update_errcode(wecom, config_id, party=[2]) == 41041
    assert update_errcode(wecom, config_id, party=[3]) == 0


def test_an_unlisted_app_answers_48002(corp: Corp) -> None:
    assert add_way(corp.client(corp.app_of_kind("self_built_unlisted")))["errcode"] == 48002


# --- caps ------------------------------------------------------------------------------------------------


def test_permanent_contact_ways_are_capped_and_deleting_frees_a_place(start_server: Any) -> None:
    wecom = start_server(contact_way_cap=2).make_corp(seed="demo").client()
    first, _ = new_way(wecom), new_way(wecom, scene=1)
    assert add_way(wecom)["errcode"] == 41045
    temporary = new_way(wecom, is_temp=True)
    assert delete_errcode(wecom, temporary) == 0
    assert add_way(wecom)["errcode"] == 41045
    assert delete_errcode(wecom, first) == 0
    new_way(wecom)
    assert add_way(wecom)["errcode"] == 41045


def test_a_refused_contact_way_does_not_count(start_server: Any) -> None:
    wecom = start_server(contact_way_cap=1).make_corp(seed="demo").client()
    for _ in range(3):
        assert add_way(wecom, user=["nobody"])["errcode"] == 40003
    new_way(wecom)


def test_temporary_contact_ways_are_limited_per_day(
    start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "TEMPORARY_A_DAY", 1)
    server = start_server()
    wecom = server.make_corp(seed="demo").client()
    new_way(wecom, is_temp=True)
    assert add_way(wecom, is_temp=True)["errcode"] == 41045
    server.sim.post("/clock", json={"advance_seconds": DAY})
    new_way(WeCom(wecom.corp, wecom.corp.apps[0]), is_temp=True)


def test_concurrent_calls_do_not_exceed_the_cap(start_server: Any) -> None:
    wecom = start_server(contact_way_cap=3, rate_limits=False).make_corp(seed="demo").client()
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(add_way(wecom)["errcode"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0] * 3 + [41045] * 5


def test_only_the_medical_industry_has_temporary_contact_ways(start_server: Any) -> None:
    wecom = start_server(medical_trade=False).make_corp(seed="demo").client()
    assert add_way(wecom, is_temp=True)["errcode"] == 48002
    assert add_way(wecom)["errcode"] == 0
