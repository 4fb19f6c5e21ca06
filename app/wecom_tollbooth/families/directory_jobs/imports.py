"""异步导入: a CSV file updates members, or replaces members or departments (pages 90980 to 90983)."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.callbacks.events.directory import (
    CreateParty,
    CreateUser,
    DeleteParty,
    DeleteUser,
    UpdateParty,
    UpdateUser,
)
from wecom_tollbooth.callbacks.events.directory_jobs import BatchJobResult
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory_jobs.family import family
from wecom_tollbooth.families.directory_jobs.import_work import START_SECONDS, TASK
from wecom_tollbooth.families.directory_jobs.tables import (
    DONE,
    IMPORT_JOB,
    IMPORT_ROW,
    RUNNING,
    ImportJob,
)
from wecom_tollbooth.families.media.lookup import the_media
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import BY_NUMBER, ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.scheduled_tasks import schedule

JOBID_CHARS, JOBID_MOST = 43, 64
USER_EVENTS = (BatchJobResult, CreateUser, UpdateUser, CreateParty, DeleteParty, Subscribe, Unsubscribe)
ERRORS = (
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.INVALID_MEDIA_ID,
    ErrCode.IMPORT_RUNNING,
)
SAMPLE_CALLBACK = {"url": "xxx", "token": "xxx", "encodingaeskey": "xxx"}


class GivenCallback(RequestModel):
    url: str | None = optional(doc="http or https")
    token: str | None = optional(doc="signs the event")
    encodingaeskey: str | None = optional(doc="43 characters; encrypts the event")


class ReplacePartyRequest(RequestModel):
    media_id: str = required(doc="of media/upload, a CSV file")
    callback: GivenCallback | None = optional(
        doc="where batch_job_result goes; absent: to the callback address of the app"
    )


class ImportRequest(ReplacePartyRequest):
    to_invite: bool | None = optional(doc="default true; the simulator sends no invitations")


class JobReply(TypedDict):
    jobid: str


@family.post(
    "/cgi-bin/batch/syncuser",
    doc="90980",
    meter="directory.write",
    permission=Permission.DIRECTORY_SYNC,
    errors=ERRORS,
    events=USER_EVENTS,
    sample={"media_id": "MEDIA_ID", "to_invite": True, "callback": SAMPLE_CALLBACK},
)
def syncuser(call: Call, body: ImportRequest) -> JobReply:
    """增量更新成员 / Update members in bulk

    Adds the members of a CSV file who are not in the directory yet, and changes the others in the columns of
    the file; everybody else stays. The job begins a second later. Columns as in WeCom's template, see
    docs/directory-jobs.md; unknown departments are created below 其他（待设置部门）.
    """
    return _submit(call, "sync_user", body)


@family.post(
    "/cgi-bin/batch/replaceuser",
    doc="90981",
    meter="directory.write",
    permission=Permission.DIRECTORY_SYNC,
    errors=ERRORS,
    events=(*USER_EVENTS, DeleteUser),
    sample={"media_id": "MEDIA_ID", "to_invite": True, "callback": SAMPLE_CALLBACK},
)
def replaceuser(call: Call, body: ImportRequest) -> JobReply:
    """全量覆盖成员 / Replace all members

    As batch/syncuser, and members who are not in the file are deleted. The job ends with 45026 and changes
    nothing if that would be over 50 members and over 20% of them, or fewer than 50 and over 80%.
    """
    return _submit(call, "replace_user", body)


@family.post(
    "/cgi-bin/batch/replaceparty",
    doc="90982",
    meter="directory.write",
    permission=Permission.DIRECTORY_SYNC,
    errors=ERRORS,
    events=(BatchJobResult, CreateParty, UpdateParty, DeleteParty, Subscribe, Unsubscribe),
    sample={"media_id": "MEDIA_ID", "callback": SAMPLE_CALLBACK},
)
def replaceparty(call: Call, body: ReplacePartyRequest) -> JobReply:
    """全量覆盖部门 / Replace all departments

    Adds and changes the departments of a CSV file. Others are deleted if nothing is in them; else they go
    when a later import of members has left them empty.
    """
    return _submit(call, "replace_party", body)


def _submit(call: Call, kind: str, body: ReplacePartyRequest) -> JobReply:
    media = the_media(call, body.media_id, field="media_id")
    if media.type != "file":
        detail = f"media_id: it is of type {media.type}; upload the CSV file with type=file"
        raise Refusal(ErrCode.INVALID_MEDIA_ID, detail=detail)
    tree.lock_directory(call)
    running = sa.select(IMPORT_JOB.c.jobid).where(
        IMPORT_JOB.c.corp_id == call.corp_id, IMPORT_JOB.c.status != DONE
    )
    other = call.db.execute(running).first()
    if other is not None:
        raise Refusal(ErrCode.IMPORT_RUNNING, detail=f"the job {other.jobid} has not ended yet")
    jobid = call.draw("import_job", JOBID_CHARS)
    call.db.session.add(
        ImportJob(
            corp_id=call.corp_id,
            jobid=jobid,
            number=call.next_id(),
            agentid=call.agentid,
            kind=kind,
            sha256=media.sha256,
            address=_address(body.callback),
        )
    )
    schedule(call, TASK, call.now + START_SECONDS, jobid)
    return {"jobid": jobid}


def _address(given: GivenCallback | None) -> dict[str, str] | None:
    if given is None or not given.url:
        return None
    return {
        "url": given.url,
        "token": given.token or "",
        "encoding_aes_key": given.encodingaeskey or "",
    }


# --- 获取异步任务结果 ------------------------------------------------------------------------------------


class ResultRequest(RequestModel):
    jobid: str = required(doc="at most 64 bytes")


class ResultRow(TypedDict):
    userid: NotRequired[str]
    action: NotRequired[int]
    partyid: NotRequired[int]
    errcode: int
    errmsg: str


class ResultReply(TypedDict):
    status: int
    type: str
    total: int
    percentage: int
    result: list[ResultRow]


@family.get(
    "/cgi-bin/batch/getresult",
    doc="90983",
    meter="directory.read",
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_JOB_ID,
        ErrCode.RESULT_IS_GONE,
        ErrCode.INVALID_IMPORT_FILE,
        ErrCode.TOO_MANY_DELETED,
        ErrCode.IMPORT_REPEATS_USERID,
        ErrCode.INVALID_IMPORT_TREE,
        ErrCode.IMPORT_REPEATS_PARTYID,
        ErrCode.IMPORT_REPEATS_NAME,
    ),
    row_errors=(
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_PARTY_LIST,
        ErrCode.MISSING_USERID,
        ErrCode.PARENT_DEPARTMENT_NOT_FOUND,
        ErrCode.INVALID_DEPARTMENT_NAME,
        ErrCode.INVALID_MOBILE,
        ErrCode.MOBILE_EXISTS,
        ErrCode.INVALID_EMAIL,
        ErrCode.EMAIL_EXISTS,
        ErrCode.TOO_MANY_DEPARTMENTS,
        ErrCode.INVALID_MEMBER_NAME,
        ErrCode.MOBILE_AND_EMAIL_EMPTY,
        ErrCode.LEADER_COUNT_DIFFERS,
        ErrCode.POSITION_TOO_LONG,
        ErrCode.INVALID_TELEPHONE,
    ),
    sample={"jobid": "JOBID"},
)
def getresult(call: Call, query: ResultRequest) -> ResultReply:
    """获取异步任务结果 / Get the result of a bulk job

    `status` is 1 before the job has begun, 2 while it runs, 3 when it has ended; then `result` says what came
    of each row of the file. A job that failed as a whole answers its errcode. The results of the last five
    jobs are kept.
    """
    job = call.db.session.get(ImportJob, (call.corp_id, query.jobid))
    if job is None or job.agentid != call.agentid:
        raise Refusal(ErrCode.INVALID_JOB_ID, detail=f"this app has submitted no job {query.jobid[:64]!r}")
    if job.is_purged:
        raise Refusal(ErrCode.RESULT_IS_GONE, detail="five newer jobs have ended")
    reply: ResultReply = {
        "status": job.status,
        "type": job.kind,
        "total": job.total,
        "percentage": _percentage(job),
        "result": [],
    }
    if job.errcode:
        raise Refusal(BY_NUMBER[job.errcode], detail=job.errmsg, **reply)
    if job.status == DONE:
        reply["result"] = _rows(call, job)
    return reply


def _percentage(job: ImportJob) -> int:
    if job.status == DONE:
        return 100
    if job.status != RUNNING or job.stage not in ("apply", "remove") or not job.total:
        return 0
    return min(99, 100 * job.progress // job.total) if job.stage == "apply" else 99


def _rows(call: Call, job: ImportJob) -> list[ResultRow]:
    row = IMPORT_ROW.c
    query = sa.select(row.name, row.key, row.action, row.errcode, row.errmsg).where(
        row.corp_id == call.corp_id, row.jobid == job.jobid
    )
    of_departments = job.kind == "replace_party"
    return [
        {"action": one.action, "partyid": int(one.key), "errcode": one.errcode, "errmsg": one.errmsg}
        if of_departments
        else {"userid": one.name, "errcode": one.errcode, "errmsg": one.errmsg}
        for one in call.db.execute(query.order_by(row.position))
    ]
