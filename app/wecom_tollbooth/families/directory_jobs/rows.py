"""What the rows of members and of departments have in common."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.directory_jobs.tables import IMPORT_ROW, ImportJob
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.acts import Act

UINT32 = 2**32 - 1


def failure(code: Code, why: str) -> Refusal:
    """What ends a whole job."""
    return Refusal(code, f"{code.text}: {why}", detail=why)


def refuse_without(columns: Sequence[str], needed: Sequence[str]) -> None:
    """Raises 40092 unless the file has these columns."""
    missing = [name for name in needed if name not in columns]
    if missing:
        raise failure(ErrCode.INVALID_IMPORT_FILE, f"the file has no column {'、'.join(missing)}")


def repeated(act: Act, job: ImportJob) -> str | None:
    """A key that two rows have, if there is one."""
    row = IMPORT_ROW.c
    of_job = (row.corp_id == act.corp_id) & (row.jobid == job.jobid) & (row.key != "")
    query = sa.select(row.key).where(of_job).group_by(row.key).having(sa.func.count() > 1).limit(1)
    found: str | None = act.db.execute(query).scalar()
    return found


def in_file(job: ImportJob, key: sa.ColumnElement[Any]) -> sa.Exists:
    """Whether a row of the file has this key."""
    row = IMPORT_ROW.c
    return sa.exists().where(row.corp_id == job.corp_id, row.jobid == job.jobid, row.key == key)


def as_id(text: str) -> int | None:
    """The id of a department; None for anything else."""
    digits = text.lstrip("0") or text[:1]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(UINT32))):
        return None
    return int(digits) if int(digits) <= UINT32 else None
