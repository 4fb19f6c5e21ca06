"""Fetching the file of a job: in parts, by Range, on the event loop of the requests to told addresses.

A killed server begins its jobs again after the next start.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import anyio.to_thread
import sqlalchemy as sa

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.media import UploadMediaJobFinish
from wecom_tollbooth.corps.lifecycle import is_kept
from wecom_tollbooth.db import IdBlock, Transaction, in_transaction
from wecom_tollbooth.families.media.checks import MB, SMALLEST
from wecom_tollbooth.families.media.kinds import Content, examine
from wecom_tollbooth.families.media.store import add_media, keep_file
from wecom_tollbooth.families.media.tables import UPLOAD_JOB
from wecom_tollbooth.files import IncomingFile
from wecom_tollbooth.files.folder import WrongFolder
from wecom_tollbooth.gateway.errcodes import Code, ErrCode
from wecom_tollbooth.outgoing.answers import NoAnswer, Request
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.server import Server
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.clock import HOUR
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

log = logging.getLogger("tollbooth.media")

RUNNING, DONE, FAILED = 1, 2, 3
SECONDS_KEPT = HOUR
"""A job can be asked about for so long after it has ended."""
MOST = 200 * MB
PART_BYTES = 256 * 1024
PART_SECONDS, JOB_SECONDS = 30, 900
"""Deadlines of one part and of all, in real time."""
AT_ONCE = 4
PREFIX = "3*1*"
"""Of the media_ids, as the documented sample has it."""
ERROR_CHARS = 200
IDS_OF_AN_END = 64
"""Of the file, its event and copies of that."""
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")

_SLOTS: WeakKeyDictionary[Server, asyncio.Semaphore] = WeakKeyDictionary()


class FetchFailed(Exception):
    """The file is not to be had."""

    def __init__(self, errcode: Code, why: str) -> None:
        super().__init__(f"{errcode.text}: {why}"[:ERROR_CHARS])
        self.errcode = errcode


@dataclass(frozen=True)
class _Job:
    corp_id: str
    jobid: str
    agentid: int
    type: str
    name: str
    url: str
    md5: str


def begin(server: Server, corp_id: str, jobid: str, ids: IdBlock | None = None) -> None:
    """Fetches the file of a job that is committed. Does not wait for it.

    `ids` are for what comes of it; None: any.
    """
    server.outgoing.submit(lambda outgoing: _fetch(server, outgoing, corp_id, jobid, ids))


def begin_again(server: Server) -> None:
    """Begins the jobs that a killed server left under way."""
    with server.database.transaction() as tx:
        running = sa.select(UPLOAD_JOB.c.corp_id, UPLOAD_JOB.c.jobid).where(UPLOAD_JOB.c.status == RUNNING)
        left: list[Any] = list(tx.execute(running))
    for corp_id, jobid in left:
        begin(server, corp_id, jobid)


@scheduled_task("upload_job_forgotten")
def upload_job_forgotten(act: Act, jobid: str) -> None:
    """Forgets a job that ended long ago."""
    of_job = (UPLOAD_JOB.c.corp_id == act.corp_id, UPLOAD_JOB.c.jobid == jobid)
    act.db.execute(sa.delete(UPLOAD_JOB).where(*of_job))


async def _fetch(server: Server, outgoing: Outgoing, corp_id: str, jobid: str, ids: IdBlock | None) -> None:
    slots = _SLOTS.setdefault(server, asyncio.Semaphore(AT_ONCE))
    async with slots:
        try:
            await _run(server, outgoing, corp_id, jobid, ids)
        except Exception:
            log.exception("the job %s was not ended; the next start begins it again", jobid)


async def _run(server: Server, outgoing: Outgoing, corp_id: str, jobid: str, ids: IdBlock | None) -> None:
    def in_thread(work: Callable[[Transaction], Any]) -> Any:
        return anyio.to_thread.run_sync(in_transaction, server.database, work)

    job = await in_thread(partial(_read, corp_id, jobid))
    if job is None:
        return
    file: IncomingFile | None = None
    try:
        try:
            file = await anyio.to_thread.run_sync(server.files.new)
            async with asyncio.timeout(JOB_SECONDS):
                await _download(outgoing, job, file)
            content = await anyio.to_thread.run_sync(_examined, job, file)
            end = partial(_end_well, server, job, ids, file, content)
        except (FetchFailed, OSError, WrongFolder) as error:
            if file is not None:
                file.close()
            end = partial(_end_badly, server, job, ids, _failure(error))
        await in_thread(end)
    finally:
        if file is not None:
            file.close()
    server.work_waiting.set(corp_id)


def _failure(error: Exception) -> FetchFailed:
    if isinstance(error, FetchFailed):
        return error
    if isinstance(error, TimeoutError):
        return FetchFailed(ErrCode.UPLOAD_URL_FAILED, f"it took over {JOB_SECONDS} s")
    log.error("an uploaded file can't be stored", exc_info=error)
    return FetchFailed(ErrCode.SYSTEM_BUSY, "the file can't be stored; see the log of the server")


async def _download(outgoing: Outgoing, job: _Job, file: IncomingFile) -> None:
    """Writes the url's content to the file, part by part, so that no more than a part is in memory."""
    digest = hashlib.md5(usedforsecurity=False)

    def write(part: bytes) -> None:
        file.write(part)
        digest.update(part)

    total: int | None = None
    while total is None or file.size < total:
        part, total = await _part(outgoing, job.url, file.size, total)
        await anyio.to_thread.run_sync(write, part)
    if digest.hexdigest() != job.md5.lower():
        raise FetchFailed(ErrCode.MD5_MISMATCH, f"the file has the MD5 {digest.hexdigest()}")
    await anyio.to_thread.run_sync(file.finish)


