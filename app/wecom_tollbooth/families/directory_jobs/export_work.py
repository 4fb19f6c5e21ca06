"""The slices of an export: parts of the JSON are written into the database, then sealed into a file.

The last slice reads them back one by one, so a file is never whole in memory. A killed server goes on with
the parts that are there.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.directory_jobs import BatchJob, BatchJobResult
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.departments.reading import departments_seen
from wecom_tollbooth.families.directory.members.showing import members_after
from wecom_tollbooth.families.directory_jobs.tables import (
    EXPORT_FILE,
    EXPORT_PART,
    ExportFile,
    ExportJob,
    ExportPart,
)
from wecom_tollbooth.families.media.store import add_media, keep_file
from wecom_tollbooth.families.member_tags.lookup import find_tag
from wecom_tollbooth.families.member_tags.tagged import TagReply, tag_as_seen
from wecom_tollbooth.gateway.errcodes import Code, ErrCode
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.clock import DAY, HOUR
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

TASK = "directory_export"
START_SECONDS = 1
RUNNING, DONE, FAILED = 1, 2, 3
MEMBERS_AT_ONCE = 200
ADDRESS_SECONDS = 2 * HOUR
"""For which a file can be fetched (page 94854)."""
JOB_SECONDS = 3 * DAY
BLOCK_BYTES = 32
"""The files are filled up to a multiple of this."""

_APP = CompiledStatement(
    sa.select(APP.c.kind, APP.c.visible).where(
        APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid")
    )
)


def _fail(act: Act, jobid: str) -> None:
    """Ends a job whose slice failed by an error of ours."""
    job = act.db.session.get_one(ExportJob, (act.corp_id, jobid))
    _end(act, job, FAILED, ErrCode.SYSTEM_BUSY)


@scheduled_task(TASK, failed=_fail)
def directory_export(act: Act, jobid: str) -> None:
    """Does the next slice of the job and schedules the one after it."""
    job = act.db.session.get(ExportJob, (act.corp_id, jobid), with_for_update=True)
    if job is None or job.status >= DONE or not _acts_for_the_app(act, job):
        return
    job.status = RUNNING
    act.db.session.add(job)
    if _SLICES[job.kind](act, job):
        _end(act, job)
    else:
        schedule(act, TASK, act.now, jobid)


@scheduled_task("directory_export_forgotten")
def directory_export_forgotten(act: Act, jobid: str) -> None:
    """Forgets a job that ended long ago."""
    for table in (ExportJob, ExportFile):
        of_job = (cast(Any, table).corp_id == act.corp_id) & (cast(Any, table).jobid == jobid)
        act.db.execute(sa.delete(table).where(of_job))


def _acts_for_the_app(act: Act, job: ExportJob) -> bool:
    """The act sees from now on what the app sees; False when the app is gone."""
    found = _APP.one(act.db, corp_id=act.corp_id, agentid=job.agentid)
    if found is None:
        return False
    act.agentid = job.agentid
    act.app_kind, act.visible_json = found
    return True


def _end(act: Act, job: ExportJob, status: int = DONE, error: Code | None = None) -> None:
    job.status = status
    act.db.session.add(job)
    schedule(act, "directory_export_forgotten", act.now + JOB_SECONDS, job.jobid)
    code, text = (int(error), error.text) if error else (0, "ok")
    result = BatchJob(JobId=job.jobid, JobType=job.kind, ErrCode=code, ErrMsg=text)
    emit(act, BatchJobResult(BatchJob=result), agentid=job.agentid)


# --- what is written -------------------------------------------------------------------------------------


def _members(act: Act, job: ExportJob) -> bool:
    """Writes some more members; True when the last file is written."""
    room = min(MEMBERS_AT_ONCE, job.block_size - job.in_block)
    found = members_after(act, job.base_url, job.after, room, with_details=job.kind == "export_user")
    if found.members:
        _write(act, job, found.members)
    job.after, job.in_block = found.last, job.in_block + len(found.members)
    if found.is_end or job.in_block == job.block_size:
        _seal(act, job, b'{"userlist":[', _parts(act, job), b"]}")
        job.in_block = 0
    return found.is_end


def _departments(act: Act, job: ExportJob) -> bool:
    rows = departments_seen(act)
    for block in _blocks(rows, job.block_size):
        _seal(act, job, b'{"department":[', [_json(block)], b"]}")
    return True


def _tag(act: Act, job: ExportJob) -> bool:
    tag = find_tag(act, job.tagid)
    seen: TagReply = tag_as_seen(act, tag) if tag else {"tagname": "", "userlist": [], "partylist": []}
    members = [("userlist", one) for one in seen["userlist"]]
    departments = [("partylist", one) for one in seen["partylist"]]
    for block in _blocks([*members, *departments], job.block_size):
        content: dict[str, Any] = {"tagname": seen["tagname"], "userlist": [], "partylist": []}
        for name, one in block:
            content[name].append(one)
        _seal(act, job, b"", [orjson.dumps(content)], b"")
    return True


_SLICES: dict[str, Callable[[Act, ExportJob], bool]] = {
    "export_simple_user": _members,
    "export_user": _members,
    "export_department": _departments,
    "export_tag": _tag,
}
"""What a slice of each kind writes; it says whether the job has ended."""


def _blocks(rows: list[Any], size: int) -> list[list[Any]]:
    """The rows in blocks; an empty one if there are no rows."""
    return [rows[begin : begin + size] for begin in range(0, max(1, len(rows)), size)]


def _json(rows: list[Any]) -> bytes:
    """The rows without the brackets around them."""
    return orjson.dumps(rows)[1:-1]


# --- parts and files -------------------------------------------------------------------------------------


def _write(act: Act, job: ExportJob, rows: list[Any]) -> None:
    act.db.session.add(
        ExportPart(corp_id=act.corp_id, jobid=job.jobid, number=act.next_id(), text=_json(rows).decode())
    )


def _parts(act: Act, job: ExportJob) -> Iterable[bytes]:
    """The parts of the block, in their order, with a comma between two; they are removed then."""
    of_job = (EXPORT_PART.c.corp_id == act.corp_id) & (EXPORT_PART.c.jobid == job.jobid)
    numbers = act.db.execute(
        sa.select(EXPORT_PART.c.number).where(of_job).order_by(EXPORT_PART.c.number)
    ).scalars()
    for place, number in enumerate(numbers.all()):
        this = of_job & (EXPORT_PART.c.number == number)
        text: str = act.db.execute(sa.select(EXPORT_PART.c.text).where(this)).scalar_one()
        yield (b"," if place else b"") + text.encode()
    act.db.execute(sa.delete(EXPORT_PART).where(of_job))


def _seal(act: Act, job: ExportJob, before: bytes, parts: Iterable[bytes], after: bytes) -> None:
    """Writes an encrypted file of these bytes and notes it for the job."""
    # Only when there is something to encrypt: a server should start without the ciphers.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    key = base64.b64decode(job.aes_key + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    padder = PKCS7(8 * BLOCK_BYTES).padder()
    digest = hashlib.md5(usedforsecurity=False)
    file = act.db.database.files.new()
    try:
        for part in (before, *parts, after):
            _take(file.write, digest.update, encryptor.update(padder.update(part)))
        _take(file.write, digest.update, encryptor.update(padder.finalize()) + encryptor.finalize())
        file.finish()
        keep_file(act, file)
        media_id = add_media(
            act,
            file,
            type="file",
            use="export",
            name=f"{job.jobid}.bin",
            content_type="application/octet-stream",
            seconds=ADDRESS_SECONDS,
        )
        act.db.execute(
            sa.insert(EXPORT_FILE).values(
                corp_id=act.corp_id,
                jobid=job.jobid,
                number=act.next_id(),
                media_id=media_id,
                size=file.size,
                md5=digest.hexdigest(),
            )
        )
    finally:
        file.close()


def _take(write: Callable[[bytes], None], digest: Callable[[bytes], None], data: bytes) -> None:
    write(data)
    digest(data)
