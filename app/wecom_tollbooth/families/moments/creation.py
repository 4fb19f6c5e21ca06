"""创建发表任务: an app has a moment made, which members are then asked to publish."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.attachments.message_content import TextGiven
from wecom_tollbooth.families.moments.content import PartGiven, moment_content
from wecom_tollbooth.families.moments.counts import lock_counts, store_counts
from wecom_tollbooth.families.moments.family import family
from wecom_tollbooth.families.moments.jobs import DONE, JOB, JOBID_CHARS, NOT_BEGUN
from wecom_tollbooth.families.moments.tables import MOMENT_JOB, MomentJob
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import DAY, MINUTE, month_of
from wecom_tollbooth.world.scheduled_tasks import schedule

SENDERS = 100_000
A_MINUTE, A_MONTH = 10, 100_000
"""Moments that a corp may have made by the API (page 95094)."""
JOBS_AT_ONCE = 10
JOB_LIVES = DAY
BODY_AT_MOST = BodyLimit(8 * 2**20, ErrCode.BODY_TOO_LARGE)
"""100,000 userids fill more than the usual 2 MiB."""


# --- 创建发表任务 ----------------------------------------------------------------------------------------


class SendersGiven(RequestModel):
    user_list: list[str] | None = optional(max_items=SENDERS, doc="userids, at most 100,000")
    department_list: list[int] | None = optional(doc="departments, with all below them")


class CustomersGiven(RequestModel):
    tag_list: list[str] | None = optional(doc="corp tags, no tags of rule groups; one of them is enough")


class RangeGiven(RequestModel):
    sender_list: SendersGiven | None = optional(doc="who is to publish it; absent: the visible range")
    external_contact_list: CustomersGiven | None = optional(doc="who sees it; absent: all customers")


class AddRequest(RequestModel):
    text: TextGiven | None = optional(doc="content: at most 2000 characters; needed without attachments")
    attachments: list[PartGiven] | None = optional(doc="up to 9 images, or one video, or one link")
    visible_range: RangeGiven | None = optional(doc="absent: all members and customers that the app sees")


class AddReply(TypedDict):
    jobid: str


@family.post(
    "/cgi-bin/externalcontact/add_moment_task",
    doc="95094",
    meter="moment.write",
    permission=Permission.MOMENT,
    body_limit=BODY_AT_MOST,
    errors=(
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.TOO_MANY_ATTACHMENTS,
        ErrCode.INVALID_ATTACHMENT_TYPE,
        ErrCode.TOO_MANY_MOMENT_JOBS,
        ErrCode.ATTACHMENTS_EMPTY,
        ErrCode.CONTENT_EMPTY,
        ErrCode.TOO_MANY_MOMENTS,
        ErrCode.MOMENTS_NOT_OPENED,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={
        "text": {"content": "新茶到店，本周末第二杯半价"},
        "attachments": [{"msgtype": "image", "image": {"media_id": "MEDIA_ID"}}],
        "visible_range": {
            "sender_list": {"user_list": ["zhangsan", "lisi"], "department_list": [2, 3]},
            "external_contact_list": {"tag_list": ["etXXXXXXXXXX", "etYYYYYYYYYY"]},
        },
    },
)
def add_moment_task(call: Call, body: AddRequest) -> AddReply:
    """创建发表任务 / Create a task to publish a moment

    Makes a moment of the corp a second later; get_moment_task_result answers with its moment_id. The members
    named, or all whom the app sees, are asked to publish it. With external_contact_list only members who
    have such customers are asked, and only these customers see it. 10 a minute and 100,000 a month.
    """
    content = moment_content(call, body.text, body.attachments)
    _count_creation(call)
    _refuse_too_many_jobs(call)
    given = body.visible_range or RangeGiven()
    senders, customers = given.sender_list, given.external_contact_list
    has_senders = senders is not None and (senders.user_list or senders.department_list)
    jobid = call.draw("moment job", JOBID_CHARS)
    job = MomentJob(
        corp_id=call.corp_id,
        jobid=jobid,
        created_at=call.now,
        agentid=call.agentid,
        status=NOT_BEGUN,
        content=content,
        senders=senders.model_dump() if has_senders and senders else None,
        tag_list=customers.tag_list or None if customers else None,
    )
    call.db.execute(sa.insert(MOMENT_JOB), job.model_dump())
    schedule(call, JOB, call.now + 1, jobid)
    return {"jobid": jobid}


def _count_creation(call: Call) -> None:
    """Counts a moment. Raises 41211 unless the corp has opened moments, 41210 and 45009 over the limits."""
    counts = lock_counts(call)
    if not counts.is_open:
        raise Refusal(ErrCode.MOMENTS_NOT_OPENED, detail="the corp's admin has closed customer moments")
    month, minute = month_of(call.now), call.now // MINUTE
    if counts.month != month:
        counts.month, counts.of_month = month, 0
    if counts.minute != minute:
        counts.minute, counts.of_minute = minute, 0
    if counts.of_month >= A_MONTH:
        raise Refusal(ErrCode.TOO_MANY_MOMENTS, detail=f"{A_MONTH} moments were already made in {month}")
    if counts.of_minute >= A_MINUTE and call.gateway.rate_limits.are_on:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"a corp may make {A_MINUTE} moments in a minute")
    counts.of_month += 1
    counts.of_minute += 1
    store_counts(call, counts)


def _refuse_too_many_jobs(call: Call) -> None:
    """Raises 41078 while too many jobs of the corp are under way; forgets those that are over a day old."""
    of_corp = MOMENT_JOB.c.corp_id == call.corp_id
    call.db.execute(sa.delete(MOMENT_JOB).where(of_corp, MOMENT_JOB.c.created_at <= call.now - JOB_LIVES))
    query = sa.select(sa.func.count()).where(of_corp, MOMENT_JOB.c.status != DONE)
    under_way = int(call.db.execute(query).scalar_one())
    if under_way >= JOBS_AT_ONCE:
        raise Refusal(ErrCode.TOO_MANY_MOMENT_JOBS, detail=f"{under_way} jobs of this corp are under way")


# --- 获取任务创建结果 ------------------------------------------------------------------------------------


class ResultRequest(RequestModel):
    jobid: str = required(max_chars=64, too_long=ErrCode.INVALID_JOB_ID)


class InvalidSenders(TypedDict):
    user_list: list[str]
    department_list: list[int]


class InvalidCustomers(TypedDict):
    tag_list: list[str]


class JobResult(TypedDict):
    errcode: int
    errmsg: str
    moment_id: NotRequired[str]
    invalid_sender_list: InvalidSenders
    invalid_external_contact_list: InvalidCustomers


class ResultReply(TypedDict):
    status: int
    type: str
    result: NotRequired[JobResult]


@family.get(
    "/cgi-bin/externalcontact/get_moment_task_result",
    doc="95094",
    meter="moment.read",
    permission=Permission.MOMENT,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_JOB_ID),
    row_errors=(
        ErrCode.INVALID_USERID_LIST,
        ErrCode.INVALID_TAGID,
    ),
    also_post="a widely used SDK posts the jobid",
    sample={"jobid": "JOBID"},
)
def get_moment_task_result(call: Call, body: ResultRequest) -> ResultReply:
    """获取任务创建结果 / Get the result of a moment's task

    Status 1: not begun, 2: under way, 3: done; `result` is there then. It names the senders whom the corp
    doesn't have or the app doesn't see, and tags that are no corp tags. A job is kept for 24 hours.
    """
    query = sa.select(MOMENT_JOB.c.status, MOMENT_JOB.c.result).where(
        MOMENT_JOB.c.corp_id == call.corp_id,
        MOMENT_JOB.c.jobid == body.jobid,
        MOMENT_JOB.c.created_at > call.now - JOB_LIVES,
    )
    job = call.db.execute(query).first()
    if job is None:
        raise Refusal(ErrCode.INVALID_JOB_ID, detail=f"{body.jobid!r} is no job of the last 24 hours")
    reply: ResultReply = {"status": job.status, "type": "add_moment_task"}
    if job.status == DONE:
        reply["result"] = job.result
    return reply
