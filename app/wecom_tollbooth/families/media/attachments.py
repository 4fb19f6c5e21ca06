"""上传附件资源: files for moments and product albums (page 95098)."""

from typing_extensions import TypedDict

from wecom_tollbooth.families.media.checks import MB, examined
from wecom_tollbooth.families.media.family import family
from wecom_tollbooth.families.media.kinds import Content
from wecom_tollbooth.families.media.store import add_media, keep, the_upload
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required, required_number

TYPES = ("image", "video", "file")
USES = {1: "moment", 2: "product_album"}
MOMENT = 1
MOST = 10 * MB
READ_AT_MOST = 20 * MB
"""Of a file that is too large, so that it gets its own errcode."""
LONG_SIDE, SHORT_SIDE = 10_800, 1_080
VIDEO_SECONDS = 30


class UploadAttachmentRequest(RequestModel):
    media_type: str = required(ErrCode.INVALID_MEDIA_TYPE, doc="image, video or file; a moment takes no file")
    attachment_type: int = required_number(doc="1: for moments, 2: for product albums")


class UploadAttachmentReply(TypedDict):
    type: str
    media_id: str
    created_at: int


@family.post(
    "/cgi-bin/media/upload_attachment",
    doc="95098",
    meter="media.write",
    permission=Permission.CUSTOMER,
    takes_file=BodyLimit(READ_AT_MOST, ErrCode.MEDIA_TOO_LARGE),
    errors=(
        ErrCode.INVALID_MEDIA_FILE,
        ErrCode.INVALID_MEDIA_TYPE,
        ErrCode.INVALID_FILE_SIZE,
        ErrCode.INVALID_IMAGE,
        ErrCode.ATTACHMENT_SCENE_MISMATCH,
        ErrCode.ATTACHMENT_TOO_LARGE,
        ErrCode.ATTACHMENT_RESOLUTION,
        ErrCode.ATTACHMENT_TOO_LONG,
        ErrCode.INVALID_ATTACHMENT_VIDEO,
        ErrCode.EMPTY_MEDIA,
        ErrCode.MEDIA_TOO_LARGE,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"media_type": "image", "attachment_type": 1},
)
def upload_attachment(call: Call, body: UploadAttachmentRequest) -> UploadAttachmentReply:
    """上传附件资源 / Upload an attachment

    The media_id is valid for three days, for what attachment_type says and nothing else. Up to 10 MB, over 5
    bytes; an image is JPG or PNG, a video MP4. For moments, an image has sides of up to 10,800 and 1,080
    pixels, a video lasts up to 30 s.
    """
    if body.media_type not in TYPES:
        detail = f"media_type {body.media_type[:60]!r} is not one of {', '.join(TYPES)}"
        raise Refusal(ErrCode.INVALID_MEDIA_TYPE, detail=detail)
    if body.attachment_type not in USES:
        detail = f"attachment_type {body.attachment_type} is neither 1 nor 2"
        raise Refusal(ErrCode.INVALID_PARAMETER, "attachment_type invalid", detail=detail)
    if body.attachment_type == MOMENT and body.media_type == "file":
        detail = "a moment takes images and videos"
        raise Refusal(ErrCode.ATTACHMENT_SCENE_MISMATCH, detail=detail)
    given = the_upload(call)
    content = examined(given, body.media_type, MOST, ErrCode.ATTACHMENT_TOO_LARGE)
    if body.media_type == "video" and not content.is_whole:
        raise Refusal(ErrCode.INVALID_ATTACHMENT_VIDEO, detail="the MP4 file is damaged or cut off")
    if body.attachment_type == MOMENT:
        _refuse_unfit_for_moments(content)
    keep(call, given)
    media_id = add_media(
        call,
        given.file,
        type=body.media_type,
        use=USES[body.attachment_type],
        name=given.name,
        content_type=content.content_type,
    )
    return {"type": body.media_type, "media_id": media_id, "created_at": call.now}


def _refuse_unfit_for_moments(content: Content) -> None:
    short, long = sorted((content.width, content.height))
    if long > LONG_SIDE or short > SHORT_SIDE:
        detail = f"{content.width} x {content.height} pixels; {LONG_SIDE} and {SHORT_SIDE} are the most"
        raise Refusal(ErrCode.ATTACHMENT_RESOLUTION, detail=detail)
    if content.seconds > VIDEO_SECONDS:
        detail = f"the video lasts {content.seconds:g} s; {VIDEO_SECONDS} are the most"
        raise Refusal(ErrCode.ATTACHMENT_TOO_LONG, detail=detail)
