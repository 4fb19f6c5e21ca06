"""The content of a message to customers: a text and up to nine attachments (pages 92135, 92137, 2026-08)."""

from typing import Any

from wecom_tollbooth.families.media.lookup import MediaFile, Use, check_image_url, check_media
from wecom_tollbooth.families.mini_programs.lookup import refuse_unassociated
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

Content = dict[str, Any]
"""As stored and shown: {"text": {"content": …}, "attachments": [{"msgtype": …, …}]}, without empty parts."""

ATTACHMENTS = 9
TEXT_BYTES = 4000
BYTES = {"link": {"title": 128, "desc": 512}, "miniprogram": {"title": 64}}
NEEDED = {
    "image": (),
    "link": ("title", "url"),
    "miniprogram": ("title", "pic_media_id", "appid", "page"),
    "video": ("media_id",),
    "file": ("media_id",),
}


SAMPLE_ATTACHMENTS = [
    {
        "msgtype": "image",
        "image": {
            "media_id": "MEDIA_ID",
            "pic_url": "http://p.qpic.cn/pic_wework/3474110808/7a6344sdadfwehe42060/0",
        },
    },
    {
        "msgtype": "link",
        "link": {
            "title": "消息标题",
            "picurl": "https://example.pic.com/path",
            "desc": "消息描述",
            "url": "https://example.link.com/path",
        },
    },
    {
        "msgtype": "miniprogram",
        "miniprogram": {
            "title": "消息标题",
            "pic_media_id": "MEDIA_ID",
            "appid": "wx8bd80126147dfAAA",
            "page": "/path/index.html",
        },
    },
    {"msgtype": "video", "video": {"media_id": "MEDIA_ID"}},
    {"msgtype": "file", "file": {"media_id": "MEDIA_ID"}},
]
"""One of each kind, as the pages show them."""


class TextGiven(RequestModel):
    content: str | None = optional(doc="at most 4000 bytes")


class ImageGiven(RequestModel):
    media_id: str | None = optional(doc="of media/upload; counts before pic_url")
    pic_url: str | None = optional(doc="of media/uploadimg; one of both is needed")


class LinkGiven(RequestModel):
    title: str | None = optional(doc="at most 128 bytes; needed in a link")
    picurl: str | None = optional()
    desc: str | None = optional(doc="at most 512 bytes")
    url: str | None = optional(doc="needed in a link")


class MiniprogramGiven(RequestModel):
    title: str | None = optional(doc="at most 64 bytes; needed like the other three")
    pic_media_id: str | None = optional(doc="cover, of media/upload; 520*416 pixels suggested")
    appid: str | None = optional(doc="a mini-program associated with the corp")
    page: str | None = optional()


class FileGiven(RequestModel):
    media_id: str | None = optional(doc="of media/upload")


class AttachmentGiven(RequestModel):
    msgtype: str | None = optional(doc="image, link, miniprogram, video or file")
    image: ImageGiven | None = optional()
    link: LinkGiven | None = optional()
    miniprogram: MiniprogramGiven | None = optional()
    video: FileGiven | None = optional()
    file: FileGiven | None = optional()


def content_of(
    call: Call,
    text: TextGiven | None,
    attachments: list[AttachmentGiven] | None,
    *,
    url_bytes: int | None = None,
) -> Content:
    """The content in its stored form; `url_bytes` limits a link's url and picurl where the page does.

    Raises 40063 when both parts are empty or a needed field is, 40058 for a text or field that is too long,
    41064 for over 9 attachments, 41065 for an unknown msgtype, 40007 for a media_id or pic_url that is no
    uploaded file.
    """
    content: Content = {}
    written = (text.content if text else None) or ""
    refuse_long(written, TEXT_BYTES, "text.content")
    if written:
        content["text"] = {"content": written}
    if attachments:
        content["attachments"] = _stored(call, attachments, url_bytes)
    if not content:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="text and attachments are both empty")
    return content


def _stored(call: Call, given: list[AttachmentGiven], url_bytes: int | None) -> list[dict[str, Any]]:
    if len(given) > ATTACHMENTS:
        raise Refusal(ErrCode.TOO_MANY_ATTACHMENTS, detail=f"{len(given)} attachments, at most {ATTACHMENTS}")
    stored = []
    for place, attachment in enumerate(given):
        msgtype = attachment.msgtype or ""
        if msgtype not in NEEDED:
            raise Refusal(
                ErrCode.INVALID_ATTACHMENT_TYPE,
                detail=f"attachments[{place}].msgtype {msgtype[:60]!r} is not one of {', '.join(NEEDED)}",
            )
        part: RequestModel | None = getattr(attachment, msgtype)
        fields = {name: value for name, value in (part.model_dump() if part else {}).items() if value}
        field = f"attachments[{place}].{msgtype}"
        check_part(call, msgtype, fields, field=field, url_bytes=url_bytes)
        stored.append({"msgtype": msgtype, msgtype: fields})
    return stored


def check_part(
    call: Call,
    msgtype: str,
    fields: dict[str, str],
    *,
    field: str,
    url_bytes: int | None = None,
    use: Use = "temporary",
) -> MediaFile | None:
    """The file of one image, miniprogram, video or file, if it has one; drops an unused pic_url.

    Raises as content_of does. `use` is that of videos and files, see media/lookup.
    """
    for name in NEEDED[msgtype]:
        if name not in fields:
            raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{field}.{name} is required")
    limits = dict(BYTES.get(msgtype, {}))
    if msgtype == "link" and url_bytes is not None:
        limits |= {"url": url_bytes, "picurl": url_bytes}
    for name, most in limits.items():
        refuse_long(fields.get(name, ""), most, f"{field}.{name}")
    match msgtype:
        case "image" if "media_id" in fields:
            fields.pop("pic_url", None)
            return check_media(call, fields["media_id"], "image", field=f"{field}.media_id")
        case "image" if "pic_url" in fields:
            check_image_url(call, fields["pic_url"], field=f"{field}.pic_url")
        case "image":
            raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{field} needs media_id or pic_url")
        case "miniprogram":
            refuse_unassociated(call, fields, field)
            return check_media(call, fields["pic_media_id"], "image", field=f"{field}.pic_media_id")
        case "video":
            return check_media(call, fields["media_id"], "video", field=f"{field}.media_id", use=use)
        case "file":
            return check_media(call, fields["media_id"], "file", field=f"{field}.media_id", use=use)
    return None


def refuse_long(text: str, most: int, field: str) -> None:
    """Raises 40058 for over `most` bytes."""
    if len(text.encode()) > most:
        raise Refusal(ErrCode.INVALID_PARAMETER, f"{field} exceed max bytes {most}", detail=field)
