"""Messages that an app sends into its group, on the phones of the members."""

import json
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, new_member
from tests.families.uploads import SAMPLES, media_id

CARD = {"title": "领奖通知", "description": "恭喜你", "url": "https://work.weixin.qq.com/"}
NEWS = {"articles": [{"title": "中秋节礼品领取", "url": "https://work.weixin.qq.com/"}]}
MPNEWS = {"articles": [{"title": "地球一小时", "thumb_media_id": "MEDIA", "content": "照明"}]}


class Chat:
    """A group of an app with zhangsan, lisi and wanger."""

    def __init__(self, corp: Corp) -> None:
        new_member(corp, "wanger")
        self.corp, self.wecom = corp, corp.client()
        people = ["zhangsan", "lisi", "wanger"]
        self.chatid = self.wecom.post("appchat/create", userlist=people, owner="zhangsan", name="项目群")[
            "chatid"
        ]

    def send(self, msgtype: str = "text", part: Any = None, **fields: Any) -> int:
        body = {"chatid": self.chatid, "msgtype": msgtype, msgtype: part or {"content": "你好"}, **fields}
        return int(self.wecom.post("appchat/send", body)["errcode"])

    def phone(self, person: str) -> list[dict[str, Any]]:
        return list(self.corp.sim(f"phones/{person}")["items"])


@pytest.fixture
def chat(empty_corp: Corp) -> Chat:
    return Chat(empty_corp)


def test_a_message_is_on_the_phones_of_the_members(chat: Chat) -> None:
    new_member(chat.corp, "outsider")
    text = {"content": "你的快递已到\n请领取 <@WANGER>", "mentioned_list": ["lisi", "outsider", "nobody"]}
    assert chat.send("text", text) == 0
    for person in ("zhangsan", "lisi", "wanger"):
        (item,) = chat.phone(person)
        assert (item["kind"], item["from"], item["state"]) == (
            "chat_message",
            str(chat.wecom.agentid),
            "delivered",
        )
        assert item["body"] == {
            "chat_id": chat.chatid,
            "chat_name": "项目群",
            "msgtype": "text",
            "text": {"content": text["content"]},
            "mentioned": ["lisi", "wanger"],
        }
    assert chat.phone("outsider") == []


def test_everybody_can_be_mentioned(chat: Chat) -> None:
    assert chat.send("text", {"content": "开会", "mentioned_list": ["lisi", "@all"]}) == 0
    assert chat.send("markdown", {"content": "**开会** <@all> <@zhangsan>"}) == 0
    bodies = [item["body"] for item in chat.phone("lisi")]
    assert [body["mentioned"] for body in bodies] == [["@all"], ["zhangsan"]]


def test_those_who_left_or_were_removed_get_nothing(chat: Chat) -> None:
    act(chat.corp, "member_leaves_corp", userid="wanger")
    new_member(chat.corp, "zhaoliu")
    chat.wecom.post("appchat/update", chatid=chat.chatid, add_user_list=["zhaoliu"], del_user_list=["lisi"])
    assert chat.send() == 0
    assert [len(chat.phone(person)) for person in ("zhangsan", "zhaoliu", "lisi")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("msgtype", "part", "shown"),
    [
        ("image", {"media_id": "MEDIA"}, {"media_id": "MEDIA"}),
        ("voice", {"media_id": "MEDIA"}, {"media_id": "MEDIA"}),
        (
            "video",
            {"media_id": "MEDIA", "title": "题" * 43, "description": "D"},
            {"media_id": "MEDIA", "title": "题" * 42, "description": "D"},
        ),
        ("file", {"media_id": "MEDIA"}, {"media_id": "MEDIA"}),
        ("textcard", CARD, {**CARD, "btntxt": "详情"}),
        (
            "textcard",
            {**CARD, "title": "题" * 43, "description": "描" * 171, "btntxt": "更多消息看"},
            {**CARD, "title": "题" * 42, "description": "描" * 170, "btntxt": "更多消息"},
        ),
        ("news", NEWS, NEWS),
        ("mpnews", MPNEWS, MPNEWS),
        ("markdown", {"content": "**好**"}, {"content": "**好**"}),
    ],
)
def test_every_type_is_shown(chat: Chat, msgtype: str, part: Any, shown: Any) -> None:
    kind = msgtype if msgtype in SAMPLES else "image"
    uploaded = media_id(chat.wecom, kind)
    part, shown = (json.loads(json.dumps(one).replace("MEDIA", uploaded)) for one in (part, shown))
    assert chat.send(msgtype, part, safe=0) == 0
    (item,) = chat.phone("lisi")
    assert item["body"]["msgtype"] == msgtype
    assert item["body"][msgtype] == shown


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"chatid": ""}, 86201),
        ({"chatid": "nothing"}, 86003),
        ({"msgtype": ""}, 40008),
        ({"msgtype": "miniprogram_notice"}, 40008),
        ({"msgtype": "template_card"}, 40008),
        ({"text": None}, 44004),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": "字" * 683}}, 45002),
        ({"safe": 3}, 40058),
        ({"msgtype": "mpnews", "mpnews": MPNEWS, "safe": 2}, 40058),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "appid": "a", "pagepath": "p"}]}}, 41010),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 683}}, 45002),
        ({"msgtype": "image", "image": {}}, 41006),
        ({"msgtype": "image", "image": {"media_id": "?"}}, 40007),
        ({"msgtype": "textcard", "textcard": {**CARD, "title": ""}}, 41016),
        ({"msgtype": "textcard", "textcard": {**CARD, "url": ""}}, 41010),
        ({"msgtype": "textcard", "textcard": {**CARD, "description": ""}}, 41033),
        ({"msgtype": "news", "news": {"articles": []}}, 40063),
        ({"msgtype": "news", "news": {"articles": NEWS["articles"] * 9}}, 45008),
        ({"msgtype": "news", "news": NEWS, "safe": 1}, 40074),
        (
            {"msgtype": "mpnews", "mpnews": {"articles": [MPNEWS["articles"][0] | {"author": "a" * 65}]}},
            45032,
        ),
    ],
)
def test_a_wrong_message_is_not_sent(chat: Chat, fields: dict[str, Any], errcode: int) -> None:
    body = {"chatid": chat.chatid, "msgtype": "text", "text": {"content": "x"}, **fields}
    body = json.loads(json.dumps(body).replace("MEDIA", media_id(chat.wecom)))
    assert chat.wecom.post("appchat/send", body)["errcode"] == errcode
    assert chat.phone("lisi") == []


