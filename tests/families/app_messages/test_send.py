"""message/send: every type but cards, as it is checked, cut, and shown on phones."""

import json
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.app_messages.sending import TEXT, last_on, phone, send, sent

MEDIA = {"media_id": "1Yv-zXfHjSjU-7LH-GwtYqDGS-zz6w22KmWAT5COgP7o"}
CARD = {"title": "领奖通知", "description": "请领取", "url": "https://work.weixin.qq.com", "btntxt": "更多"}
ARTICLE = {"title": "中秋节礼品领取", "url": "https://work.weixin.qq.com"}
MP_ARTICLE = {"title": "标题", "thumb_media_id": MEDIA["media_id"], "content": "<p>正文</p>"}
NOTICE = {"appid": "wx123", "title": "会议室预订成功通知", "description": "4月27日 16:16"}
TASK = {"title": "礼物申请", "task_id": "t@1", "btn": [{"key": "yes", "name": "批准"}]}


@pytest.mark.parametrize(
    ("msgtype", "part"),
    [
        ("text", TEXT),
        ("image", MEDIA),
        ("voice", MEDIA),
        ("video", {**MEDIA, "title": "片头", "description": "说明"}),
        ("file", MEDIA),
        ("textcard", CARD),
        ("news", {"articles": [{**ARTICLE, "description": "好礼", "picurl": "https://a.cn/1.png"}]}),
        ("news", {"articles": [{"title": "标题", "appid": "wx1", "pagepath": "pages/index"}]}),
        ("mpnews", {"articles": [{**MP_ARTICLE, "author": "小王", "digest": "摘要"}]}),
        ("markdown", {"content": "会议室已经预定 >**事项详情**"}),
        ("miniprogram_notice", {**NOTICE, "content_item": [{"key": "会议室", "value": "402"}]}),
    ],
)
def test_a_message_of_each_type_is_on_the_phone_as_sent(
    corp: Corp, wecom: WeCom, msgtype: str, part: dict[str, Any]
) -> None:
    reply = sent(wecom, msgtype, part)
    assert len(reply["msgid"]) == 63
    assert list(reply) == ["errcode", "errmsg", "msgid"]
    item = last_on(corp)
    assert (item["kind"], item["from"], item["state"]) == ("app_message", str(wecom.agentid), "delivered")
    assert item["body"] == {"msgtype": msgtype, msgtype: part, "msgid": reply["msgid"]}
    assert phone(corp, "zhangsan") == []


def shown(corp: Corp, wecom: WeCom, msgtype: str, part: dict[str, Any], **fields: Any) -> Any:
    sent(wecom, msgtype, part, **fields)
    return last_on(corp)["body"][msgtype]


def test_long_texts_are_cut_to_whole_characters(corp: Corp, wecom: WeCom) -> None:
    assert shown(corp, wecom, "text", {"content": "字" * 683})["content"] == "字" * 682
    assert shown(corp, wecom, "text", {"content": "a" * 2049})["content"] == "a" * 2048
    long = {"title": "字" * 200, "description": "a" * 600}
    video = shown(corp, wecom, "video", {**MEDIA, **long})
    assert (video["title"], video["description"]) == ("字" * 42, "a" * 512)
    card = shown(corp, wecom, "textcard", {**CARD, **long, "btntxt": "五个文字了"})
    assert (card["title"], card["description"], card["btntxt"]) == ("字" * 128, "a" * 512, "五个文字")
    (article,) = shown(corp, wecom, "news", {"articles": [{**ARTICLE, **long}]})["articles"]
    assert (article["title"], article["description"]) == ("字" * 42, "a" * 512)
    (article,) = shown(corp, wecom, "mpnews", {"articles": [{**MP_ARTICLE, "digest": "a" * 600}]})["articles"]
    assert article["digest"] == "a" * 512


def test_a_text_card_without_button_text_says_details(corp: Corp, wecom: WeCom) -> None:
    assert shown(corp, wecom, "textcard", {**CARD, "btntxt": ""})["btntxt"] == "详情"


def test_a_mini_program_counts_before_the_url_of_news(corp: Corp, wecom: WeCom) -> None:
    part = {"articles": [{**ARTICLE, "appid": "wx1", "pagepath": "pages/index"}]}
    assert shown(corp, wecom, "news", part)["articles"] == [
        {"title": "中秋节礼品领取", "appid": "wx1", "pagepath": "pages/index"}
    ]


