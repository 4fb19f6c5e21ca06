"""The content of what pages send, in the form in which phones show mass messages."""

from typing import Any

from wecom_tollbooth.client.functions.registry import Invocation, failed, part_of, text_of
from wecom_tollbooth.families.media.lookup import MediaType, check_media
from wecom_tollbooth.families.media.pictures import publish
from wecom_tollbooth.world.acts import ActRefused

ATTACHMENTS = 9
FILES: dict[str, MediaType] = {"image": "image", "video": "video", "file": "file"}
ADDRESSES = ("http://", "https://")


def message_of(call: Invocation) -> dict[str, Any]:
    """The message of sendChatMessage. Raises Failed."""
    params = call.params
    msgtype = text_of(params, "msgtype")
    part = part_of(params, msgtype)
    if msgtype == "text":
        content = text_of(part, "content")
        if not content:
            raise failed("text.content 为空", "text.content is empty")
        return {"text": {"content": content}}
    if msgtype == "msgmenu":
        return {"msgmenu": part}
    if msgtype == "news":
        link = {**part, "url": part.get("link")}
        return {"attachments": [{"msgtype": "link", "link": _link(link)}]}
    return {"attachments": [{"msgtype": msgtype, msgtype: _attached(call, msgtype, part)}]}


def attachments_of(call: Invocation, given: object) -> list[dict[str, Any]]:
    """Those of shareToExternalContact. Raises Failed."""
    attachments = given if isinstance(given, list) else []
    if len(attachments) > ATTACHMENTS:
        raise failed(f"attachments 最多 {ATTACHMENTS} 个", f"at most {ATTACHMENTS} attachments")
    stored = []
    for attachment in attachments:
        attachment = attachment if isinstance(attachment, dict) else {}
        msgtype = text_of(attachment, "msgtype")
        part = part_of(attachment, msgtype)
        stored.append(
            {
                "msgtype": msgtype,
                msgtype: _link(part) if msgtype == "link" else _attached(call, msgtype, part),
            }
        )
    return stored


def _attached(call: Invocation, msgtype: str, part: dict[str, Any]) -> dict[str, str]:
    if msgtype in FILES:
        address = text_of(part, "imgUrl")
        media_id = text_of(part, "mediaid", "mediaId", "media_id")
        if msgtype == "image" and not media_id and address:
            return {"pic_url": _address(address)}
        return {"media_id": _media(call, msgtype, media_id)}
    if msgtype == "miniprogram":
        page = text_of(part, "page")
        if page and not page.partition("?")[0].endswith(".html"):
            call.note(
                f"miniprogram.page {page[:200]!r} 应以 .html 结尾，否则微信中打不开",
                f"miniprogram.page {page[:200]!r} should end in .html: WeChat doesn't open it otherwise",
            )
        shown = {"title": text_of(part, "title"), "appid": text_of(part, "appid"), "page": page}
        return {**shown, "picurl": _address(text_of(part, "imgUrl"))}
    raise failed(
        f"msgtype {msgtype[:40]!r} 应为 text、image、video、file、news 或 miniprogram",
        f"msgtype {msgtype[:40]!r} is not one of text, image, video, file, news and miniprogram",
    )


def _link(part: dict[str, Any]) -> dict[str, str]:
    url = text_of(part, "url")
    if not url:
        raise failed("缺少链接地址", "the link has no address", "fail invalid link")
    link = {"title": text_of(part, "title"), "desc": text_of(part, "desc"), "url": url}
    picture = text_of(part, "imgUrl")
    if picture:
        link["picurl"] = _address(picture)
    return {name: value for name, value in link.items() if value}


def _address(url: str) -> str:
    if not url.lower().startswith(ADDRESSES):
        raise failed(
            f"imgUrl 必须以 http:// 或 https:// 开头，现在是 {url[:200]!r}",
            f"imgUrl must begin with http:// or https://, and is {url[:200]!r}",
            "fail invalid imgUrl",
        )
    return url


def _media(call: Invocation, msgtype: str, media_id: str) -> str:
    try:
        found = check_media(call.act, media_id, FILES[msgtype], field=f"{msgtype}.mediaid")
    except ActRefused as refusal:
        raise failed(f"mediaid 不可用：{refusal}", str(refusal), "fail invalid mediaid") from None
    if msgtype == "image":
        publish(call.act, found)
    return media_id
