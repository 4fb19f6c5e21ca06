"""素材管理: uploading and downloading temporary files, and permanent images (pages 90253, 90254, 90256)."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.media.family import family
from wecom_tollbooth.families.media.kinds import ENDINGS, Content, examine
from wecom_tollbooth.families.media.lookup import the_media
from wecom_tollbooth.families.media.store import add_address, add_media, keep, path_of, the_upload
from wecom_tollbooth.families.media.tables import MEDIA_ADDRESS
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.files.answers import File, FileAnswer, wanted_part
from wecom_tollbooth.gateway.files.uploads import Upload
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world.clock import month_bounds, month_of, start_of_day

MB = 1024 * 1024
SMALLEST = 5
"""A file must have more bytes (page 90253)."""
MOST = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
TOO_LARGE = {
    "image": ErrCode.INVALID_IMAGE_SIZE,
    "voice": ErrCode.MEDIA_TOO_LARGE,
    "video": ErrCode.INVALID_VIDEO_SIZE,
    "file": ErrCode.MEDIA_TOO_LARGE,
}
VOICE_SECONDS = 60
IMAGE_MOST = 2 * MB
PART_MOST = 20 * MB
"""Of a file, as much can be downloaded at once."""


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
    """上传临时素材

    The media_id is valid for three days, for every app of the corp. Over 5 bytes; an image is JPG or PNG of
    up to 10 MB, a voice AMR of up to 2 MB and 60 s, a video MP4 of up to 10 MB, a file up to 20 MB. The
    content counts, not its name or Content-Type.
    """
    if body.type not in MOST:
        detail = f"type {body.type[:60]!r} is not one of {', '.join(MOST)}"
        raise Refusal(ErrCode.INVALID_MEDIA_TYPE, detail=detail)
    given = the_upload(call)
    content = examined(given, body.type, MOST[body.type], TOO_LARGE[body.type])
    keep(call, given)
    media_id = add_media(
        call,
        given.file,
        type=body.type,
        use="temporary",
        name=given.name,
        content_type=content.content_type,
    )
    return {"type": body.type, "media_id": media_id, "created_at": str(call.now)}


def examined(given: Upload, type: str, most: int, too_large: ErrCode) -> Content:
    """What the file is. Raises 40006 and `too_large` for its size, and codes of its type for its content."""
    if given.file.size <= SMALLEST:
        detail = f"the file has {given.file.size} bytes; it must have more than {SMALLEST}"
        raise Refusal(ErrCode.INVALID_FILE_SIZE, detail=detail)
    if given.file.size > most:
        raise Refusal(too_large, detail=f"the file has {given.file.size} bytes; {most} are the most")
    with given.file.path.open("rb") as file:
        content = examine(file, given.file.size)
    if type == "image":
        _refuse_unfit_image(content)
    elif type == "voice":
        _refuse_unfit_voice(content)
    elif type == "video" and content.kind != "mp4":
        raise Refusal(ErrCode.INVALID_MEDIA_FILE, detail="the content is not that of an MP4 file")
    return content


def _refuse_unfit_image(content: Content) -> None:
    if not content.is_image:
        raise Refusal(ErrCode.INVALID_MEDIA_FILE, detail="the content is neither a JPG nor a PNG file")
    if not content.is_whole:
        raise Refusal(ErrCode.INVALID_IMAGE, detail=f"the {content.kind} file is damaged or cut off")


def _refuse_unfit_voice(content: Content) -> None:
    if content.kind != "amr":
        raise Refusal(ErrCode.VOICE_NOT_AMR, detail="the content is not that of an AMR file")
    if content.seconds > VOICE_SECONDS:
        raise Refusal(ErrCode.VOICE_TOO_LONG, detail=f"the voice is longer than {VOICE_SECONDS} s")
    if not content.is_whole:
        raise Refusal(ErrCode.INVALID_VOICE, detail="the AMR file has no frames, or is cut off within one")


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
    """上传图片

    The address of an image for good: JPG or PNG, 5 bytes to 2 MB. At most 1,000 a day and 3,000 a month. It
    is served by this server, under the host that the caller used.
    """
    given = the_upload(call)
    if given.file.size < SMALLEST:
        detail = f"the file has {given.file.size} bytes; {SMALLEST} are the least"
        raise Refusal(ErrCode.INVALID_IMAGE_SIZE, detail=detail)
    with given.file.path.open("rb") as file:
        content = examine(file, given.file.size)
    _refuse_unfit_image(content)
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


# --- 获取临时素材 ----------------------------------------------------------------------------------------


class MediaRequest(RequestModel):
    media_id: str = required(ErrCode.MISSING_MEDIA_ID)


@family.get(
    "/cgi-bin/media/get",
    doc="90254",
    meter="media.read",
    errors=(ErrCode.MISSING_MEDIA_ID, ErrCode.INVALID_MEDIA_ID, ErrCode.DOWNLOAD_TOO_LARGE),
    sample={"media_id": "MEDIA_ID"},
)
def get(call: Call, body: MediaRequest) -> File:
    """获取临时素材

    Answers with the file, or with the part that the header Range names (206, 416). A file over 20 MB is to be
    downloaded in parts of up to 20 MB.
    """
    media = the_media(call, body.media_id, field="media_id")
    part = wanted_part(call.request.scope["headers"], media.size)
    if part is not None and part.size > PART_MOST:
        detail = f"{part.size} bytes are too many at once; name up to {PART_MOST} in the header Range"
        raise Refusal(ErrCode.DOWNLOAD_TOO_LARGE, detail=detail)
    try:
        file = call.gateway.server.files.open(media.sha256)
    except OSError as error:
        detail = f"its file cannot be opened ({error.strerror}); `tollbooth check` lists such files"
        raise Refusal(ErrCode.INVALID_MEDIA_ID, detail=detail) from None
    name = media.name or media.media_id + _ending(media.content_type)
    call.file = FileAnswer.of(file, media.size, part, content_type=media.content_type, name=name)
    return {}


def _ending(content_type: str) -> str:
    return next((ENDINGS[kind] for kind in ENDINGS if Content(kind).content_type == content_type), "")
