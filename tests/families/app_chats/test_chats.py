"""Group chats that an app creates, changes and reads."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import NOW, act, insert, new_member, seen_by
from wecom_tollbooth.families.directory.tables import Member

PEOPLE = ("wanger", "zhaoliu", "sunqi")


@pytest.fixture
def wecom(empty_corp: Corp) -> WeCom:
    for userid in PEOPLE:
        new_member(empty_corp, userid)
    return empty_corp.client()


def create(wecom: WeCom, *userids: str, **fields: Any) -> str:
    body = {"userlist": list(userids or ("zhangsan", "lisi")), **fields}
    made = wecom.post("appchat/create", body)
    assert made["errcode"] == 0, made
    return str(made["chatid"])


def shown(wecom: WeCom, chatid: str) -> dict[str, Any]:
    reply = wecom.get("appchat/get", chatid=chatid)
    assert reply["errcode"] == 0, reply
    return dict(reply["chat_info"])


def update(wecom: WeCom, chatid: str, **changes: Any) -> int:
    return int(wecom.post("appchat/update", chatid=chatid, **changes)["errcode"])


def test_a_group_is_read_as_it_was_created(wecom: WeCom) -> None:
    chatid = create(wecom, "Lisi", "zhangsan", "lisi", owner="ZHANGSAN", name="华东项目", chatid="Chat01")
    assert chatid == "Chat01"
    assert shown(wecom, chatid) == {
        "chatid": "Chat01",
        "name": "华东项目",
        "owner": "zhangsan",
        "userlist": ["lisi", "zhangsan"],
        "chat_type": 0,
    }


def test_id_owner_and_name_are_optional(wecom: WeCom) -> None:
    first, second = create(wecom, "zhangsan", "lisi"), create(wecom, name="群" * 51)
    assert first != second
    assert first.isalnum()
    assert len(first) == 32
    assert shown(wecom, first)["owner"] in ("zhangsan", "lisi")
    assert (shown(wecom, first)["name"], shown(wecom, second)["name"]) == ("", "群" * 50)


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"userlist": None}, 86204),
        ({"userlist": []}, 86204),
        ({"userlist": ["zhangsan"]}, 86006),
        ({"userlist": ["zhangsan", "ZhangSan"]}, 86006),
        ({"userlist": ["zhangsan", "nobody"]}, 86216),
        ({"userlist": ["zhangsan", ""]}, 40003),
        ({"userlist": ["zhangsan", "a|b"]}, 40003),
        ({"owner": "nobody"}, 86005),
        ({"owner": "wanger"}, 86207),
        ({"name": "  "}, 86004),
        ({"chatid": "chat-1"}, 86001),
        ({"chatid": "群"}, 86001),
        ({"chatid": "a" * 33}, 86205),
        ({"chatid": "9" * 20}, 86206),
        ({"chatid": "taken"}, 86215),
    ],
)
def test_a_wrong_group_is_not_created(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    create(wecom, chatid="taken", name="first")
    body = {"userlist": ["zhangsan", "lisi"], "chatid": "new1", **fields}
    assert wecom.post("appchat/create", body)["errcode"] == errcode
    assert wecom.get("appchat/get", chatid="new1")["errcode"] == 86003
    assert shown(wecom, "taken")["name"] == "first"


def test_a_group_has_at_most_2000_members(wecom: WeCom) -> None:
    people = [f"user{number}" for number in range(2001)]
    about: dict[str, Any] = {"corp_id": wecom.corp.corpid, "main_department": 1, "created_at": NOW}
    insert(wecom.corp, *(Member(userid=one, userid_key=one, name=one, **about) for one in people))
    assert wecom.post("appchat/create", userlist=people)["errcode"] == 86006
    chatid = create(wecom, *people[:2000])
    assert update(wecom, chatid, add_user_list=people[2000:]) == 86006
    assert len(shown(wecom, chatid)["userlist"]) == 2000


def test_only_self_built_apps_that_see_the_whole_corp_may_call(wecom: WeCom) -> None:
    chatid, corp = create(wecom), wecom.corp
    of_some = seen_by(corp, userid=["zhangsan", "lisi"])
    of_root = seen_by(corp, partyid=[1])
    assert of_some.post("appchat/create", userlist=["zhangsan", "lisi"])["errcode"] == 48002
    assert of_some.get("appchat/get", chatid=chatid)["errcode"] == 48002
    assert update(of_some, chatid, name="x") == 48002
    assert update(of_root, create(of_root), name="x") == 0


def test_only_the_app_that_created_a_group_uses_it(wecom: WeCom) -> None:
    chatid, other = create(wecom), wecom.corp.client(wecom.corp.apps[1])
    refused = other.get("appchat/get", chatid=chatid)
    assert refused["errcode"] == 86008
    assert refused["errmsg"].startswith("you has no privilege to access this chat, which is created by other")
    assert update(other, chatid, name="x") == 86008
    assert other.post("appchat/create", chatid=chatid, userlist=["zhangsan", "lisi"])["errcode"] == 86215
    assert wecom.get("appchat/get", chatid="")["errcode"] == 86201
    assert update(wecom, "") == 86201
    assert update(wecom, "nothing", name="x") == 86003


def test_update_adds_and_removes_members_and_changes_the_rest(wecom: WeCom) -> None:
    chatid = create(wecom, "zhangsan", "lisi", owner="zhangsan", name="old")
    assert update(wecom, chatid, add_user_list=["Wanger", "lisi"]) == 0
    assert shown(wecom, chatid)["userlist"] == ["zhangsan", "lisi", "wanger"]
    assert update(wecom, chatid, owner="LISI", del_user_list=["zhangsan"], name="新" * 60) == 0
    after = shown(wecom, chatid)
    assert (after["owner"], after["userlist"], after["name"]) == ("lisi", ["lisi", "wanger"], "新" * 50)
    both = {"add_user_list": ["zhaoliu", "sunqi"], "del_user_list": ["sunqi", "wanger"]}
    assert update(wecom, chatid, **both) == 0
    assert shown(wecom, chatid)["userlist"] == ["lisi", "zhaoliu"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({}, 86220),
        ({"add_user_list": []}, 86220),
        ({"add_user_list": ["nobody"]}, 86216),
        ({"add_user_list": ["lisi", ""]}, 40003),
        ({"del_user_list": ["wanger"]}, 86216),
        ({"del_user_list": ["zhangsan"]}, 86203),
        ({"del_user_list": ["zhangsan"], "owner": "lisi"}, 86006),
        ({"owner": "wanger"}, 86207),
        ({"owner": "nobody"}, 86005),
        ({"name": " "}, 86004),
    ],
)
def test_a_wrong_change_is_refused_as_a_whole(wecom: WeCom, changes: dict[str, Any], errcode: int) -> None:
    chatid = create(wecom, "zhangsan", "lisi", owner="zhangsan")
    before = shown(wecom, chatid)
    assert update(wecom, chatid, **changes) == errcode
    assert shown(wecom, chatid) == before


def test_members_who_left_the_corp_are_not_in_the_group(wecom: WeCom) -> None:
    chatid = create(wecom, "zhangsan", "lisi", "wanger", owner="zhangsan")
    act(wecom.corp, "member_leaves_corp", userid="zhangsan")
    after = shown(wecom, chatid)
    assert (after["owner"], after["userlist"]) == ("lisi", ["lisi", "wanger"])
    assert update(wecom, chatid, add_user_list=["zhangsan"]) == 86216


def test_creations_of_a_day_and_changes_of_an_hour_are_limited(start_server: Any) -> None:
    server = start_server(limit_app_chats_day=2, limit_app_chat_changes_hour=2)
    server.sim.post("/clock", json={"set": "2026-08-01T09:00:00+08:00", "freeze": True})
    corp = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    wecom = corp.client()
    people = {"userlist": ["zhangsan", "lisi"]}

    def created() -> int:
        return int(wecom.post("appchat/create", people)["errcode"])

    assert wecom.post("appchat/create", userlist=["zhangsan"])["errcode"] == 86006, (
        "refused calls don't count"
    )
    chatid = create(wecom)
    assert [created(), created()] == [0, 45009]
    assert [update(wecom, chatid, name=name) for name in "abc"] == [0, 0, 45009]
    assert shown(wecom, chatid)["name"] == "b"
    server.sim.post("/clock", json={"advance_seconds": 3600})
    assert update(wecom, chatid, name="c") == 0
    assert created() == 45009
    server.sim.post("/clock", json={"advance_seconds": 14 * 3600})
    assert corp.client().post("appchat/create", people)["errcode"] == 0
