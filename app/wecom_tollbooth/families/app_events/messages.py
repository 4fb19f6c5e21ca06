"""A member writes to an app (page 90239, 2026-11)."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.app_messages import (
    AppMessage,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    TextMessage,
    VideoMessage,
    VoiceMessage,
)
from wecom_tollbooth.families.app_events.lookup import InApp, app_of_member
from wecom_tollbooth.families.media.lookup import MediaFile, MediaType, check_media
from wecom_tollbooth.families.media.store import add_address, path_of
from wecom_tollbooth.world.acts import Act, ActRefused, act
from wecom_tollbooth.world.ids import DIGITS


class MemberSendsAppMessage(InApp):
    msgtype: str = "text"
    content: str = ""
    media_id: str = ""
    pic_url: str = ""
    format: str = "amr"
    thumb_media_id: str = ""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    scale: int = Field(default=15, ge=0, le=100)
    label: str = ""
    title: str = ""
    description: str = ""
    url: str = ""


@act("member_sends_app_message")
def member_sends_app_message(act: Act, body: MemberSendsAppMessage) -> dict[str, Any]:
    """成员给应用发消息 / A member writes to an app, which may reply in its answer to the callback."""
    use = app_of_member(act, body)
    if body.msgtype not in MESSAGES:
        raise ActRefused(f"msgtype {body.msgtype!r} is not one of {', '.join(MESSAGES)}")
    needed, content = MESSAGES[body.msgtype]
    for name in needed:
        if getattr(body, name) in ("", None):
            raise ActRefused(f"{name}: a message of the type {body.msgtype} needs one")
    files = {
        name: check_media(act, getattr(body, name), type, field=name)
        for name, type in FILES.get(body.msgtype, {}).items()
    }
    if body.msgtype == "image" and not body.pic_url:
        body.pic_url = _address_of(act, body.media_id, files["media_id"])
    msgid = int("7" + act.draw("app_msgid", 18, DIGITS))
    head = {"FromUserName": use.userid, "MsgId": msgid, "AgentID": use.agentid}
    emit(act, content(body, head), agentid=use.agentid)
    return {"agentid": use.agentid, "userid": use.userid, "msgid": str(msgid)}


def _address_of(act: Act, media_id: str, media: MediaFile | None) -> str:
    """A new address of an uploaded image, on this server."""
    if media is None:
        raise ActRefused(f"pic_url: {media_id[:60]!r} was not uploaded, so the message needs one")
    name = add_address(
        act, origin="media", content_type=media.content_type, size=media.size, sha256=media.sha256
    )
    return act.base_url + path_of(act.corp_id, name)


Head = dict[str, Any]
"""FromUserName, MsgId and AgentID."""


def _text(body: MemberSendsAppMessage, head: Head) -> AppMessage:
    return TextMessage(Content=body.content, **head)


def _image(body: MemberSendsAppMessage, head: Head) -> AppMessage:
    return ImageMessage(PicUrl=body.pic_url, MediaId=body.media_id, **head)


def _voice(body: MemberSendsAppMessage, head: Head) -> AppMessage:
    return VoiceMessage(MediaId=body.media_id, Format=body.format, **head)


def _video(body: MemberSendsAppMessage, head: Head) -> AppMessage:
    return VideoMessage(MediaId=body.media_id, ThumbMediaId=body.thumb_media_id, **head)


def _location(body: MemberSendsAppMessage, head: Head) -> AppMessage:
    return LocationMessage(
        Location_X=str(body.latitude),
        Location_Y=str(body.longitude),
        Scale=body.scale,
        Label=body.label,
        **head,
    )


def _link(body: MemberSendsAppMessage, head: Head) -> AppMessage:
    return LinkMessage(
        Title=body.title, Description=body.description, Url=body.url, PicUrl=body.pic_url, **head
    )


MESSAGES: dict[str, tuple[tuple[str, ...], Callable[[MemberSendsAppMessage, Head], AppMessage]]] = {
    "text": (("content",), _text),
    "image": (("media_id",), _image),
    "voice": (("media_id",), _voice),
    "video": (("media_id", "thumb_media_id"), _video),
    "location": (("latitude", "longitude"), _location),
    "link": (("title", "url"), _link),
}
"""By msgtype: the fields that it needs, and what makes the message."""
FILES: dict[str, dict[str, MediaType]] = {
    "image": {"media_id": "image"},
    "voice": {"media_id": "voice"},
    "video": {"media_id": "video", "thumb_media_id": "image"},
}
"""The fields with a media_id, and the type of the file."""
