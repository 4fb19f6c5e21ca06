"""素材管理: uploading temporary files and permanent images (pages 90253, 90256)."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.media.checks import MB, content_of, examined, refuse_unfit_image
from wecom_tollbooth.families.media.family import family
from wecom_tollbooth.families.media.store import add_address, add_media, keep, path_of, the_upload
from wecom_tollbooth.families.media.tables import MEDIA_ADDRESS
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world.clock import month_bounds, month_of, start_of_day

MOST = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
TOO_LARGE = {
    "image": ErrCode.INVALID_IMAGE_SIZE,
    "voice": ErrCode.MEDIA_TOO_LARGE,
    "video": ErrCode.INVALID_VIDEO_SIZE,
    "file": ErrCode.MEDIA_TOO_LARGE,
}
IMAGE_LEAST, IMAGE_MOST = 5, 2 * MB
"""Of uploadimg (page 90256)."""


# --- 上传临时素材 ----------------------------------------------------------------------------------------


class UploadRequest(RequestModel):
    type: str = required(ErrCode.INVALID_MEDIA_TYPE, doc="image, voice, video or file")


class UploadReply(TypedDict):
    type: str
    media_id: str
    created_at: str


@family.post(
    "/cgi-bin/media/upload",
    doc="90253",
    meter="media.write",
    takes_file=BodyLimit(MOST["file"], ErrCode.MEDIA_TOO_LARGE),
    errors=(
        ErrCode.INVALID_MEDIA_FILE,
        ErrCode.INVALID_MEDIA_TYPE,
        ErrCode.INVALID_FILE_SIZE,
        ErrCode.INVALID_IMAGE_SIZE,
        ErrCode.INVALID_VIDEO_SIZE,
        ErrCode.INVALID_IMAGE,
        ErrCode.EMPTY_MEDIA,
        ErrCode.MEDIA_TOO_LARGE,
        ErrCode.VOICE_TOO_LONG,
        ErrCode.INVALID_VOICE,
        ErrCode.VOICE_NOT_AMR,
    ),
    sample={"type": "image"},
)
def upload(call: Call, body: UploadRequest) -> UploadReply:
    """上传临时素材 / Upload temporary media

    The media_id is valid for three days, for every app of the corp. Over 5 bytes; an image is JPG or PNG of
    up to 10 MB, a voice AMR of up to 2 MB and 60 s, a video MP4 of up to 10 MB, a file up to 20 MB. The
    content counts, not its name or Content-Type.
    """
    if body.type not in MOST:
        detail = f"type {body.type[:60]!r} is not one of {', '.join(MOST)}"
        raise Refusal(ErrCode.INVALID_MEDIA_TYPE, detail=detail)
    return keep_upload(call, body.type, use="temporary")


def keep_upload(call: Call, type: str, *, use: str) -> UploadReply:
    """Keeps the uploaded file for three days. Raises the codes of a file that is not of that type."""
    given = the_upload(call)
    content = examined(given, type, MOST[type], TOO_LARGE[type])
    keep(call, given)
    media_id = add_media(
        call, given.file, type=type, use=use, name=given.name, content_type=content.content_type
    )
    return {"type": type, "media_id": media_id, "created_at": str(call.now)}


# --- 上传图片 --------------------------------------------------------------------------------------------


class UploadImageReply(TypedDict):
    url: str


_IMAGES_SINCE = CompiledStatement(
    sa.select(sa.func.count()).where(
        MEDIA_ADDRESS.c.corp_id == bindparam("corp_id"),
        MEDIA_ADDRESS.c.origin == "uploadimg",
        MEDIA_ADDRESS.c.created_at >= bindparam("since"),
    )
)


@family.post(
    "/cgi-bin/media/uploadimg",
    doc="90256",
    meter="media.write",
    takes_file=BodyLimit(IMAGE_MOST, ErrCode.INVALID_IMAGE_SIZE),
    errors=(
        ErrCode.INVALID_MEDIA_FILE,
        ErrCode.INVALID_IMAGE_SIZE,
        ErrCode.INVALID_IMAGE,
        ErrCode.EMPTY_MEDIA,
        ErrCode.FREQUENCY_LIMIT,
    ),
)
def uploadimg(call: Call, body: RequestModel) -> UploadImageReply:
    """上传图片 / Upload an image

    The address of an image for good: JPG or PNG, 5 bytes to 2 MB. At most 1,000 a day and 3,000 a month. It
    is served by this server, under the host that the caller used.
    """
    given = the_upload(call)
    if given.file.size < IMAGE_LEAST:
        detail = f"the file has {given.file.size} bytes; {IMAGE_LEAST} are the least"
        raise Refusal(ErrCode.INVALID_IMAGE_SIZE, detail=detail)
    content = content_of(given)
    refuse_unfit_image(content)
    _refuse_over_quota(call)
    keep(call, given)
    name = add_address(
        call,
        origin="uploadimg",
        content_type=content.content_type,
        size=given.file.size,
        sha256=given.file.sha256,
    )
    return {"url": call.request.base_url + path_of(call.corp_id, name)}


def _refuse_over_quota(call: Call) -> None:
    """Raises 45009. Two calls at once on PostgreSQL may both count as the last one."""
    month, _ = month_bounds(month_of(call.now))
    for since, most, span in (
        (start_of_day(call.now), call.settings.limit_images_day, "day"),
        (month, call.settings.limit_images_month, "month"),
    ):
        (count,) = _IMAGES_SINCE.one(call.db, corp_id=call.corp_id, since=since) or (0,)
        if count >= most:
            detail = f"{count} images were uploaded this {span}; {most} are the most"
            raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=detail)
