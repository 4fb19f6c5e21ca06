"""Every operation that accepts a media_id looks it up: 40007 for what was not uploaded for it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, Databases, RunningServer, WeCom
from tests.families.factories import a_customer_of_one, act
from tests.families.uploads import Uploads, files_of, image_url, png
from wecom_tollbooth.settings import Settings

Body = dict[str, Any]


@pytest.fixture(scope="module")
def strict(databases: Databases) -> Iterator[RunningServer]:
    """A server as it is without settings."""
    running = RunningServer(Settings(database_url=databases.new_url()))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def corp(strict: RunningServer) -> Corp:
    return strict.make_corp(seed="demo")


@pytest.fixture(scope="module")
def wecom(corp: Corp) -> WeCom:
    return corp.client()


@pytest.fixture(scope="module")
def uploads(wecom: WeCom) -> Uploads:
    return Uploads(wecom)


@pytest.fixture(scope="module")
def of_a_stranger(strict: RunningServer) -> Uploads:
    return Uploads(strict.make_corp().client())


def temporary_way(conclusions: Body) -> Body:
    return {"type": 1, "scene": 1, "is_temp": True, "user": ["zhangsan"], "conclusions": conclusions}


MINIPROGRAM = {"title": "会员卡", "appid": "wx1", "page": "/index"}
LINK = {"title": "新品", "url": "https://example.com"}

ACCEPTING: dict[str, tuple[str, str, str, Callable[[str], Body]]] = {
    "conclusions, image": (
        "externalcontact/add_contact_way",
        "",
        "image",
        lambda one: temporary_way({"image": {"media_id": one}}),
    ),
    "conclusions, mini-program": (
        "externalcontact/add_contact_way",
        "",
        "image",
        lambda one: temporary_way({"miniprogram": {**MINIPROGRAM, "pic_media_id": one}}),
    ),
    "album": (
        "externalcontact/add_product_album",
        "product_album",
        "image",
        lambda one: {
            "description": "杨枝甘露",
            "price": 1800,
            "attachments": [{"type": "image", "image": {"media_id": one}}],
        },
    ),
    "moment, image": (
        "externalcontact/add_moment_task",
        "moment",
        "image",
        lambda one: {"attachments": [{"msgtype": "image", "image": {"media_id": one}}]},
    ),
    "moment, video": (
        "externalcontact/add_moment_task",
        "moment",
        "video",
        lambda one: {"attachments": [{"msgtype": "video", "video": {"media_id": one}}]},
    ),
    "moment, link": (
        "externalcontact/add_moment_task",
        "moment",
        "image",
        lambda one: {"attachments": [{"msgtype": "link", "link": {**LINK, "media_id": one}}]},
    ),
    **{
        f"mass message, {kind}": (
            "externalcontact/add_msg_template",
            "",
            kind,
            lambda one, kind=kind: {  # type: ignore[misc]
                "sender": "zhangsan",
                "attachments": [{"msgtype": kind, kind: {"media_id": one}}],
            },
        )
        for kind in ("image", "video", "file")
    },
    "mass message, mini-program": (
        "externalcontact/add_msg_template",
        "",
        "image",
        lambda one: {
            "sender": "zhangsan",
            "attachments": [{"msgtype": "miniprogram", "miniprogram": {**MINIPROGRAM, "pic_media_id": one}}],
        },
    ),
    "group welcome": (
        "externalcontact/group_welcome_template/add",
        "",
        "file",
        lambda one: {"file": {"media_id": one}},
    ),
    **{
        f"app message, {kind}": (
            "message/send",
            "",
            kind,
            lambda one, kind=kind: {  # type: ignore[misc]
                "touser": "@all",
                "msgtype": kind,
                "agentid": 0,
                kind: {"media_id": one},
            },
        )
        for kind in ("image", "voice", "video", "file")
    },
    "news of an app": (
        "message/send",
        "",
        "image",
        lambda one: {
            "touser": "@all",
            "msgtype": "mpnews",
            "agentid": 0,
            "mpnews": {"articles": [{"title": "新品", "thumb_media_id": one, "content": "奶盖"}]},
        },
    ),
}


@pytest.mark.parametrize("case", ACCEPTING)
def test_only_what_was_uploaded_for_it_is_accepted(
    wecom: WeCom, uploads: Uploads, of_a_stranger: Uploads, case: str
) -> None:
    operation, use, kind, body_of = ACCEPTING[case]

    def errcode(media_id: str) -> int:
        body = body_of(media_id)
        if "agentid" in body:
            body["agentid"] = wecom.agentid
        return int(wecom.post(operation, body)["errcode"])

    assert errcode(uploads.of_use[use][kind]) == 0
    assert errcode("unknown") == 40007
    assert errcode(of_a_stranger.of_use[use][kind]) == 40007
    other_type = "video" if kind == "image" else "image"
    assert errcode(uploads.of_use[""][other_type]) == 40007
    for other_use in {"", "moment", "product_album"} - {use}:
        of_other_use = uploads.of_use[other_use].get(kind)
        if of_other_use is not None:
            assert errcode(of_other_use) == 40007, f"uploaded for {other_use or 'anything'}"


def test_a_remark_takes_an_uploaded_image(wecom: WeCom, uploads: Uploads) -> None:
    of_customer = {"userid": "zhangsan", "external_userid": a_customer_of_one(wecom)}
    for media_id, errcode in ((uploads.of_use[""]["image"], 0), ("unknown", 40007), ("", 0)):
        reply = wecom.post("externalcontact/remark", **of_customer, remark_pic_mediaid=media_id)
        assert reply["errcode"] == errcode


def test_an_avatar_is_an_uploaded_image(corp: Corp, uploads: Uploads) -> None:
    contacts = corp.client(corp.app_of_kind("contacts_sync"))
    member = {"userid": "xinren", "name": "新人", "mobile": "13900001234", "department": [1]}
    assert contacts.post("user/create", **member, avatar_mediaid="unknown")["errcode"] == 40007
    image = uploads.of_use[""]["image"]
    assert contacts.post("user/create", **member, avatar_mediaid=image)["errcode"] == 0
    file = uploads.of_use[""]["file"]
    assert contacts.post("user/update", userid="xinren", avatar_mediaid=file)["errcode"] == 40007


def test_a_pic_url_is_the_address_of_an_uploaded_image(wecom: WeCom, of_a_stranger: Uploads) -> None:
    own = image_url(wecom)

    def errcode(url: str) -> int:
        attachments = [{"msgtype": "image", "image": {"pic_url": url}}]
        reply = wecom.post("externalcontact/add_msg_template", sender="zhangsan", attachments=attachments)
        return int(reply["errcode"])

    assert errcode(own) == 0
    assert errcode(own.replace("127.0.0.1", "localhost")) == 0, "the caller may use another of our names"
    for url in (
        of_a_stranger.image_url,
        "http://p.qpic.cn/pic_wework/3474110808/7a6344sdadfwehe42060/0",
        own[:-3] + "x/0",
        "no url",
        "http://[",
    ):
        assert errcode(url) == 40007, url


def test_the_picture_of_conclusions_outlives_its_media_id(start_server: Any) -> None:
    server = start_server(unknown_media="refuse")
    wecom = server.make_corp(seed="demo").client()
    uploaded = Uploads(wecom).of_use[""]["image"]
    way = temporary_way({"image": {"media_id": uploaded}})
    config_id = wecom.post("externalcontact/add_contact_way", way)["config_id"]
    server.sim.post("/clock", json={"advance_seconds": 4 * 86_400}).raise_for_status()
    wecom = wecom.corp.client()
    assert wecom.get("media/get", media_id=uploaded)["errcode"] == 40007
    shown = wecom.post("externalcontact/get_contact_way", config_id=config_id)["contact_way"]
    url = shown["conclusions"]["image"]["pic_url"]
    assert url.startswith(f"{server.base_url}/pic_wework/{wecom.corp.corpid}/")
    assert httpx.get(url).content == png()
    attachments = [{"msgtype": "image", "image": {"pic_url": url}}]
    reply = wecom.post("externalcontact/add_msg_template", sender="zhangsan", attachments=attachments)
    assert reply["errcode"] == 0
    server.sim.delete(f"/corps/{wecom.corp.corpid}").raise_for_status()
    assert files_of(wecom) == set()


def test_the_picture_of_a_group_welcome_template_has_an_address(wecom: WeCom, uploads: Uploads) -> None:
    image = {"media_id": uploads.of_use[""]["image"]}
    template = wecom.post("externalcontact/group_welcome_template/add", image=image)["template_id"]
    shown = wecom.post("externalcontact/group_welcome_template/get", template_id=template)
    assert httpx.get(shown["image"]["pic_url"]).content == png()


def test_a_recording_is_a_voice(corp: Corp, wecom: WeCom) -> None:
    recorded = act(corp, "member_records_voice", userid="zhangsan")["media_id"]
    reply = wecom.post(
        "message/send", touser="@all", msgtype="voice", agentid=wecom.agentid, voice={"media_id": recorded}
    )
    assert reply["errcode"] == 0


def test_accept_takes_what_is_unknown_and_refuses_what_cannot_be_a_media_id(start_server: Any) -> None:
    wecom = start_server(unknown_media="accept").make_corp(seed="demo").client()
    for media_id, errcode in (("MEDIA_ID", 0), ("没有", 40007)):
        attachments = [{"msgtype": "image", "image": {"media_id": media_id}}]
        reply = wecom.post("externalcontact/add_msg_template", sender="zhangsan", attachments=attachments)
        assert reply["errcode"] == errcode
