"""Jobs that import or export the directory, with their rows and parts."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

STARTED, RUNNING, DONE = 1, 2, 3
"""ImportJob.status."""


class ImportJob(SQLModel, table=True):
    """A file that is being read into the directory, or was.

    `stage` says what the next slice of work does: read, check, apply or remove. `progress` is the byte of the
    file, or the rank of the row, that it begins after.
    """

    __tablename__ = "import_job"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    number: int = Field(sa_type=sa.BigInteger)
    """Rises with each job."""
    agentid: int = Field(sa_type=sa.BigInteger)
    kind: str
    """sync_user, replace_user or replace_party."""
    sha256: str
    encoding: str = ""
    columns: list[str] = Field(default_factory=list, sa_type=JsonText)
    stage: str = "read"
    progress: int = Field(default=0, sa_type=sa.BigInteger)
    status: int = STARTED
    total: int = 0
    errcode: int = 0
    errmsg: str = "ok"
    address: dict[str, str] | None = Field(default=None, sa_type=JsonText)
    """The callback that the call named, if it named one."""
    is_purged: bool = False
    """Its result was removed, because newer jobs have ended."""


class ImportRow(SQLModel, table=True):
    """A row of the file. `fields` by name of the column, until it is applied; then what came of it."""

    __tablename__ = "import_row"
    __table_args__ = (
        sa.Index("import_row_by_key", "corp_id", "jobid", "key"),
        sa.Index("import_row_by_rank", "corp_id", "jobid", "rank"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    rank: int
    """Rows are applied in this order, from 1: departments after those above them."""
    key: str
    """The userid in lower case, or the id of the department."""
    name: str
    """The userid as the file has it; empty for a department."""
    fields: dict[str, str] = Field(sa_type=JsonText)
    action: int = 0
    errcode: int = 0
    errmsg: str = ""


class LeftoverDepartment(SQLModel, table=True):
    """A department that a replacing import left out while somebody was in it; it goes once it is empty."""

    __tablename__ = "leftover_department"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    department_id: int = Field(primary_key=True, sa_type=sa.BigInteger)


class ExportJob(SQLModel, table=True):
    """What an app wants written into files. `status` 0 waiting, 1 running, 2 done, 3 failed."""

    __tablename__ = "export_job"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    kind: str
    """export_simple_user, export_user, export_department or export_tag."""
    tagid: int = Field(default=0, sa_type=sa.BigInteger)
    aes_key: str
    block_size: int
    base_url: str
    """The address that the caller used, for addresses in the files."""
    status: int = 0
    after: str = ""
    """The last userid that was written."""
    in_block: int = 0
    """Members that were written into the block under way."""


class ExportPart(SQLModel, table=True):
    """Part of the JSON of the block under way, in the order of `number`."""

    __tablename__ = "export_part"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    text: str


class ExportFile(SQLModel, table=True):
    """A file of an export; `media_id` names it while it can be fetched."""

    __tablename__ = "export_file"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    media_id: str
    size: int = Field(sa_type=sa.BigInteger)
    md5: str


IMPORT_JOB = table_of(ImportJob)
IMPORT_ROW = table_of(ImportRow)
LEFTOVER_DEPARTMENT = table_of(LeftoverDepartment)
EXPORT_JOB = table_of(ExportJob)
EXPORT_PART = table_of(ExportPart)
EXPORT_FILE = table_of(ExportFile)
