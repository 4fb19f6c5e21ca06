"""异步上传临时素材: files of up to 200 MB that are fetched from a url (page 96219)."""

from typing import NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.media import UploadMediaJobFinish
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.media import fetching
from wecom_tollbooth.families.media.family import family
from wecom_tollbooth.families.media.fetching import DONE, RUNNING, SECONDS_KEPT
from wecom_tollbooth.families.media.tables import UPLOAD_JOB
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required, required_number

TYPES = ("video", "file")
WELCOME_OF_GROUPS = 1
"""The only scene (入群欢迎语素材)."""
BYTES = {"type": 32, "filename": 128, "url": 1024, "md5": 32}
JOBID_CHARS, JOBID_BYTES = 43, 128


# --- 生成异步上传任务 ------------------------------------------------------------------------------------


class UploadByUrlRequest(RequestModel):
    scene: int = required_number(doc="1: for welcome messages of customer groups, the only one")
    type: str = required(ErrCode.INVALID_MEDIA_TYPE, doc="video or file")
    filename: str = required(doc="at most 128 bytes")
    url: str = required(doc="at most 1024 bytes; must serve Range requests")
    md5: str = required(doc="of the file, at most 32 bytes")


class UploadByUrlReply(TypedDict):
    jobid: str


@family.post(
    "/cgi-bin/media/upload_by_url",
    doc="96219",
    meter="media.write",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.INVALID_MEDIA_TYPE),
    events=(UploadMediaJobFinish,),
    sample={"scene": 1, "type": "video", "filename": "video.mp4", "url": "https://xxxx", "md5": "MD5"},
)
def upload_by_url(call: Call, body: UploadByUrlRequest) -> UploadByUrlReply:
    """生成异步上传任务 / Upload by URL

    Fetches a file of up to 200 MB in parts, from an address that TOLLBOOTH_ALLOWED_ADDRESSES allows. The app
    gets the event upload_media_job_finish when the job has ended.
    """
    for name, most in BYTES.items():
        if len(getattr(body, name).encode()) > most:
            raise Refusal(ErrCode.INVALID_PARAMETER, f"{name} exceed max bytes {most}", detail=name)
    if body.scene != WELCOME_OF_GROUPS:
        detail = f"scene {body.scene} is not {WELCOME_OF_GROUPS}, the only one"
        raise Refusal(ErrCode.INVALID_PARAMETER, "scene invalid", detail=detail)
    if body.type not in TYPES:
        detail = f"type {body.type!r} is not one of {', '.join(TYPES)}"
        raise Refusal(ErrCode.INVALID_MEDIA_TYPE, detail=detail)
    jobid = "jobid_" + call.draw("upload_job", JOBID_CHARS)
    call.db.execute(
        sa.insert(UPLOAD_JOB).values(
            corp_id=call.corp_id,
            jobid=jobid,
            agentid=call.agentid,
            type=body.type,
            name=body.filename,
            url=body.url,
            md5=body.md5,
            status=RUNNING,
            errcode=0,
            errmsg="ok",
            media_id="",
            created_at=call.now,
        )
    )
    server, corp_id, ids = call.gateway.server, call.corp_id, call.reserved_ids(fetching.IDS_OF_AN_END)
    call.after_commit.append(lambda: fetching.begin(server, corp_id, jobid, ids))
    return {"jobid": jobid}


# --- 查询异步任务结果 ------------------------------------------------------------------------------------


class JobRequest(RequestModel):
    jobid: str = required(doc="at most 128 bytes")


class DetailShape(TypedDict):
    errcode: int
    errmsg: str
    media_id: NotRequired[str]
    created_at: NotRequired[str]


class JobReply(TypedDict):
    status: int
    detail: DetailShape


_FIND = CompiledStatement(
    sa.select(
        UPLOAD_JOB.c.status,
        UPLOAD_JOB.c.errcode,
        UPLOAD_JOB.c.errmsg,
        UPLOAD_JOB.c.media_id,
        UPLOAD_JOB.c.ended_at,
    ).where(
        UPLOAD_JOB.c.corp_id == bindparam("corp_id"),
        UPLOAD_JOB.c.jobid == bindparam("jobid"),
        UPLOAD_JOB.c.agentid == bindparam("agentid"),
    )
)


@family.post(
    "/cgi-bin/media/get_upload_by_url_result",
    doc="96219",
    meter="media.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_JOB_ID, ErrCode.INVALID_PARAMETER),
    row_errors=(
        ErrCode.INVALID_MEDIA_FILE,
        ErrCode.MEDIA_TOO_LARGE,
        ErrCode.MD5_MISMATCH,
        ErrCode.INVALID_UPLOAD_URL,
        ErrCode.UPLOAD_URL_FAILED,
    ),
    sample={"jobid": "JOBID"},
)
def get_upload_by_url_result(call: Call, body: JobRequest) -> JobReply:
    """查询异步任务结果 / Get the result of an upload by URL

    `status` is 1 while the file is fetched, 2 when its media_id is there, 3 when it is not to be had; then
    `detail` says why. For 60 minutes after the job has ended, to the app that submitted it.
    """
    if len(body.jobid.encode()) > JOBID_BYTES:
        raise Refusal(ErrCode.INVALID_PARAMETER, f"jobid exceed max bytes {JOBID_BYTES}", detail="jobid")
    found = _FIND.one(call.db, corp_id=call.corp_id, jobid=body.jobid, agentid=call.agentid)
    if found is None or (found[4] is not None and found[4] + SECONDS_KEPT <= call.now):
        detail = f"{body.jobid[:60]!r} is unknown, of another app, or ended over 60 minutes ago"
        raise Refusal(ErrCode.INVALID_JOB_ID, detail=detail)
    status, errcode, errmsg, media_id, ended_at = found
    shown: DetailShape = {"errcode": errcode, "errmsg": errmsg}
    if status == DONE:
        shown |= {"media_id": media_id, "created_at": str(ended_at)}
    return {"status": status, "detail": shown}
