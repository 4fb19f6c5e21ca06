"""The slices of an import: its file is read, then checked, applied row by row, and what is left out removed.

Each slice is a scheduled task and leaves the next one. A thousand rows take a second of the clock.
"""

import json
from collections.abc import Callable
from itertools import islice

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.directory_jobs import BatchJob, BatchJobResult
from wecom_tollbooth.callbacks.messages import OwnAddress
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory_jobs import department_rows, member_rows
from wecom_tollbooth.families.directory_jobs.csv_files import NotCsv, read_header, read_records
from wecom_tollbooth.families.directory_jobs.rows import failure
from wecom_tollbooth.families.directory_jobs.tables import DONE, IMPORT_JOB, IMPORT_ROW, RUNNING, ImportJob
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

TASK = "directory_import"
START_SECONDS = 1
ROWS_READ, ROWS_APPLIED = 2_000, 50
"""In one slice."""
ROWS_A_SECOND = 1_000
RESULTS_KEPT = 5
"""Jobs whose results can be asked for (error list, 40089)."""

_ADD = CompiledStatement(
    sa.insert(IMPORT_ROW).values({column.name: bindparam(column.name) for column in IMPORT_ROW.columns})
)
_NEXT = CompiledStatement(
    sa.select(IMPORT_ROW.c.position, IMPORT_ROW.c.rank, IMPORT_ROW.c.fields)
    .where(
        IMPORT_ROW.c.corp_id == bindparam("corp_id"),
        IMPORT_ROW.c.jobid == bindparam("jobid"),
        IMPORT_ROW.c.rank > bindparam("after"),
    )
    .order_by(IMPORT_ROW.c.rank)
    .limit(bindparam("most"))
)
_NOTE = CompiledStatement(
    sa.update(IMPORT_ROW)
    .where(
        IMPORT_ROW.c.corp_id == bindparam("corp"),
        IMPORT_ROW.c.jobid == bindparam("job"),
        IMPORT_ROW.c.position == bindparam("place"),
    )
    .values(
        fields="{}",
        action=bindparam("new_action"),
        errcode=bindparam("new_errcode"),
        errmsg=bindparam("new_errmsg"),
    )
)


def _fail(act: Act, jobid: str) -> None:
    """Ends a job whose slice failed by an error of ours; it would hold up the corp's later imports."""
    job = act.db.session.get_one(ImportJob, (act.corp_id, jobid))
    refused = failure(ErrCode.IMPORT_FAILED, "an error of the simulator; its log has the traceback")
    job.errcode, job.errmsg = int(refused.errcode), refused.errmsg
    _end(act, job)


@scheduled_task(TASK, failed=_fail)
def directory_import(act: Act, jobid: str) -> None:
    """Does the next slice of the job and schedules the one after it."""
    job = act.db.session.get(ImportJob, (act.corp_id, jobid), with_for_update=True)
    if job is None or job.status == DONE:
        return
    tree.lock_directory(act)
    job.status = RUNNING
    before = job.progress if job.stage == "apply" else 0
    try:
        with act.db.undone_by(Refusal):
            ended = _STAGES[job.stage](act, job)
    except Refusal as refused:
        job = act.db.session.get_one(ImportJob, (act.corp_id, jobid))
        job.errcode, job.errmsg = int(refused.errcode), refused.errmsg
        ended = True
    if ended:
        _end(act, job)
    else:
        passed = job.progress // ROWS_A_SECOND - before // ROWS_A_SECOND if job.stage == "apply" else 0
        schedule(act, TASK, act.now + passed, jobid)
    act.db.session.add(job)


def _end(act: Act, job: ImportJob) -> None:
    job.status = DONE
    act.db.session.add(job)
    result = BatchJob(
        JobId=job.jobid,
        JobType=job.kind,
        ErrCode=job.errcode,
        ErrMsg="ok" if not job.errcode else job.errmsg,
    )
    address = OwnAddress(**job.address) if job.address else None
    emit(act, BatchJobResult(BatchJob=result), agentid=job.agentid, address=address)
    _purge_older(act)


