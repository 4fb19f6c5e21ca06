"""member_sends_app_message: who may write to which app, and what the app receives."""

from typing import Any

import httpx
import pytest

from tests.callbacks.steps import act
from tests.conftest import Corp
from tests.families.app_events.wechatpy_app import WechatpyApp
from tests.families.uploads import SAMPLES, download, media_id


def refusal(corp: Corp, **fields: Any) -> str:
    given = {"act": "member_sends_app_message", "userid": "zhangsan", "content": "在吗", **fields}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=given)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"]).removeprefix("member_sends_app_message: ")


def test_two_messages_have_two_msgids(app: WechatpyApp) -> None:
    sent = [
        act(app.corp, "member_sends_app_message", agentid=app.agentid, userid="zhangsan", content="在吗")
        for _ in range(2)
    ]
    assert app.outcome() is None
    msgids = [int(one["msgid"]) for one in sent]
    assert [message.id for message in app.messages] == msgids
    assert len(set(msgids)) == 2
    assert all(0 < msgid < 2**63 for msgid in msgids)


def test_only_the_app_receives_what_a_member_writes_to_it(corp: Corp) -> None:
    other = corp.new_app(name="另一个应用")
    sent = act(corp, "member_sends_app_message", agentid=other["agentid"], userid="lisi", content="在吗")
    (callback,) = corp.sim("callbacks")["callbacks"]
    assert callback["id"] == sent["callbacks"][0]
    assert (callback["agentid"], callback["event"], callback["change_type"], callback["state"]) == (
        other["agentid"],
        "message",
        "text",
        "kept",
    )


def test_a_member_can_write_to_apps_that_see_them(corp: Corp) -> None:
    narrow = corp.new_app(name="只看李四", visible={"userid": ["lisi"]})
    act(corp, "member_sends_app_message", agentid=narrow["agentid"], userid="LiSi", content="在吗")
    assert refusal(corp, agentid=narrow["agentid"]) == (
        f"zhangsan is outside the visible range of app {narrow['agentid']}"
    )


# IMAGE, VOICE and VIDEO stand for the media_id of an upload.
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "image": (
        {"media_id": "IMAGE", "pic_url": "http://127.0.0.1/1.png"},
        "<PicUrl><![CDATA[http://127.0.0.1/1.png]]></PicUrl><MediaId><![CDATA[IMAGE]]></MediaId>",
    ),
    "voice": (
        {"media_id": "VOICE"},
        "<MediaId><![CDATA[VOICE]]></MediaId><Format><![CDATA[amr]]></Format>",
    ),
    "video": (
        {"media_id": "VIDEO", "thumb_media_id": "IMAGE"},
        "<MediaId><![CDATA[VIDEO]]></MediaId><ThumbMediaId><![CDATA[IMAGE]]></ThumbMediaId>",
    ),
    "location": (
        {"latitude": 23.134, "longitude": 113.358, "scale": 20, "label": "天河店"},
        "<Location_X>23.134</Location_X><Location_Y>113.358</Location_Y><Scale>20</Scale>"
        "<Label><![CDATA[天河店]]></Label>",
    ),
    "link": (
        {"title": "新品", "url": "http://127.0.0.1/new", "description": "桂花乌龙"},
        "<Title><![CDATA[新品]]></Title><Description><![CDATA[桂花乌龙]]></Description>"
        "<Url><![CDATA[http://127.0.0.1/new]]></Url><PicUrl><![CDATA[]]></PicUrl>",
    ),
}


def with_uploads(app: WechatpyApp, kind: tuple[dict[str, Any], str]) -> tuple[dict[str, Any], str]:
    wecom, (fields, xml) = app.corp.client(app.app), kind
    for name in ("IMAGE", "VOICE", "VIDEO"):
        if name in xml:
            uploaded = media_id(wecom, name.lower())
            fields = {key: uploaded if value == name else value for key, value in fields.items()}
            xml = xml.replace(f"[{name}]", f"[{uploaded}]")
    return fields, xml


def test_the_picture_of_an_image_message_can_be_fetched(app: WechatpyApp) -> None:
    wecom = app.corp.client(app.app)
    act(
        app.corp,
        "member_sends_app_message",
        agentid=app.agentid,
        userid="zhangsan",
        msgtype="image",
        media_id=media_id(wecom, "image"),
    )
    assert app.outcome() is None
    (message,) = app.messages
    assert message.image.startswith(app.corp.server.base_url)
    assert httpx.get(message.image).content == SAMPLES["image"][1]
    assert download(wecom, message.media_id).content == SAMPLES["image"][1]


@pytest.mark.parametrize("msgtype", KINDS)
def test_each_kind_of_message_carries_its_fields(app: WechatpyApp, msgtype: str) -> None:
    fields, xml = with_uploads(app, KINDS[msgtype])
    act(
        app.corp,
        "member_sends_app_message",
        agentid=app.agentid,
        userid="zhangsan",
        msgtype=msgtype,
        **fields,
    )
    assert app.outcome() is None
    (callback,) = app.callbacks()
    assert callback["change_type"] == msgtype
    assert f"<MsgType><![CDATA[{msgtype}]]></MsgType>{xml}<MsgId>" in callback["xml"]
    (message,) = app.messages
    assert message.type == msgtype


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"agentid": 7}, "there is no app 7 in this corp"),
        ({"userid": "nobody"}, "there is no member 'nobody' in this corp"),
        ({"msgtype": "music"}, "msgtype 'music' is not one of text, image, voice, video, location, link"),
        ({"msgtype": "image", "media_id": "x"}, "pic_url: 'x' was not uploaded, so the message needs one"),
        ({"msgtype": "voice", "media_id": "a b"}, "media_id: 'a b' cannot be a media_id"),
        ({"content": ""}, "content: a message of the type text needs one"),
        ({"msgtype": "location", "latitude": 23.1}, "longitude: a message of the type location needs one"),
        ({"msgtype": "location", "latitude": 91}, "latitude"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_cannot_be_sent_is_refused(corp: Corp, fields: dict[str, Any], says: str) -> None:
    assert says in refusal(corp, **{"agentid": corp.apps[0]["agentid"], **fields})
    assert corp.sim("callbacks")["callbacks"] == []


def test_system_secrets_are_no_apps_to_write_to(corp: Corp) -> None:
    agentid = corp.app_of_kind("contacts_sync")["agentid"]
    assert refusal(corp, agentid=agentid) == (
        f"app {agentid} is of the kind contacts_sync, which members don't use"
    )


def test_a_disabled_member_writes_nothing(corp: Corp) -> None:
    act(corp, "admin_sets_member_status", userid="zhangsan", status=2)
    assert refusal(corp, agentid=corp.apps[0]["agentid"]) == "zhangsan is not active (status 2)"
