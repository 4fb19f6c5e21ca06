"""What a robot says: the object that msgtype names, checked and cut (page 99110, 2026-02)."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from wecom_tollbooth.families.app_chats.mentions import mentioned
from wecom_tollbooth.families.app_messages.cards.rules import NOTICES, checked_card
from wecom_tollbooth.families.app_messages.content import Part, articles_of, cut, needed
from wecom_tollbooth.families.group_robots.media import check_own_media
from wecom_tollbooth.families.group_robots.shapes import SendRequest
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel

TEXT_BYTES, MARKDOWN_BYTES, TITLE_BYTES, DESCRIPTION_BYTES = 2048, 4096, 128, 512
IMAGE_BYTES = 2 * 1024 * 1024
_JPG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def content_of(call: Call, body: SendRequest, members: Sequence[str]) -> Part:
    """The message as the group's members see it: {"msgtype": …, msgtype: {…}}, with `mentioned` members.

    Raises 93017 for an empty message, 40008 for an unknown msgtype, and the codes of the type's fields.
    """
    check = _CHECKS.get(body.msgtype)
    if check is None:
        raise Refusal(
            ErrCode.INVALID_MESSAGE_TYPE,
            detail=f"msgtype {body.msgtype[:60]!r} is not one of {', '.join(_CHECKS)}",
        )
    given: RequestModel | None = getattr(body, body.msgtype)
    if given is None:
        raise Refusal(ErrCode.ROBOT_MESSAGE_EMPTY, detail=f"there is no object {body.msgtype!r}")
    part = given.model_dump(exclude_none=True)
    content: Part = {"msgtype": body.msgtype, body.msgtype: check(call, part)}
    if body.msgtype not in ("text", "markdown"):
        return content
    named, mobiles = part.get("mentioned_list", []), part.get("mentioned_mobile_list", [])
    found = mentioned(call, part["content"], members, userids=named, mobiles=mobiles)
    return {**content, "mentioned": found} if found else content


# --- the types -------------------------------------------------------------------------------------------


def _text(call: Call, part: Part) -> Part:
    return {"content": _content(part, "text", TEXT_BYTES)}


def _markdown(name: str) -> Callable[[Call, Part], Part]:
    return lambda call, part: {"content": _content(part, name, MARKDOWN_BYTES)}


def _content(part: Part, name: str, most: int) -> str:
    content = needed(part, "content", ErrCode.EMPTY_CONTENT, name)
    if (size := len(content.encode())) > most:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"{name}.content exceed max length {most}. invalid Request Parameter",
            detail=f"{name}.content has {size} bytes",
        )
    return content


def _image(call: Call, part: Part) -> Part:
    """Keeps the md5 alone: the picture itself is not stored."""
    written, md5 = (needed(part, name, ErrCode.PARAMETERS_EMPTY, "image") for name in ("base64", "md5"))
    try:
        image = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "image.base64 invalid", detail="image.base64 is not base64"
        ) from None
    if len(image) > IMAGE_BYTES:
        raise Refusal(ErrCode.ROBOT_IMAGE_TOO_LARGE, detail=f"{len(image)} bytes, at most {IMAGE_BYTES}")
    if not image.startswith((_JPG, _PNG)):
        raise Refusal(ErrCode.INVALID_MEDIA_TYPE, detail="the image is neither JPG nor PNG")
    if hashlib.md5(image).hexdigest() != md5.lower():
        raise Refusal(ErrCode.MD5_MISMATCH, detail="image.md5 is not that of the image")
    return {"md5": md5.lower(), "size": len(image)}


def _news(call: Call, part: Part) -> Part:
    shown = []
    for place, article in articles_of(part, "news"):
        field = f"news.articles[{place}]"
        one = {
            "title": cut(needed(article, "title", ErrCode.MISSING_TITLE, field), TITLE_BYTES),
            "url": needed(article, "url", ErrCode.MISSING_URL, field),
        }
        if article.get("description"):
            one["description"] = cut(article["description"], DESCRIPTION_BYTES)
        if article.get("picurl"):
            one["picurl"] = article["picurl"]
        shown.append(one)
    return {"articles": shown}


def _own_file(kind: Literal["file", "voice"]) -> Callable[[Call, Part], Part]:
    def check(call: Call, part: Part) -> Part:
        media_id = needed(part, "media_id", ErrCode.MISSING_MEDIA_ID, kind)
        check_own_media(call, media_id, kind, field=f"{kind}.media_id")
        return {"media_id": media_id}

    return check


def _template_card(call: Call, part: Part) -> Part:
    """Robots can't send cards on which something can be pressed."""
    if part.get("card_type") not in NOTICES:
        raise Refusal(
            ErrCode.INVALID_CARD_TYPE,
            detail=f"card_type {str(part.get('card_type'))[:60]!r} is not one of {', '.join(NOTICES)}",
        )
    for name in ("action_menu", "task_id"):
        part.pop(name, None)
    if part["card_type"] == "news_notice" and not part.get("card_image"):
        raise Refusal(ErrCode.CARD_IMAGE_URL, detail="a robot's news_notice needs card_image")
    return checked_card(call, part, check_file=check_own_media)


_CHECKS: Mapping[str, Callable[[Call, Part], Part]] = {
    "text": _text,
    "markdown": _markdown("markdown"),
    "markdown_v2": _markdown("markdown_v2"),
    "image": _image,
    "news": _news,
    "file": _own_file("file"),
    "voice": _own_file("voice"),
    "template_card": _template_card,
}
