"""异步导出: the directory, as far as the app sees it, in encrypted files (pages 94849 to 94854, 2026-06)."""

import re
from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.directory_jobs import BatchJobResult
from wecom_tollbooth.families.directory_jobs.export_work import START_SECONDS, TASK
from wecom_tollbooth.families.directory_jobs.family import family
from wecom_tollbooth.families.directory_jobs.imports import JobReply
from wecom_tollbooth.families.directory_jobs.tables import EXPORT_FILE, ExportJob
from wecom_tollbooth.families.member_tags.lookup import the_tag
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required, required_number
from wecom_tollbooth.world.scheduled_tasks import schedule

PATH = "/directory_export"
"""Of the addresses of files; the corp and the name of the file follow."""
JOBID_CHARS = 43
BLOCK_LEAST, BLOCK_MOST = 10_000, 1_000_000
KEY = re.compile(r"[0-9A-Za-z]{43}")
SAMPLE_KEY = "IJUiXNpvGbODwKEBSEsAeOAPAhkqHqNCF6g19t9wfg2"
ERRORS = (ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER)
SAMPLE = {"encoding_aeskey": SAMPLE_KEY, "block_size": BLOCK_MOST}


class ExportRequest(RequestModel):
    encoding_aeskey: str = required(doc="43 letters and digits; the files are encrypted with it")
    block_size: int | None = optional(
        ge=BLOCK_LEAST, le=BLOCK_MOST, doc="rows of a file, 10,000 to 1,000,000, which is the default"
    )


class TagExportRequest(ExportRequest):
    tagid: int = required_number(ErrCode.INVALID_TAGID)


@family.post(
    "/cgi-bin/export/simple_user",
    doc="94849",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(*ERRORS, ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT),
    events=(BatchJobResult,),
    sample=SAMPLE,
)
def export_simple_user(call: Call, body: ExportRequest) -> JobReply:
    """导出成员 / Export members

    Writes the members whom the app sees, as user/simplelist has them, into files of `block_size` members. The
    job begins a second later.
    """
    return _submit(call, "export_simple_user", body)


@family.post(
    "/cgi-bin/export/user",
    doc="94851",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(*ERRORS, ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT),
    events=(BatchJobResult,),
    sample=SAMPLE,
)
def export_user(call: Call, body: ExportRequest) -> JobReply:
    """导出成员详情 / Export members in detail

    As export/simple_user, each member with the fields of user/list.
    """
    return _submit(call, "export_user", body)


@family.post(
    "/cgi-bin/export/department",
    doc="94852",
    meter="directory.read",
    permission=Permission.DIRECTORY_READ,
    errors=(*ERRORS, ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT),
    events=(BatchJobResult,),
    sample=SAMPLE,
)
def export_department(call: Call, body: ExportRequest) -> JobReply:
    """导出部门 / Export departments

    Writes the departments that the app sees, as department/list has them.
    """
    return _submit(call, "export_department", body)


@family.post(
    "/cgi-bin/export/taguser",
    doc="94853",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(*ERRORS, ErrCode.INVALID_TAGID),
    events=(BatchJobResult,),
    sample={"tagid": 1, **SAMPLE},
)
def export_taguser(call: Call, body: TagExportRequest) -> JobReply:
    """导出标签成员 / Export the members of a tag

    Writes the members and departments of a tag that the app sees, as tag/get has them; `block_size` counts
    both.
    """
    the_tag(call, body.tagid)
    return _submit(call, "export_tag", body, tagid=body.tagid)


def _submit(call: Call, kind: str, body: ExportRequest, tagid: int = 0) -> JobReply:
    if not KEY.fullmatch(body.encoding_aeskey):
        detail = "encoding_aeskey has 43 letters and digits, which are 32 bytes in base64"
        raise Refusal(ErrCode.INVALID_PARAMETER, "encoding_aeskey invalid", detail=detail)
    jobid = "jobid_" + call.draw("export_job", JOBID_CHARS)
    call.db.session.add(
        ExportJob(
            corp_id=call.corp_id,
            jobid=jobid,
            agentid=call.agentid,
            kind=kind,
            tagid=tagid,
            aes_key=body.encoding_aeskey,
            block_size=body.block_size or BLOCK_MOST,
            base_url=call.request.base_url,
        )
    )
    schedule(call, TASK, call.now + START_SECONDS, jobid)
    return {"jobid": jobid}


# --- 获取导出结果 ---------------------------------------------------------------------------------------


class ResultRequest(RequestModel):
    jobid: str = required()


class ExportedFile(TypedDict):
    url: str
    size: int
    md5: str


class ResultReply(TypedDict):
    status: int
    data_list: list[ExportedFile]


@family.get(
    "/cgi-bin/export/get_result",
    doc="94854",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_JOB_ID),
    sample={"jobid": "jobid_xxxxxxxxxxxxxxx"},
)
def get_result(call: Call, query: ResultRequest) -> ResultReply:
    """获取导出结果 / Get the result of an export

    `status` is 0 before the job has begun, 1 while it runs, 2 when it has ended; then `data_list` has the
    files, each encrypted with AES-256-CBC, filled up to a multiple of 32 bytes by PKCS #7, with the first 16
    bytes of the key as IV. Their addresses are good for two hours, and Range works. To the app that submitted
    the job, for three days.
    """
    job = call.db.session.get(ExportJob, (call.corp_id, query.jobid))
    if job is None or job.agentid != call.agentid:
        raise Refusal(ErrCode.INVALID_JOB_ID, detail=f"this app has submitted no job {query.jobid[:64]!r}")
    files = sa.select(EXPORT_FILE.c.media_id, EXPORT_FILE.c.size, EXPORT_FILE.c.md5).where(
        EXPORT_FILE.c.corp_id == call.corp_id, EXPORT_FILE.c.jobid == query.jobid
    )
    before = f"{call.request.base_url}{PATH}/{call.corp_id}"
    found: list[Any] = list(call.db.execute(files.order_by(EXPORT_FILE.c.number)))
    return {
        "status": job.status,
        "data_list": [{"url": f"{before}/{one.media_id}", "size": one.size, "md5": one.md5} for one in found],
    }