def test_eight_long_articles_fit(chat: Chat) -> None:
    article = MPNEWS["articles"][0] | {"content": "a" * 666 * 1024, "thumb_media_id": media_id(chat.wecom)}
    assert chat.send("mpnews", {"articles": [article] * 8}) == 0
    assert len(chat.phone("lisi")[0]["body"]["mpnews"]["articles"]) == 8


def test_only_the_app_of_the_group_sends(chat: Chat) -> None:
    other = chat.corp.client(chat.corp.apps[1])
    body = {"chatid": chat.chatid, "msgtype": "text", "text": {"content": "x"}}
    assert other.post("appchat/send", body)["errcode"] == 86008
    of_some = chat.corp.client(chat.corp.new_app(visible={"userid": ["lisi"]}))
    assert of_some.post("appchat/send", body)["errcode"] == 48002


def test_persons_per_minute_and_hour_are_limited(start_server: Any) -> None:
    server = start_server(limit_app_chat_minute=6, limit_app_chat_hour=9)
    server.sim.post("/clock", json={"set": "2026-08-01T09:00:00+08:00", "freeze": True})
    chat = Chat(with_two_members(server.make_corp()))
    assert [chat.send() for _ in range(3)] == [0, 0, 45009]
    server.sim.post("/clock", json={"advance_seconds": 60})
    assert [chat.send() for _ in range(2)] == [0, 45009], "the fourth message is over the hour's nine persons"
    assert len(chat.phone("lisi")) == 3


def test_a_member_who_had_enough_messages_of_the_app_misses_the_next(start_server: Any) -> None:
    server = start_server(limit_app_chat_member_minute=2, limit_app_chat_member_day=4)
    server.sim.post("/clock", json={"set": "2026-08-01T09:00:00+08:00", "freeze": True})
    chat = Chat(with_two_members(server.make_corp()))
    wecom: WeCom = chat.wecom
    other = wecom.post("appchat/create", userlist=["lisi", "wanger"])["chatid"]

    def seen() -> list[int]:
        return [len(chat.phone(person)) for person in ("zhangsan", "lisi")]

    assert [chat.send(chatid=other), chat.send(), chat.send()] == [0, 0, 0]
    assert seen() == [2, 2], "lisi had two in two groups"
    server.sim.post("/clock", json={"advance_seconds": 60})
    assert [chat.send() for _ in range(3)] == [0, 0, 0]
    assert seen() == [4, 4]
    server.sim.post("/clock", json={"advance_seconds": 60})
    assert chat.send() == 0
    assert seen() == [4, 4], "that was enough for today"
    server.sim.post("/clock", json={"advance_seconds": 24 * 3600})
    chat.wecom = chat.corp.client()
    assert chat.send() == 0
    assert seen() == [5, 5]


def with_two_members(corp: Corp) -> Corp:
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    return corp
