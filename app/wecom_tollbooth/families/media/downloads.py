"""获取临时素材: downloading files and recordings, whole and in parts (pages 90254, 90255)."""

import io
from typing import BinaryIO

from wecom_tollbooth.families.media.checks import MB
from wecom_tollbooth.families.media.family import family
from wecom_tollbooth.families.media.kinds import CONTENT_TYPES, ENDINGS
from wecom_tollbooth.families.media.lookup import MediaFile, the_media
from wecom_tollbooth.families.media.voices import RECORDED, as_amr, as_speex
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.files.answers import File, FileAnswer, wanted_part
from wecom_tollbooth.gateway.shapes import RequestModel, required

PART_MOST = 20 * MB
"""As much of a file can be downloaded at once."""


class MediaRequest(RequestModel):
    media_id: str = required(ErrCode.MISSING_MEDIA_ID)


# --- 获取临时素材 ----------------------------------------------------------------------------------------


@family.get(
    "/cgi-bin/media/get",
    doc="90254",
    meter="media.read",
    errors=(ErrCode.MISSING_MEDIA_ID, ErrCode.INVALID_MEDIA_ID, ErrCode.DOWNLOAD_TOO_LARGE),
    sample={"media_id": "MEDIA_ID"},
)
def get(call: Call, body: MediaRequest) -> File:
    """获取临时素材 / Get temporary media

    Answers with the file, or with the part that the header Range names (206, 416). A file over 20 MB is to be
    downloaded in parts of up to 20 MB.
    """
    media = the_media(call, body.media_id, field="media_id")
    part = wanted_part(call.request.scope["headers"], media.size)
    if part is not None and part.size > PART_MOST:
        detail = f"{part.size} bytes are too many at once; name up to {PART_MOST} in the header Range"
        raise Refusal(ErrCode.DOWNLOAD_TOO_LARGE, detail=detail)
    name = media.name or media.media_id + _ending(media.content_type)
    call.file = FileAnswer.of(
        _opened(call, media), media.size, part, content_type=media.content_type, name=name
    )
    return {}


def _opened(call: Call, media: MediaFile) -> BinaryIO:
    if media.use == RECORDED:
        return io.BytesIO(as_amr(media.size))
    try:
        return call.gateway.server.files.open(media.sha256)
    except OSError as error:
        detail = f"its file cannot be opened ({error.strerror}); `tollbooth check` lists such files"
        raise Refusal(ErrCode.INVALID_MEDIA_ID, detail=detail) from None


def _ending(content_type: str) -> str:
    return next((ENDINGS[kind] for kind, named in CONTENT_TYPES.items() if named == content_type), "")


# --- 获取高清语音素材 ------------------------------------------------------------------------------------


@family.get(
    "/cgi-bin/media/get/jssdk",
    doc="90255",
    meter="media.read",
    errors=(ErrCode.MISSING_MEDIA_ID, ErrCode.INVALID_MEDIA_ID),
    sample={"media_id": "MEDIA_ID"},
)
def get_jssdk(call: Call, body: MediaRequest) -> File:
    """获取高清语音素材 / Get a recording in high quality

    A voice that a member recorded in the client (act `member_records_voice`), as Speex of 16 kHz. Any other
    media_id answers 40007.
    """
    media = the_media(call, body.media_id, field="media_id")
    if media.use != RECORDED:
        detail = "it was not recorded by the JS-SDK; media/get answers with what was uploaded"
        raise Refusal(ErrCode.INVALID_MEDIA_ID, detail=detail)
    content = as_speex(media.size)
    part = wanted_part(call.request.scope["headers"], len(content))
    name = f"{media.media_id}.speex"
    file = io.BytesIO(content)
    call.file = FileAnswer.of(file, len(content), part, content_type="voice/speex", name=name)
    return {}
