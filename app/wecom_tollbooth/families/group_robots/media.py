"""Files that a robot may send: uploaded with its own key, valid for three days (page 99110, 2026-02)."""

from typing import Literal

from wecom_tollbooth.families.group_robots.family import family
from wecom_tollbooth.families.group_robots.robots import the_robot
from wecom_tollbooth.families.media.api import MOST, UploadReply, keep_upload
from wecom_tollbooth.families.media.lookup import the_media
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required

TYPES = ("file", "voice")


class UploadRequest(RequestModel):
    type: str = required(ErrCode.INVALID_MEDIA_TYPE, doc="file or voice")


@family.post(
    "/cgi-bin/webhook/upload_media",
    doc="99110",
    checked="2026-02",
    meter="media.write",
    permission=Permission.GROUP_ROBOT,
    token="key",
    takes_file=BodyLimit(MOST["file"], ErrCode.MEDIA_TOO_LARGE),
    errors=(
        ErrCode.INVALID_MEDIA_TYPE,
        ErrCode.INVALID_FILE_SIZE,
        ErrCode.EMPTY_MEDIA,
        ErrCode.MEDIA_TOO_LARGE,
        ErrCode.VOICE_TOO_LONG,
        ErrCode.INVALID_VOICE,
        ErrCode.VOICE_NOT_AMR,
        ErrCode.ROBOT_DISABLED,
    ),
    sample={"type": "file"},
)
def upload_media(call: Call, body: UploadRequest) -> UploadReply:
    """消息推送（群机器人）上传文件 / Upload a file by a group robot

    The media_id is valid for three days, for this robot alone. Over 5 bytes; a file up to 20 MB, a voice AMR
    of up to 2 MB and 60 s.
    """
    robot = the_robot(call)
    if body.type not in TYPES:
        detail = f"type {body.type[:60]!r} is not one of {', '.join(TYPES)}"
        raise Refusal(ErrCode.INVALID_MEDIA_TYPE, detail=detail)
    return keep_upload(call, body.type, use=_use(robot.robot_id))


def check_own_media(call: Call, media_id: str, kind: Literal["file", "voice"], *, field: str) -> None:
    """Raises 40007 unless the robot has uploaded this file."""
    media = the_media(call, media_id, field=field)
    if (media.type, media.use) != (kind, _use(the_robot(call).robot_id)):
        detail = f"{field}: {media_id} is no {kind} that this robot has uploaded by webhook/upload_media"
        raise Refusal(ErrCode.INVALID_MEDIA_ID, detail=detail)


def _use(robot_id: str) -> str:
    return f"robot {robot_id}"
