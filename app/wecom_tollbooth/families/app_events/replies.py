"""Passive replies of apps, shown on the phone of the member who is answered (page 90241, 2026-11).

The body on the phone has the form of a message of message/send.
"""

from typing import TYPE_CHECKING, Any

from wecom_tollbooth.callbacks.replies.readers import Received, ReplyRefused, reply
from wecom_tollbooth.families.media.lookup import MediaType, check_media
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.world.context import Context

if TYPE_CHECKING:  # not needed before the first reply is read
    from xml.etree.ElementTree import Element

TEXT_BYTES, TITLE_BYTES, DESCRIPTION_BYTES = 2048, 128, 512
"""What is longer is cut."""


@reply("text")
def show_text(context: Context, received: Received, given: "Element") -> None:
    _show(context, received, "text", {"content": cut(needed(given, "Content"), TEXT_BYTES)})


@reply("image")
def show_image(context: Context, received: Received, given: "Element") -> None:
    _show(context, received, "image", {"media_id": _media(context, given, "image")})


@reply("voice")
def show_voice(context: Context, received: Received, given: "Element") -> None:
    _show(context, received, "voice", {"media_id": _media(context, given, "voice")})


@reply("video")
def show_video(context: Context, received: Received, given: "Element") -> None:
    content = {
        "media_id": _media(context, given, "video"),
        "title": cut(given.findtext("Video/Title") or "", TITLE_BYTES),
        "description": cut(given.findtext("Video/Description") or "", DESCRIPTION_BYTES),
    }
    _show(context, received, "video", {name: text for name, text in content.items() if text})


@reply("news")
def show_news(context: Context, received: Received, given: "Element") -> None:
    articles = [_article(item) for item in given.findall("Articles/item")]
    if not articles:
        raise ReplyRefused("Articles has no item", "Articles 中没有 item")
    _show(context, received, "news", {"articles": articles})


def _article(item: "Element") -> dict[str, str]:
    article = {
        "title": cut(needed(item, "Title"), TITLE_BYTES),
        "description": cut(item.findtext("Description") or "", DESCRIPTION_BYTES),
        "url": item.findtext("Url") or "",
        "picurl": item.findtext("PicUrl") or "",
    }
    return {name: text for name, text in article.items() if text}


def needed(given: "Element", path: str) -> str:
    """The text of an element. Raises ReplyRefused if it is absent or empty."""
    text = given.findtext(path) or ""
    if not text:
        name = path.replace("/", ".")
        raise ReplyRefused(f"{name} is absent or empty", f"{name} 缺失或为空")
    return text


def _media(context: Context, given: "Element", type: MediaType) -> str:
    """The media_id. Raises ReplyRefused unless it is that of a file of this type."""
    path = f"{type.title()}/MediaId"
    media_id = needed(given, path)
    check_media(context, media_id, type, field=path.replace("/", "."))
    return media_id


def _show(context: Context, received: Received, msgtype: str, content: dict[str, Any]) -> None:
    body = {"msgtype": msgtype, msgtype: content, "callback_id": received.callback_id}
    message_id = write_message(context, "passive_reply", str(received.agentid), body)
    show(context, message_id, [received.userid])


def cut(text: str, most: int) -> str:
    """The beginning of the text, at most so many bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")
