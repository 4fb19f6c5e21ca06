"""「加入群聊」: configuring join ways, and joining groups through them."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error, seen_by
from tests.families.group_chats.test_acts import chat_events
from tests.families.group_chats.test_group_chats import get_group, new_group
from wecom_tollbooth.families.group_chats import chat_lifecycle

ADD, GET, UPDATE, DELETE = (
    f"externalcontact/groupchat/{what}_join_way" for what in ("add", "get", "update", "del")
)


def new_join_way(wecom: WeCom, *chat_ids: str, **fields: Any) -> str:
    reply = wecom.post(ADD, **{"scene": 2, "chat_id_list": list(chat_ids), **fields})
    assert reply["errcode"] == 0, reply
    return str(reply["config_id"])


def get_join_way(wecom: WeCom, config_id: str) -> dict[str, Any]:
    reply = wecom.post(GET, config_id=config_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["join_way"])


def test_a_join_way_is_returned_as_configured(empty_corp: Corp) -> None:
    wecom = empty_corp.client()
    chat_id = new_group(empty_corp)
    full = {
        "scene": 2,
        "remark": "门店海报",
        "auto_create_room": 1,
        "room_base_name": "销售客服群",
        "room_base_id": 10,
        "chat_id_list": [chat_id],
        "state": "klsdup3kj3s1",
        "mark_source": False,
    }
    config_id = new_join_way(wecom, **full)
    way = get_join_way(wecom, config_id)
    image = httpx.get(way.pop("qr_code"))
    assert image.headers["content-type"] == "image/png"
    assert way == {"config_id": config_id, **full}


def test_an_update_resets_absent_fields_to_their_defaults(empty_corp: Corp) -> None:
    wecom = empty_corp.client()
    chat_id, other = new_group(empty_corp), new_group(empty_corp, "lisi")
    config_id = new_join_way(wecom, chat_id, remark="字" * 31, room_base_name="群", state="s")
    assert get_join_way(wecom, config_id)["remark"] == "字" * 30
    reply = wecom.post(UPDATE, config_id=config_id, scene=1, chat_id_list=[other], auto_create_room=0)
    assert reply["errcode"] == 0
    way = get_join_way(wecom, config_id)
    page = httpx.get(way.pop("qr_code"))
    assert config_id in page.text
    assert way == {
        "config_id": config_id,
        "scene": 1,
        "remark": "",
        "auto_create_room": 0,
        "chat_id_list": [other],
        "state": "",
        "mark_source": True,
    }


def test_a_deleted_join_way_is_refused(empty_corp: Corp) -> None:
    wecom = empty_corp.client()
    config_id = new_join_way(wecom, new_group(empty_corp))
    page = f"{empty_corp.server.base_url}/_sim/scan/join_way/{empty_corp.corpid}/{config_id}"
    assert httpx.get(page).status_code == 200
    assert wecom.post(DELETE, config_id=config_id)["errcode"] == 0
    assert httpx.get(page).status_code == 404
    assert "no join way" in act_error(empty_corp, "scan_join_way", config_id=config_id)
    for operation in (GET, DELETE):
        assert wecom.post(operation, config_id=config_id)["errcode"] == 41044


def test_join_ways_count_toward_the_contact_way_cap(start_server: Any) -> None:
    corp = start_server(contact_way_cap=1).make_corp(seed="demo")
    wecom = corp.client()
    chat_id = new_group(corp)
    config_id = new_join_way(wecom, chat_id)
    assert wecom.post(ADD, scene=2, chat_id_list=[chat_id])["errcode"] == 41045
    contact_way = {"type": 1, "scene": 2, "user": ["zhangsan"]}
    assert wecom.post("externalcontact/add_contact_way", contact_way)["errcode"] == 41045
    wecom.post(DELETE, config_id=config_id)
    assert wecom.post("externalcontact/add_contact_way", contact_way)["errcode"] == 0


def test_an_app_sees_only_its_own_join_ways(empty_corp: Corp) -> None:
    chat_id = new_group(empty_corp)
    config_id = new_join_way(empty_corp.client(), chat_id)
    other = empty_corp.client(empty_corp.new_app())
    for operation in (GET, DELETE, UPDATE):
        body = {"config_id": config_id, "scene": 2, "chat_id_list": [chat_id]}
        assert other.post(operation, body)["errcode"] == 41044


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"scene": None}, 41038),
        ({"scene": 3}, 41040),
        ({"chat_id_list": []}, 40063),
        ({"chat_id_list": ["wrNone"]}, 40050),
        ({"chat_id_list": ["wr"] * 6}, 41091),
        ({"state": "s" * 31}, 40058),
        ({"room_base_name": "群" * 41}, 40058),
        ({"auto_create_room": 2}, 40058),
    ],
)
def test_an_invalid_join_way_is_refused_and_changes_nothing(
    empty_corp: Corp, fields: dict[str, Any], errcode: int
) -> None:
    wecom = empty_corp.client()
    good = {"scene": 2, "chat_id_list": [new_group(empty_corp)], "remark": "before"}
    config_id = new_join_way(wecom, **good)
    before = get_join_way(wecom, config_id)
    assert wecom.post(ADD, {**good, **fields})["errcode"] == errcode
    changed = {**good, "remark": "after", "config_id": config_id, **fields}
    assert wecom.post(UPDATE, changed)["errcode"] == errcode
    assert get_join_way(wecom, config_id) == before


def test_groups_of_a_join_way_must_exist_and_have_visible_owners(empty_corp: Corp) -> None:
    mine, gone = new_group(empty_corp), new_group(empty_corp, "lisi")
    act(empty_corp, "dismiss_group", chat_id=gone)
    wecom = seen_by(empty_corp, userid=["lisi"])
    config_id = new_join_way(wecom, new_group(empty_corp, "lisi"))
    for operation in (ADD, UPDATE):
        for chat_id, errcode in ((mine, 60011), (gone, 49008)):
            body = {"config_id": config_id, "scene": 2, "chat_id_list": [chat_id]}
            assert wecom.post(operation, body)["errcode"] == errcode


def test_a_scan_joins_the_first_group_with_room(empty_corp: Corp, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, wecom = empty_corp, empty_corp.client()
    gone, first, last = new_group(corp), new_group(corp), new_group(corp, "lisi")
    config_id = new_join_way(wecom, gone, first, last, state="海报", room_base_name="客服群", room_base_id=10)
    act(corp, "dismiss_group", chat_id=gone)
    monkeypatch.setattr(chat_lifecycle, "MOST_IN_A_GROUP", 2)
    result = [act(corp, "scan_join_way", config_id=config_id, name="王芳") for _ in range(4)]
    assert [one["chat_id"] for one in result[:2]] == [first, last]
    scanned = get_group(wecom, first)["member_list"][1]
    assert (scanned["join_scene"], scanned["state"]) == (3, "海报")
    created, next_made = (get_group(wecom, one["chat_id"]) for one in result[2:])
    assert (created["name"], next_made["name"], created["owner"]) == ("客服群10", "客服群11", "lisi")
    created, joined = chat_events(corp, result[2])
    assert (created["ChangeType"], joined["UpdateDetail"], joined["JoinScene"]) == (
        "create",
        "add_member",
        "3",
    )
    assert get_join_way(wecom, config_id)["chat_id_list"] == [gone, first, last]
    again = act_error(
        corp, "scan_join_way", config_id=config_id, external_userid=result[3]["external_userid"]
    )
    assert "already" in again


def test_without_auto_create_room_full_or_dissolved_groups_refuse_scans(
    empty_corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id = new_group(empty_corp)
    config_id = new_join_way(empty_corp.client(), chat_id, auto_create_room=0)
    monkeypatch.setattr(chat_lifecycle, "MOST_IN_A_GROUP", 1)
    assert "are full" in act_error(empty_corp, "scan_join_way", config_id=config_id)
    act(empty_corp, "dismiss_group", chat_id=chat_id)
    assert "all dissolved" in act_error(empty_corp, "scan_join_way", config_id=config_id)