async def _part(outgoing: Outgoing, url: str, at: int, before: int | None) -> tuple[bytes, int]:
    """The part of the file that begins `at`, and the size of the whole, which was `before`."""
    wanted = {"Range": f"bytes={at}-{at + PART_BYTES - 1}"}
    # One byte more, so that a whole part leaves the connection open for the next.
    request = Request("GET", url, PART_SECONDS, headers=wanted, most=PART_BYTES + 1)
    try:
        answer = await outgoing.request(request)
    except NoAnswer as failure:
        raise FetchFailed(ErrCode.UPLOAD_URL_FAILED, str(failure)) from None
    if answer.status == 200:
        raise FetchFailed(ErrCode.INVALID_UPLOAD_URL, "the address does not serve Range requests")
    if answer.status == 416 and not at:
        raise FetchFailed(ErrCode.MEDIA_TOO_LARGE, "the file is empty")
    if answer.status != 206:
        raise FetchFailed(ErrCode.UPLOAD_URL_FAILED, f"it answers HTTP {answer.status}")
    found = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", "").strip())
    if found is None or int(found[1]) != at:
        raise FetchFailed(ErrCode.INVALID_UPLOAD_URL, "its Content-Range is not what Range asked for")
    total = int(found[3])
    if not SMALLEST < total <= MOST:
        raise FetchFailed(ErrCode.MEDIA_TOO_LARGE, f"the file has {total} bytes, not 5 to {MOST}")
    if before not in (None, total) or len(answer.body) != int(found[2]) + 1 - at:
        raise FetchFailed(ErrCode.UPLOAD_URL_FAILED, "the file changed, or its answer was cut off")
    return answer.body, total


def _examined(job: _Job, file: IncomingFile) -> Content:
    with file.path.open("rb") as opened:
        content = examine(opened, file.size)
    if job.type == "video" and content.kind != "mp4":
        raise FetchFailed(ErrCode.INVALID_MEDIA_FILE, "the content is not that of an MP4 file")
    file.keep()
    return content


def _read(corp_id: str, jobid: str, tx: Transaction) -> _Job | None:
    """The job; None when it has ended, or its corp is gone."""
    named = [UPLOAD_JOB.c[name] for name in _Job.__dataclass_fields__]
    found = sa.select(*named).where(
        UPLOAD_JOB.c.corp_id == corp_id, UPLOAD_JOB.c.jobid == jobid, UPLOAD_JOB.c.status == RUNNING
    )
    row: Any = tx.execute(found).first() if is_kept(tx, corp_id) else None
    return None if row is None else _Job(*row)


def _end_well(
    server: Server, job: _Job, ids: IdBlock | None, file: IncomingFile, content: Content, tx: Transaction
) -> None:
    context = _context(server, job, ids, tx)
    if _may_end(context, job):
        keep_file(context, file)
        media_id = add_media(
            context,
            file,
            type=job.type,
            use="url",
            name=job.name,
            content_type=content.content_type,
            prefix=PREFIX,
        )
        _end(context, job, status=DONE, media_id=media_id)


def _end_badly(server: Server, job: _Job, ids: IdBlock | None, failure: FetchFailed, tx: Transaction) -> None:
    context = _context(server, job, ids, tx)
    if _may_end(context, job):
        _end(context, job, status=FAILED, errcode=int(failure.errcode), errmsg=str(failure))


def _context(server: Server, job: _Job, ids: IdBlock | None, tx: Transaction) -> Context:
    context = server.context(tx, job.corp_id)
    context.block = None if ids is None else IdBlock(ids.used, ids.last)
    return context


def _may_end(context: Context, job: _Job) -> bool:
    """Whether nobody else has ended the job; its row is locked until the transaction ends."""
    found = sa.select(UPLOAD_JOB.c.status).where(*_this(job)).with_for_update()
    return is_kept(context.db, job.corp_id) and context.db.execute(found).scalar() == RUNNING


def _end(context: Context, job: _Job, **values: Any) -> None:
    context.db.execute(sa.update(UPLOAD_JOB).where(*_this(job)).values(ended_at=context.now, **values))
    schedule(context, "upload_job_forgotten", context.now + SECONDS_KEPT, job.jobid)
    emit(context, UploadMediaJobFinish(JobId=job.jobid), agentid=job.agentid)


def _this(job: _Job) -> tuple[sa.ColumnElement[bool], ...]:
    return UPLOAD_JOB.c.corp_id == job.corp_id, UPLOAD_JOB.c.jobid == job.jobid
