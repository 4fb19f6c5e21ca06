"""The content of a moment: a text, and nine images, a video or a link (page 95094, 2026-08)."""

from typing import Any

from wecom_tollbooth.families.attachments.message_content import Content, TextGiven
from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

TEXT_BYTES, TITLE_BYTES = 4000, 128
"""A Chinese character counts as two: the page says 2000 characters (4000 bytes), and 64 (128)."""
MOST = {"image": 9, "video": 1, "link": 1}


class MediaGiven(RequestModel):
    media_id: str | None = optional(doc="of media/upload_attachment with attachment_type 1")


class LinkGiven(RequestModel):
    title: str | None = optional(doc="at most 64 characters")
    url: str | None = optional(doc="needed in a link")
    media_id: str | None = optional(doc="cover, of media/upload_attachment; needed in a link")


class PartGiven(RequestModel):
    msgtype: str | None = optional(doc="image, video or link, the same in all")
    image: MediaGiven | None = optional()
    video: MediaGiven | None = optional()
    link: LinkGiven | None = optional()


def moment_content(call: Call, text: TextGiven | None, attachments: list[PartGiven] | None) -> Content:
    """The content in its stored form.

    Raises 41089 when both parts are empty, 40058 for a text or title that is too long, 41065 for an unknown
    or a second msgtype, 41064 for too many attachments, 41088 for an empty one, 40063 for a field without
    value, 40007 for a media_id that is not of media/upload_attachment.
    """
    content: Content = {}
    written = (text.content if text else None) or ""
    if width(written) > TEXT_BYTES:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "invalid text size",
            detail=f"text.content has {width(written)} bytes, at most {TEXT_BYTES}",
        )
    if written:
        content["text"] = {"content": written}
    if attachments:
        _refuse_mixed(attachments)
        content["attachments"] = [_part(call, place, part) for place, part in enumerate(attachments)]
    if not content:
        raise Refusal(ErrCode.CONTENT_EMPTY, detail="text.content and attachments are both empty")
    return content


def width(text: str) -> int:
    """The bytes of a text as the page counts them: two for a character that is not ASCII."""
    return sum(1 if sign.isascii() else 2 for sign in text)


def _refuse_mixed(attachments: list[PartGiven]) -> None:
    msgtype = attachments[0].msgtype or ""
    if any((part.msgtype or "") != msgtype for part in attachments) or (msgtype and msgtype not in MOST):
        raise Refusal(
            ErrCode.INVALID_ATTACHMENT_TYPE,
            "invalid attachments msgtype",
            detail=f"all attachments are of one msgtype: {', '.join(MOST)}",
        )
    if msgtype and len(attachments) > MOST[msgtype]:
        raise Refusal(
            ErrCode.TOO_MANY_ATTACHMENTS,
            "invalid attachments size",
            detail=f"{len(attachments)} attachments of msgtype {msgtype}, at most {MOST[msgtype]}",
        )


def _part(call: Call, place: int, part: PartGiven) -> dict[str, Any]:
    msgtype = part.msgtype or ""
    field = f"attachments[{place}].{msgtype}"
    given: RequestModel | None = getattr(part, msgtype) if msgtype else None
    if given is None:
        raise Refusal(ErrCode.ATTACHMENTS_EMPTY, detail=f"attachments[{place}] has no content")
    fields = {name: value for name, value in given.model_dump().items() if value}
    if width(fields.get("title", "")) > TITLE_BYTES:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, f"{field}.title exceed max bytes {TITLE_BYTES}", detail=field
        )
    if msgtype == "link" and "url" not in fields:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{field}.url is required")
    if "media_id" not in fields:
        errmsg = "invalid msg" if msgtype == "video" else None
        raise Refusal(ErrCode.PARAMETERS_EMPTY, errmsg, detail=f"{field}.media_id is required")
    kind: Any = "video" if msgtype == "video" else "image"
    check_media(call, fields["media_id"], kind, field=f"{field}.media_id", use="moment")
    return {"msgtype": msgtype, msgtype: fields}
