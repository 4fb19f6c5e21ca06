"""Robots of members' group chats: what they write by their webhook, and who sees it."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer
from tests.families.factories import act, act_error, new_member
from tests.families.uploads import amr, download, media_id

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPG = b"\xff\xd8\xff\xe0" + bytes(100)
NEWS = {
    "title": "中秋节礼品领取",
    "description": "豪礼",
    "url": "www.qq.com",
    "picurl": "https://x.example/a.png",
}
TEXT_NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "欢迎使用企业微信"},
    "card_action": {"type": 1, "url": "https://work.weixin.qq.com/"},
}


class Robot:
    """A robot in a group of zhangsan, lisi and wanger."""

    def __init__(self, corp: Corp, **fields: Any) -> None:
        self.corp = corp
        fields = fields or {"members": ["lisi", "wanger"]}
        made = act(corp, "member_adds_group_robot", userid="zhangsan", name="天气", **fields)
        self.id, self.key, self.chatid = made["robot_id"], made["key"], made["chatid"]
        self.address = f"{corp.server.base_url}{made['webhook']}"

    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        return dict(httpx.post(self.address, json=body).json())

    def send(self, msgtype: str = "text", part: Any = None) -> int:
        return int(self.post({"msgtype": msgtype, msgtype: part or {"content": "你好"}})["errcode"])

    def phone(self, person: str = "lisi") -> list[dict[str, Any]]:
        return list(self.corp.sim(f"phones/{person}")["items"])


def people(corp: Corp) -> Corp:
    for userid in ("zhangsan", "lisi", "wanger"):
        new_member(corp, userid)
    return corp


@pytest.fixture
def robot(server: RunningServer) -> Robot:
    return Robot(people(server.make_corp()))


def image(data: bytes, **changes: Any) -> dict[str, Any]:
    return {"base64": base64.b64encode(data).decode(), "md5": hashlib.md5(data).hexdigest(), **changes}


def test_a_message_is_on_the_phones_of_the_group(robot: Robot) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", robot.key)
    assert robot.post({"msgtype": "text", "text": {"content": "hello world"}}) == {
        "errcode": 0,
        "errmsg": "ok",
    }
    for person in ("zhangsan", "lisi", "wanger"):
        (item,) = robot.phone(person)
        assert (item["kind"], item["from"], item["state"]) == ("robot_message", robot.id, "delivered")
        assert item["body"] == {
            "chat_id": robot.chatid,
            "robot": "天气",
            "msgtype": "text",
            "text": {"content": "hello world"},
        }


def test_members_are_mentioned_by_userid_mobile_and_in_the_text(robot: Robot) -> None:
    wecom = robot.corp.client(robot.corp.new_app(kind="contacts_sync"))
    mobile = {"mobile": "13800001111", "name": "赵六", "department": [1]}
    assert wecom.post("user/create", userid="zhaoliu", **mobile)["errcode"] == 0
    other = Robot(robot.corp, members=["zhaoliu", "lisi"])
    text = {"content": "看 <@zhangsan>", "mentioned_mobile_list": ["13800001111", "13900000000"]}
    assert other.send("text", text) == 0
    assert other.phone()[0]["body"]["mentioned"] == ["zhangsan", "zhaoliu"]
    assert other.send("text", {"content": "全体", "mentioned_mobile_list": ["@all"]}) == 0
    assert other.phone()[1]["body"]["mentioned"] == ["@all"]
    assert other.send("markdown", {"content": "<@lisi> **好**", "mentioned_list": ["wanger"]}) == 0
    assert other.phone()[2]["body"]["mentioned"] == ["lisi"]
    assert other.send("markdown_v2", {"content": "<@lisi> *好*"}) == 0
    assert "mentioned" not in other.phone()[3]["body"]


@pytest.mark.parametrize(
    ("msgtype", "part", "shown"),
    [
        ("markdown", {"content": "字" * 1365}, {"content": "字" * 1365}),
        ("markdown_v2", {"content": "# 一"}, {"content": "# 一"}),
        ("image", image(PNG), {"md5": hashlib.md5(PNG).hexdigest(), "size": 108}),
        ("image", image(JPG, md5=hashlib.md5(JPG).hexdigest().upper()), None),
        ("news", {"articles": [NEWS]}, {"articles": [NEWS]}),
        (
            "news",
            {"articles": [{**NEWS, "title": "题" * 43, "description": "描" * 171}]},
            {"articles": [{**NEWS, "title": "题" * 42, "description": "描" * 170}]},
        ),
        ("template_card", TEXT_NOTICE, TEXT_NOTICE),
        (
            "template_card",
            {**TEXT_NOTICE, "card_type": "news_notice", "card_image": {"url": "https://x.example/a.png"}},
            None,
        ),
    ],
)
def test_every_type_is_shown(robot: Robot, msgtype: str, part: Any, shown: Any) -> None:
    assert robot.send(msgtype, part) == 0
    (item,) = robot.phone()
    assert item["body"]["msgtype"] == msgtype
    assert shown is None or item["body"][msgtype] == shown


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 40008),
        ({"msgtype": "mpnews", "mpnews": {}}, 40008),
        ({"msgtype": "text"}, 93017),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "字" * 683}}, 40058),
        ({"msgtype": "markdown", "markdown": {"content": "x" * 4097}}, 40058),
        ({"msgtype": "image", "image": {"base64": "", "md5": "x"}}, 40063),
        ({"msgtype": "image", "image": image(PNG, base64="?")}, 40058),
        ({"msgtype": "image", "image": image(b"GIF89a" + bytes(100))}, 40005),
        ({"msgtype": "image", "image": image(PNG, md5="0" * 32)}, 301019),
        ({"msgtype": "image", "image": image(PNG + bytes(2 * 1024 * 1024))}, 93018),
        ({"msgtype": "image", "image": image(PNG + bytes(4 * 1024 * 1024))}, 93018),
        ({"msgtype": "news", "news": {"articles": []}}, 40063),
        ({"msgtype": "news", "news": {"articles": [NEWS] * 9}}, 45008),
        ({"msgtype": "news", "news": {"articles": [{**NEWS, "title": ""}]}}, 41016),
        ({"msgtype": "news", "news": {"articles": [{**NEWS, "url": ""}]}}, 41010),
        (
            {"msgtype": "template_card", "template_card": {**TEXT_NOTICE, "card_type": "vote_interaction"}},
            42031,
        ),
        ({"msgtype": "template_card", "template_card": {}}, 42031),
    ],
)
def test_a_wrong_message_is_not_sent(robot: Robot, body: dict[str, Any], errcode: int) -> None:
    assert robot.post(body)["errcode"] == errcode
    assert robot.phone() == []


def link(**fields: Any) -> dict[str, Any]:
    return {"type": 1, "url": "https://work.weixin.qq.com/", "title": "官网", **fields}


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"horizontal_content_list": [{"value": "x"}]}, 42027),
        ({"jump_list": [link(url="")]}, 42028),
        ({"horizontal_content_list": [{"keyname": "k", "type": 2}]}, 42029),
        ({"jump_list": [link(type=2)]}, 42030),
        ({"main_title": {}}, 42033),
        ({"horizontal_content_list": [{"keyname": "k"}] * 7}, 42035),
        (
            {"card_image": {"url": "https://x.example/a.png"}, "vertical_content_list": [{"title": "t"}] * 5},
            42036,
        ),
        ({"jump_list": [link()] * 4}, 42042),
        ({"card_type": "news_notice"}, 42044),
        ({"card_action": {"type": 0}}, 42045),
        ({"horizontal_content_list": [{"keyname": "k", "type": 3, "userid": "nobody"}]}, 42050),
    ],
)
def test_a_wrong_card_is_not_sent(robot: Robot, changes: dict[str, Any], errcode: int) -> None:
    card = {**TEXT_NOTICE, **changes}
    if "card_image" in changes:
        card["card_type"] = "news_notice"
    assert robot.send("template_card", card) == errcode
    assert robot.phone() == []


def test_thousands_of_mobiles_are_looked_up(robot: Robot) -> None:
    mobiles = [f"138{number:08}" for number in range(40_000)]
    assert robot.send("text", {"content": "x", "mentioned_mobile_list": mobiles}) == 0
    assert "mentioned" not in robot.phone()[0]["body"]


def test_of_many_messages_at_once_20_are_sent(robot: Robot) -> None:
    server = robot.corp.server
    server.sim.post("/clock", json={"freeze": True})
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: robot.send(), range(25)))
    server.sim.post("/clock", json={"freeze": False})
    assert sorted(answers) == [0] * 20 + [45009] * 5
    assert len(robot.phone()) == 20


def test_a_text_that_is_too_long_is_named_as_by_the_real_server(robot: Robot) -> None:
    reply = robot.post({"msgtype": "markdown", "markdown": {"content": "x" * 4097}})
    expected = "markdown.content exceed max length 4096. invalid Request Parameter, hint: ["
    assert reply["errmsg"].startswith(expected)


def test_an_unknown_key_and_a_removed_robot_are_refused(robot: Robot) -> None:
    body = {"msgtype": "text", "text": {"content": "x"}}
    base = robot.address.partition("?")[0]
    unknown = "00000000-0000-4000-8000-000000000000"
    for query in ("", "?key=", "?key=x", f"?key={unknown}", f"?key={robot.key[:-1]}g"):
        reply = httpx.post(f"{base}{query}", json=body).json()
        assert reply["errcode"] == 93000
        assert reply["errmsg"].startswith("invalid webhook url, hint: [")
    act(robot.corp, "member_removes_group_robot", robot_id=robot.id)
    assert robot.send() == 93000
    assert "no robot" in act_error(robot.corp, "member_removes_group_robot", robot_id=robot.id)


def test_an_admin_disables_a_robot_and_enables_it_again(robot: Robot) -> None:
    act(robot.corp, "admin_disables_group_robot", robot_id=robot.id)
    assert robot.send() == 93004
    act(robot.corp, "admin_disables_group_robot", robot_id=robot.id, disabled=False)
    assert robot.send() == 0
    assert len(robot.phone()) == 1
    assert "no robot" in act_error(robot.corp, "admin_disables_group_robot", robot_id="wb1")


def test_a_robot_joins_a_group_of_an_app(robot: Robot) -> None:
    wecom = robot.corp.client()
    chatid = wecom.post("appchat/create", userlist=["zhangsan", "lisi"])["chatid"]
    in_chat = Robot(robot.corp, chatid=chatid)
    assert in_chat.chatid == chatid
    assert in_chat.send() == 0
    assert [len(robot.phone(person)) for person in ("zhangsan", "lisi", "wanger")] == [1, 1, 0]
    assert wecom.get("appchat/get", chatid=robot.chatid)["errcode"] == 86003, "no app created that group"
    act(robot.corp, "member_leaves_corp", userid="lisi")
    assert in_chat.send() == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"userid": "nobody", "members": ["lisi"]}, "no member"),
        ({"members": ["nobody"]}, "no member"),
        ({}, "give chatid, or members"),
        ({"chatid": "x", "members": ["lisi"]}, "give chatid, or members"),
        ({"chatid": "nothing"}, "in no group"),
    ],
)
def test_a_robot_needs_a_group_of_the_member(robot: Robot, fields: dict[str, Any], reason: str) -> None:
    assert reason in act_error(robot.corp, "member_adds_group_robot", **{"userid": "zhangsan", **fields})


def test_a_robot_sends_20_messages_a_minute(start_server: Any) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": "2026-08-01T09:00:00+08:00", "freeze": True})
    corp = people(server.make_corp())
    robot, other = Robot(corp), Robot(corp)
    assert robot.send("text", {"content": ""}) == 44004, "refused messages don't count"
    assert [robot.send() for _ in range(21)] == [0] * 20 + [45009]
    assert other.send() == 0
    assert len(robot.phone()) == 21
    server.sim.post("/clock", json={"advance_seconds": 60})
    assert robot.send() == 0


def test_the_key_is_not_in_the_journal(robot: Robot) -> None:
    assert robot.send() == 0
    calls = robot.corp.sim("calls", path="/cgi-bin/webhook/send")["calls"]
    assert calls[0]["request"]["path"] == "/cgi-bin/webhook/send"
    assert robot.key not in str(calls)


# --- files -----------------------------------------------------------------------------------------------


def upload(robot: Robot, content: bytes, name: str = "报价单.txt", **params: str) -> dict[str, Any]:
    params = {"key": robot.key, "type": "file", **params}
    url = f"{robot.corp.server.base_url}/cgi-bin/webhook/upload_media"
    return dict(httpx.post(url, params=params, files={"media": (name, content)}).json())


def test_a_robot_sends_files_and_voice_that_it_uploaded(robot: Robot) -> None:
    uploaded = upload(robot, "奶茶 18 元".encode())
    assert (uploaded["errcode"], uploaded["type"]) == (0, "file")
    assert uploaded["created_at"].isdigit()
    voice = upload(robot, amr(), type="voice")["media_id"]
    for kind, given in (("file", uploaded["media_id"]), ("voice", voice)):
        assert robot.send(kind, {"media_id": given}) == 0
        body = robot.phone()[-1]["body"]
        assert (body["msgtype"], body[kind]) == (kind, {"media_id": given})
    attached = {"keyname": "附件", "value": "报价单.txt", "type": 2, "media_id": uploaded["media_id"]}
    assert robot.send("template_card", {**TEXT_NOTICE, "horizontal_content_list": [attached]}) == 0
    content = download(robot.corp.client(), uploaded["media_id"])
    assert content.content.decode() == "奶茶 18 元"


def test_a_file_of_another_robot_or_an_app_or_of_another_type_is_refused(robot: Robot) -> None:
    file = upload(robot, b"123456")["media_id"]
    of_other = upload(Robot(robot.corp), b"123456")["media_id"]
    of_app = media_id(robot.corp.client(), "file")
    for kind, given in (("file", of_other), ("file", of_app), ("voice", file), ("file", "nothing")):
        assert robot.send(kind, {"media_id": given}) == 40007
    assert robot.send("file", {"media_id": ""}) == 41006
    attached = {"keyname": "附件", "value": "a.txt", "type": 2, "media_id": of_app}
    assert robot.send("template_card", {**TEXT_NOTICE, "horizontal_content_list": [attached]}) == 40007
    assert robot.phone() == []


def test_a_media_id_of_a_robot_is_valid_for_three_days(start_server: Any) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": "2026-08-01T09:00:00+08:00", "freeze": True})
    robot = Robot(people(server.make_corp()))
    file = {"media_id": upload(robot, b"123456")["media_id"]}
    server.sim.post("/clock", json={"advance_seconds": 3 * 24 * 3600 - 1})
    assert robot.send("file", file) == 0
    server.sim.post("/clock", json={"advance_seconds": 1})
    assert robot.send("file", file) == 40007


@pytest.mark.parametrize(
    ("content", "params", "errcode"),
    [
        (b"", {}, 44001),
        (b"12345", {}, 40006),
        (b"123456", {"type": "image"}, 40005),
        (b"123456", {"type": ""}, 40005),
        (b"123456", {"type": "voice"}, 301017),
        (amr(61), {"type": "voice"}, 45007),
        (amr()[:-1], {"type": "voice"}, 301016),
        (amr() + bytes(2 * 1024 * 1024), {"type": "voice"}, 45001),
        (b"123456", {"key": "x"}, 40058),
    ],
)
def test_a_wrong_upload_is_refused(
    robot: Robot, content: bytes, params: dict[str, str], errcode: int
) -> None:
    assert upload(robot, content, **params)["errcode"] == errcode


def test_a_disabled_robot_takes_no_files(robot: Robot) -> None:
    act(robot.corp, "admin_disables_group_robot", robot_id=robot.id)
    assert upload(robot, b"123456")["errcode"] == 93004