def test_empty_items_of_a_mini_program_notice_are_left_out(corp: Corp, wecom: WeCom) -> None:
    items = [{"key": "", "value": ""}, {"key": "地点", "value": ""}]
    assert shown(corp, wecom, "miniprogram_notice", {**NOTICE, "content_item": items})["content_item"] == [
        {"key": "地点", "value": ""}
    ]


@pytest.fixture(scope="module")
def refusing(server: RunningServer) -> WeCom:
    """A client of a corp in which nothing is ever sent."""
    return server.make_corp(seed="demo").client()


@pytest.mark.parametrize(
    ("msgtype", "part", "errcode"),
    [
        ("txt", TEXT, 40008),
        ("", TEXT, 40008),
        ("text", {"content": ""}, 44004),
        ("text", None, 44004),
        ("markdown", {"content": ""}, 44004),
        ("markdown", {"content": "a" * 2049}, 45002),
        ("image", {}, 41006),
        ("image", {"media_id": "not a media id"}, 40007),
        ("voice", {"media_id": "字"}, 40007),
        ("video", {"media_id": ""}, 41006),
        ("file", {"media_id": "不是"}, 40007),
        ("textcard", {**CARD, "title": ""}, 41016),
        ("textcard", {**CARD, "description": ""}, 41033),
        ("textcard", {**CARD, "url": ""}, 41010),
        ("textcard", {**CARD, "url": "http://" + "a" * 2042}, 40058),
        ("news", {}, 40063),
        ("news", {"articles": []}, 40063),
        ("news", {"articles": [ARTICLE] * 9}, 45008),
        ("news", {"articles": [{"url": "https://a.cn"}]}, 41016),
        ("news", {"articles": [{"title": "只有标题"}]}, 41010),
        ("news", {"articles": [{"title": "标题", "appid": "wx1"}]}, 41010),
        ("news", {"articles": [{**ARTICLE, "picurl": "a" * 2049}]}, 40058),
        ("news", {"articles": [{**ARTICLE, "appid": "wx1", "pagepath": "a" * 129}]}, 40058),
        ("mpnews", {"articles": [{**MP_ARTICLE, "title": ""}]}, 41016),
        ("mpnews", {"articles": [{**MP_ARTICLE, "thumb_media_id": ""}]}, 41006),
        ("mpnews", {"articles": [{**MP_ARTICLE, "thumb_media_id": "不是"}]}, 40007),
        ("mpnews", {"articles": [{**MP_ARTICLE, "content": ""}]}, 44004),
        ("mpnews", {"articles": [{**MP_ARTICLE, "content": "a" * (666 * 1024 + 1)}]}, 45002),
        ("mpnews", {"articles": [{**MP_ARTICLE, "author": "字" * 22}]}, 45032),
        ("mpnews", {"articles": [MP_ARTICLE] * 9}, 45008),
        ("miniprogram_notice", {**NOTICE, "appid": ""}, 90200),
        ("miniprogram_notice", {**NOTICE, "title": ""}, 41016),
        ("miniprogram_notice", {**NOTICE, "title": "三个字"}, 40058),
        ("miniprogram_notice", {**NOTICE, "description": "字" * 13}, 40058),
        ("miniprogram_notice", {**NOTICE, "page": "a" * 1025}, 90204),
        ("miniprogram_notice", {**NOTICE, "content_item": [{"key": "字" * 11}]}, 90202),
        ("miniprogram_notice", {**NOTICE, "content_item": [{"value": "字" * 31}]}, 90203),
        ("miniprogram_notice", {**NOTICE, "content_item": [{"key": "a"}] * 11}, 90201),
    ],
)
def test_a_wrong_part_answers_its_code_and_nobody_gets_it(
    refusing: WeCom, msgtype: str, part: Any, errcode: int
) -> None:
    assert send(refusing, msgtype, part)["errcode"] == errcode
    assert phone(refusing.corp) == []


