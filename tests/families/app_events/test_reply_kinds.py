"""Each kind of passive reply as the member sees it; wechatpy renders the replies."""

from collections.abc import Callable
from typing import Any

import pytest
from wechatpy.enterprise.replies import ArticlesReply, ImageReply, VideoReply, VoiceReply

from tests.conftest import RunningServer
from tests.families.app_events.conftest import Phone
from tests.families.app_events.steps import plain, write
from tests.families.app_events.wechatpy_app import WechatpyApp
from tests.families.uploads import media_id


def article(number: int, **changed: str) -> dict[str, str]:
    return {
        "title": f"新品 {number}",
        "description": "桂花乌龙，第二杯半价",
        "image": "http://127.0.0.1/1.png",
        "url": "http://127.0.0.1/1",
    } | changed


# From the media_id of an upload, if it needs one, to the reply and what is shown.
SHOWN: dict[str, Callable[[str], tuple[Any, Any]]] = {
    "image": lambda media_id: (ImageReply(media_id=media_id), {"media_id": media_id}),
    "voice": lambda media_id: (VoiceReply(media_id=media_id), {"media_id": media_id}),
    "video": lambda media_id: (
        VideoReply(video={"media_id": media_id, "title": "冲泡", "description": "茶" * 200}),
        {"media_id": media_id, "title": "冲泡", "description": "茶" * 170},
    ),
    "news": lambda _: (
        ArticlesReply(articles=[article(1), article(2, title="茶" * 50)]),
        {
            "articles": [
                {
                    "title": title,
                    "description": "桂花乌龙，第二杯半价",
                    "url": "http://127.0.0.1/1",
                    "picurl": "http://127.0.0.1/1.png",
                }
                for title in ("新品 1", "茶" * 42)
            ]
        },
    ),
}


@pytest.mark.parametrize("kind", SHOWN)
def test_a_reply_of_each_kind_is_shown(app: WechatpyApp, phone: Phone, kind: str) -> None:
    uploaded = "" if kind == "news" else media_id(app.corp.client(app.app), kind)
    given, content = SHOWN[kind](uploaded)
    app.replies = lambda message: given
    write(app)
    assert app.outcome() == {"shown": True}
    (item,) = phone("zhangsan")
    assert item["kind"] == "passive_reply"
    assert item["body"]["msgtype"] == kind
    assert item["body"][kind] == content


def test_a_large_news_reply_fits(app: WechatpyApp, phone: Phone) -> None:
    long = "http://127.0.0.1/" + "x" * 2000
    app.replies = lambda message: [
        article(number, title="茶" * 42, description="茶" * 170, image=long, url=long) for number in range(8)
    ]
    write(app)
    assert app.outcome() == {"shown": True}
    assert len(phone("zhangsan")[0]["body"]["news"]["articles"]) == 8


@pytest.mark.parametrize(
    ("kind", "inner", "reason"),
    [
        ("image", "", "Image.MediaId is absent or empty"),
        ("voice", "<Voice><MediaId></MediaId></Voice>", "Voice.MediaId is absent or empty"),
        ("image", "<Image><MediaId>a b</MediaId></Image>", "Image.MediaId: 'a b' cannot be a media_id"),
        ("video", "<Video><Title>t</Title></Video>", "Video.MediaId is absent or empty"),
        ("news", "<ArticleCount>0</ArticleCount><Articles></Articles>", "Articles has no item"),
        ("news", "<Articles><item><Url>u</Url></item></Articles>", "Title is absent or empty"),
    ],
)
def test_a_reply_without_its_content_is_not_shown(
    app: WechatpyApp, phone: Phone, kind: str, inner: str, reason: str
) -> None:
    app.answers = lambda message: app.encrypted(
        plain(app, MsgType=kind, Content="").replace("<Content></Content>", inner)
    )
    write(app)
    outcome = app.outcome()
    assert (outcome["shown"], outcome["reason_en"]) == (False, reason)
    assert "Content" not in outcome["reason_zh"]
    assert phone("zhangsan") == []


def test_files_are_those_that_were_uploaded(start_server: Callable[..., RunningServer]) -> None:
    corp = start_server(unknown_media="refuse").make_corp(seed="demo", activity=False)
    app = WechatpyApp(corp)
    wecom = corp.client(app.app)
    given = [media_id(wecom, "image"), media_id(wecom, "file"), "3a8asd892asd8asd"]
    app.replies = lambda message: ImageReply(media_id=given[len(app.messages) - 1])
    outcomes = []
    for _ in given:
        write(app)
        outcomes.append(app.outcome())
    assert outcomes[0] == {"shown": True}
    assert "is of type file; image is wanted" in outcomes[1]["reason_en"]
    assert outcomes[2]["reason_zh"] == ("Image.MediaId 不符合接口的规定，错误码 40007；详细说明见 reason_en")
    sending = {"act": "member_sends_app_message", "agentid": app.agentid, "userid": "zhangsan"}
    refused = corp.server.sim.post(
        f"/corps/{corp.corpid}/acts", json={**sending, "msgtype": "voice", "media_id": given[0]}
    )
    assert refused.status_code == 422
    assert "is of type image; voice is wanted" in refused.json()["error"]
    app.http.close()
