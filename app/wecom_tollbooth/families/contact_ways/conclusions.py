"""结束语: what the customer receives when a temporary session ends.

A text, and one of image, link and miniprogram; if several are given, the first in this order counts. Texts
are limited in bytes. An image is written by media_id and read as pic_url (page 92228, 2026-08).
"""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.families.media.pictures import picture_url, publish
from wecom_tollbooth.families.mini_programs.lookup import refuse_unassociated
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

Conclusions = dict[str, dict[str, Any]]

ONE_OF = ("image", "link", "miniprogram")
BYTES = {
    "text": {"content": 4000},
    "image": {},
    "link": {"title": 128, "desc": 512},
    "miniprogram": {"title": 64},
}
NEEDED = {
    "text": (),
    "image": ("media_id",),
    "link": ("url",),
    "miniprogram": ("title", "pic_media_id", "appid", "page"),
}
MEDIA_IDS = {"text": (), "image": ("media_id",), "link": (), "miniprogram": ("pic_media_id",)}


class TextRequest(RequestModel):
    content: str | None = optional(doc="at most 4000 bytes")


class ImageRequest(RequestModel):
    media_id: str | None = optional(doc="of an uploaded image")


class LinkRequest(RequestModel):
    title: str | None = optional(doc="at most 128 bytes")
    picurl: str | None = optional()
    desc: str | None = optional(doc="at most 512 bytes")
    url: str | None = optional(doc="needed in a link")


class MiniprogramRequest(RequestModel):
    title: str | None = optional(doc="at most 64 bytes")
    pic_media_id: str | None = optional(doc="cover, 520*416 pixels suggested")
    appid: str | None = optional(doc="a mini-program associated with the corp")
    page: str | None = optional()


class ConclusionsRequest(RequestModel):
    text: TextRequest | None = optional()
    image: ImageRequest | None = optional(doc="counts before link and miniprogram")
    link: LinkRequest | None = optional(doc="counts before miniprogram")
    miniprogram: MiniprogramRequest | None = optional()


class TextShape(TypedDict):
    content: str


class ImageShape(TypedDict):
    pic_url: str


class LinkShape(TypedDict):
    title: NotRequired[str]
    picurl: NotRequired[str]
    desc: NotRequired[str]
    url: str


class MiniprogramShape(TypedDict):
    title: str
    pic_media_id: str
    appid: str
    page: str


class ConclusionsShape(TypedDict):
    text: NotRequired[TextShape]
    image: NotRequired[ImageShape]
    link: NotRequired[LinkShape]
    miniprogram: NotRequired[MiniprogramShape]


def kept(call: Call, given: ConclusionsRequest | None) -> Conclusions:
    """Returns the part of `given` that is stored, without empty fields; {} if all are Go's zero values.

    Raises 40063 for a link or mini-program without a required field, 40058 for a text that is too long,
    40007 for a media_id that is not of an uploaded image, 90206 for a mini-program that the corp
    doesn't have.
    """
    filled = _without_empties(given.model_dump()) if given else {}
    extra = next((kind for kind in ONE_OF if kind in filled), "")
    conclusions = {kind: filled[kind] for kind in ("text", extra) if kind in filled}
    for kind, fields in conclusions.items():
        _refuse_unfit(kind, fields)
        _check_media(call, kind, fields)
        refuse_unassociated(call, fields, f"conclusions.{kind}")
    return conclusions


def _without_empties(given: dict[str, dict[str, str] | None]) -> Conclusions:
    filled = {
        kind: {name: value for name, value in (fields or {}).items() if value}
        for kind, fields in given.items()
    }
    return {kind: fields for kind, fields in filled.items() if fields}


def _refuse_unfit(kind: str, fields: dict[str, str]) -> None:
    for name in NEEDED[kind]:
        if name not in fields:
            raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"conclusions.{kind}.{name} is required")
    for name, most in BYTES[kind].items():
        if len(fields.get(name, "").encode()) > most:
            field = f"conclusions.{kind}.{name}"
            raise Refusal(ErrCode.INVALID_PARAMETER, f"{field} exceed max bytes {most}", detail=field)


def _check_media(call: Call, kind: str, fields: dict[str, str]) -> None:
    for name in MEDIA_IDS[kind]:
        media = check_media(call, fields[name], "image", field=f"conclusions.{kind}.{name}")
        if kind == "image":
            publish(call, media)


def shown(call: Call, conclusions: Conclusions) -> ConclusionsShape:
    """Returns the conclusions as get_contact_way shows them: an image with the URL of the picture."""
    reply: Any = dict(conclusions)
    if "image" in conclusions:
        reply["image"] = {"pic_url": picture_url(call, conclusions["image"])}
    shape: ConclusionsShape = reply
    return shape


def as_message(conclusions: Conclusions) -> dict[str, Any]:
    """The conclusions in the form in which phones show messages."""
    attachments = [{"msgtype": kind, kind: conclusions[kind]} for kind in ONE_OF if kind in conclusions]
    text = {"text": conclusions["text"]} if "text" in conclusions else {}
    return {**text, "attachments": attachments} if attachments else text