def test_eight_articles_may_be_as_long_as_the_page_says(corp: Corp, wecom: WeCom) -> None:
    article = {**MP_ARTICLE, "content": "字" * (666 * 1024 // 3)}
    body = {
        "touser": "lisi",
        "msgtype": "mpnews",
        "agentid": wecom.agentid,
        "mpnews": {"articles": [article] * 8},
    }
    escaped = json.dumps(body).encode()
    assert len(escaped) > 10_000_000
    assert wecom.post("message/send", content=escaped)["errcode"] == 0
    assert len(last_on(corp)["body"]["mpnews"]["articles"]) == 8
    assert wecom.post("message/send", content=escaped + b" " * 2_000_000)["errcode"] == 40206


def test_other_parts_than_that_of_the_msgtype_do_not_count(corp: Corp, wecom: WeCom) -> None:
    empty: dict[str, Any] = {"image": {"media_id": ""}, "news": {"articles": None}, "textcard": {"title": ""}}
    sent(wecom, **empty)
    assert list(last_on(corp)["body"]) == ["msgtype", "text", "msgid"]


@pytest.mark.parametrize(
    ("msgtype", "part", "safe", "errcode"),
    [
        ("text", TEXT, 1, 0),
        ("mpnews", {"articles": [MP_ARTICLE]}, 2, 0),
        ("text", TEXT, 2, 40058),
        ("mpnews", {"articles": [MP_ARTICLE]}, 3, 40058),
        ("news", {"articles": [ARTICLE]}, 1, 40074),
    ],
)
def test_what_may_be_confidential(
    corp: Corp, wecom: WeCom, msgtype: str, part: Any, safe: int, errcode: int
) -> None:
    assert send(wecom, msgtype, part, safe=safe)["errcode"] == errcode
    if errcode == 0:
        assert last_on(corp)["body"]["safe"] == safe


def test_the_agentid_must_be_that_of_the_token(corp: Corp, wecom: WeCom) -> None:
    other = corp.new_app(kind="self_built")["agentid"]
    assert send(wecom, agentid=None)["errcode"] == 41011
    assert send(wecom, agentid="")["errcode"] == 41011
    assert send(wecom, agentid=99)["errcode"] == 40056
    assert send(wecom, agentid=other)["errcode"] == 301002
    assert send(wecom, agentid=str(wecom.agentid))["errcode"] == 0
    # The sample of a notice of a mini-program has none.
    assert send(wecom, "miniprogram_notice", NOTICE, agentid=None)["errcode"] == 0
    assert len(phone(corp)) == 2


def test_names_take_the_place_of_ids_where_the_app_sees_them(corp: Corp) -> None:
    app = corp.new_app(kind="self_built", visible={"userid": ["lisi"], "partyid": []})
    wecom = corp.client(app)
    name = corp.client().get("user/get", userid="lisi")["name"]
    text = (
        "$userName=LiSi$ $userAliasOrName=lisi$ $userAlias=lisi$ $userName=zhangsan$ $departmentName=1$ $x=1$"
    )
    assert shown(corp, wecom, "text", {"content": text})["content"] == text
    put = shown(corp, wecom, "text", {"content": text}, enable_id_trans=1)["content"]
    assert put == (f"{name} {name} $userAlias=lisi$ $userName=zhangsan$ $departmentName=1$ $x=1$")
    department = corp.client().get("department/list")["department"][0]["name"]
    (article,) = shown(
        corp,
        corp.client(),
        "news",
        {"articles": [{**ARTICLE, "title": "$departmentName=1$", "url": "https://a.cn/$userName=lisi$"}]},
        enable_id_trans=1,
    )["articles"]
    assert (article["title"], article["url"]) == (department, "https://a.cn/$userName=lisi$")


@pytest.mark.parametrize(("name", "errcode"), [("排班.PDF", 0), ("排班.zip", 40058)])
def test_only_some_types_of_file_may_be_confidential(wecom: WeCom, name: str, errcode: int) -> None:
    file = {"media": (name, b"some bytes", "application/octet-stream")}
    params = {"access_token": wecom.token, "type": "file"}
    media_id = wecom.http.post("media/upload", params=params, files=file).json()["media_id"]
    assert send(wecom, "file", {"media_id": media_id}, safe=1)["errcode"] == errcode
    assert send(wecom, "file", {"media_id": media_id})["errcode"] == 0