def _purge_older(act: Act) -> None:
    """Removes the results of all jobs but the latest."""
    of_corp = (IMPORT_JOB.c.corp_id == act.corp_id) & (IMPORT_JOB.c.status == DONE)
    latest = sa.select(IMPORT_JOB.c.number).where(of_corp).order_by(IMPORT_JOB.c.number.desc())
    oldest_kept = act.db.execute(latest.limit(1).offset(RESULTS_KEPT - 1)).scalar()
    if oldest_kept is None:
        return
    older = of_corp & (IMPORT_JOB.c.number < oldest_kept) & IMPORT_JOB.c.is_purged.is_(False)
    for jobid in act.db.execute(sa.select(IMPORT_JOB.c.jobid).where(older)).scalars().all():
        of_job = (IMPORT_ROW.c.corp_id == act.corp_id) & (IMPORT_ROW.c.jobid == jobid)
        act.db.execute(sa.delete(IMPORT_ROW).where(of_job))
    act.db.execute(sa.update(IMPORT_JOB).where(older).values(is_purged=True))


# --- reading ---------------------------------------------------------------------------------------------


def _read(act: Act, job: ImportJob) -> bool:
    rows = member_rows if job.kind != "replace_party" else department_rows
    try:
        with act.db.database.files.open(job.sha256) as file:
            if not job.encoding:
                header = read_header(file)
                job.columns, job.encoding, job.progress = header.columns, header.encoding, header.end
                rows.check_columns(job.columns)
            records = list(islice(read_records(file, job.encoding, job.progress), ROWS_READ))
    except OSError as error:
        raise failure(ErrCode.IMPORT_FAILED, f"its file can't be opened ({error.strerror})") from None
    except NotCsv as error:
        raise failure(ErrCode.INVALID_IMPORT_FILE, str(error)) from None
    for end, record in records:
        job.total, job.progress = job.total + 1, end
        cells = [cell.strip() for cell in record]
        fields = dict(zip(job.columns, cells, strict=False))
        name = rows.name_of(fields)
        _ADD.run(
            act.db,
            corp_id=act.corp_id,
            jobid=job.jobid,
            position=job.total,
            rank=job.total,
            key=rows.key_of(name),
            name=name,
            fields=json.dumps(fields, ensure_ascii=False),
            action=0,
            errcode=0,
            errmsg="",
        )
    if len(records) < ROWS_READ:
        if not job.total:
            raise failure(ErrCode.INVALID_IMPORT_FILE, "there is no row below the names of the columns")
        job.stage = "check"
    return False


# --- checking --------------------------------------------------------------------------------------------


def _check(act: Act, job: ImportJob) -> bool:
    """What is wrong with the file as a whole, before anything is changed."""
    if job.kind == "replace_party":
        department_rows.check(act, job)
    else:
        member_rows.check(act, job)
    job.stage, job.progress = "apply", 0
    return False


# --- applying --------------------------------------------------------------------------------------------


def _apply(act: Act, job: ImportJob) -> bool:
    apply = department_rows.apply if job.kind == "replace_party" else member_rows.apply
    rows = _NEXT.all(act.db, corp_id=act.corp_id, jobid=job.jobid, after=job.progress, most=ROWS_APPLIED)
    for position, rank, fields in rows:
        job.progress = rank
        action, code, errmsg, raised = 0, 0, "ok", len(act.callbacks)
        try:
            with act.db.undone_by(Refusal):
                action = apply(act, job, json.loads(fields))
        except Refusal as refused:
            code, errmsg = int(refused.errcode), refused.errmsg
            del act.callbacks[raised:]
        _NOTE.run(
            act.db,
            corp=act.corp_id,
            job=job.jobid,
            place=position,
            new_action=action,
            new_errcode=code,
            new_errmsg=errmsg,
        )
    if len(rows) < ROWS_APPLIED:
        job.stage = "remove"
    return False


# --- removing --------------------------------------------------------------------------------------------


def _remove(act: Act, job: ImportJob) -> bool:
    """Removes some of what the file leaves out; True once nothing is left to be removed."""
    if job.kind == "replace_party":
        return department_rows.remove_some(act, job)
    if job.kind == "replace_user" and not member_rows.remove_some(act, job):
        return False
    return department_rows.remove_leftover(act)


_STAGES: dict[str, Callable[[Act, ImportJob], bool]] = {
    "read": _read,
    "check": _check,
    "apply": _apply,
    "remove": _remove,
}
"""What a slice of each stage does; it says whether the job has ended."""
