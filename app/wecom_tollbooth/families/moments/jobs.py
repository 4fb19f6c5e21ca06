"""Jobs on the clock: a second after the call the moment is made, and members get their tasks in slices."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.attachments.message_content import Content
from wecom_tollbooth.families.directory.offboarding import left_behind
from wecom_tollbooth.families.moments import senders
from wecom_tollbooth.families.moments.senders import Checked
from wecom_tollbooth.families.moments.tables import (
    MOMENT,
    MOMENT_JOB,
    MOMENT_PUBLICATION,
    OF_CORP,
    PARTLY,
    PUBLIC,
    Moment,
    MomentJob,
)
from wecom_tollbooth.families.phones.screens import WAITING, show, write_message
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

JOB, TASKS, END = "moment_job", "moment_tasks", "moment_job_ends"
NOT_BEGUN, BEGUN, DONE = 1, 2, 3
"""Status of a job, in WeCom's numbers."""
JOBID_CHARS = 43
CONSOLE = 0
"""In the place of an agentid: made by an admin in the console, who sees all members."""
MEMBERS_AT_ONCE = 500
TASKS_AFTER = 0
"""Seconds from the moment to its first tasks."""

_INSERT_TASKS = CompiledStatement(
    sa.insert(MOMENT_PUBLICATION).values(
        {column.name: bindparam(column.name) for column in MOMENT_PUBLICATION.columns}
    )
)

left_behind(MOMENT_PUBLICATION.c.userid, MOMENT_PUBLICATION.c.published_at.is_(None))


@scheduled_task(JOB)
def moment_job_begins(act: Act, reference: str) -> None:
    """Makes the moment, unless no sender or no tag that was given is valid."""
    job = _job(act, reference)
    if job is None:
        return
    checked = senders.check(act, job.agentid, job.senders, job.tag_list)
    errcode = ErrCode.OK
    if job.senders is not None and not checked.userids and not checked.departments:
        errcode = ErrCode.INVALID_USERID_LIST
    elif job.tag_list is not None and not checked.tags:
        errcode = ErrCode.INVALID_TAGID
    result: dict[str, Any] = {"errcode": int(errcode), "errmsg": errcode.text}
    if errcode is ErrCode.OK:
        result["moment_id"] = _make(act, job, checked)
        schedule(act, TASKS, act.now + TASKS_AFTER, f"{reference}/")
    else:
        schedule(act, END, act.now + 1, reference)
    result["invalid_sender_list"] = {
        "user_list": checked.invalid_userids,
        "department_list": checked.invalid_departments,
    }
    result["invalid_external_contact_list"] = {"tag_list": checked.invalid_tags}
    valid = {"user_list": checked.userids, "department_list": checked.departments} if job.senders else None
    _update(act, reference, status=BEGUN, result=result, senders=valid)


@scheduled_task(TASKS)
def moment_tasks_are_made(act: Act, reference: str) -> None:
    """Asks the next members to publish the moment: 500 in a transaction, in the order of their userids."""
    jobid, _, after = reference.partition("/")
    job = _job(act, jobid)
    if job is None:
        return
    moment = _moment(act, job.result["moment_id"])
    members: list[str] = []
    if moment is not None and moment.cancelled_at is None:
        members = senders.members_after(act, after, moment.tag_list, MEMBERS_AT_ONCE)
    if members:
        wanted = senders.senders(act, job.agentid, job.senders)
        _ask(act, moment, [userid for userid in members if wanted is None or userid in wanted])
    if len(members) == MEMBERS_AT_ONCE:
        schedule(act, TASKS, act.now, f"{jobid}/{members[-1]}")
        return
    this = (MOMENT.c.corp_id == act.corp_id, MOMENT.c.moment_id == job.result["moment_id"])
    act.db.execute(sa.update(MOMENT).where(*this).values(dispatched=True))
    schedule(act, END, act.now + 1, jobid)


@scheduled_task(END)
def moment_job_ends(act: Act, reference: str) -> None:
    """The job answers its result from now on."""
    _update(act, reference, status=DONE)


def make_from_console(
    act: Act, creator: str, content: Content, given: dict[str, Any] | None, tags: list[str] | None
) -> str:
    """Makes a moment of the corp by `creator` and returns its id; raises ActRefused for invalid ids."""
    checked = senders.check(act, CONSOLE, given, tags)
    invalid = [*checked.invalid_userids, *checked.invalid_departments, *checked.invalid_tags]
    if invalid:
        raise ActRefused(f"{invalid[0]} is no member, department or corp tag of this corp")
    job = MomentJob(
        corp_id=act.corp_id,
        jobid=act.draw("moment job", JOBID_CHARS),
        created_at=act.now,
        agentid=CONSOLE,
        status=BEGUN,
        content=content,
        senders={"user_list": checked.userids, "department_list": checked.departments} if given else None,
        tag_list=tags,
    )
    moment_id = _make(act, job, checked, creator)
    job.result = {"moment_id": moment_id}
    act.db.execute(sa.insert(MOMENT_JOB), job.model_dump())
    schedule(act, TASKS, act.now, f"{job.jobid}/")
    return moment_id


def _make(act: Act, job: Any, checked: Checked, creator: str = "") -> str:
    moment_id = act.new_id("mom")
    body = {"moment_id": moment_id, **job.content}
    moment = Moment(
        corp_id=act.corp_id,
        moment_id=moment_id,
        seq=act.next_id(),
        create_time=act.now,
        create_type=OF_CORP,
        visible_type=PUBLIC if job.tag_list is None else PARTLY,
        creator=creator,
        content=job.content,
        tag_list=checked.tags,
        task_message_id=write_message(act, "moment_task", creator or str(job.agentid), body),
    )
    act.db.execute(sa.insert(MOMENT), moment.model_dump())
    return moment_id


def _ask(act: Act, moment: Any, userids: list[str]) -> None:
    _INSERT_TASKS.many(
        act.db,
        [
            {
                "corp_id": act.corp_id,
                "moment_id": moment.moment_id,
                "userid": userid,
                "published_at": None,
                "message_id": 0,
            }
            for userid in userids
        ],
    )
    show(act, moment.task_message_id, userids, WAITING)


def _job(act: Act, jobid: str) -> Any:
    query = sa.select(MOMENT_JOB).where(MOMENT_JOB.c.corp_id == act.corp_id, MOMENT_JOB.c.jobid == jobid)
    return act.db.execute(query).first()


def _moment(act: Act, moment_id: str) -> Any:
    query = sa.select(MOMENT).where(MOMENT.c.corp_id == act.corp_id, MOMENT.c.moment_id == moment_id)
    return act.db.execute(query).first()


def _update(act: Act, jobid: str, **values: Any) -> None:
    this = (MOMENT_JOB.c.corp_id == act.corp_id, MOMENT_JOB.c.jobid == jobid)
    act.db.execute(sa.update(MOMENT_JOB).where(*this).values(values))
