"""Snapshots of a corp: what was taken, its rows in compressed parts, and the files that it refers to.

They belong to the corp and are deleted with it, but a snapshot doesn't contain them.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

KEPT_BY_RESTORE = "kept_by_restore"
"""A table with this key in its `info` is in no snapshot: a restore leaves its rows as they are."""


class Snapshot(SQLModel, table=True):
    """A state of the corp. `name` is unique among those of the corp; an import's own is named by IMPORTED."""

    __tablename__ = "snapshot"
    __table_args__ = {"info": {KEPT_BY_RESTORE: True}}
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    name: str
    taken_at: int = Field(sa_type=sa.BigInteger)
    """By the corp's clock, which shows this again after a restore if it is the corp's own."""
    made_at: int = Field(sa_type=sa.BigInteger)
    """By the wall clock."""
    is_complete: bool = False
    revision: str
    """Of the schema that its rows have."""
    rows: int = Field(sa_type=sa.BigInteger)
    size: int = Field(sa_type=sa.BigInteger)
    """Bytes of its parts, compressed."""


class SnapshotPart(SQLModel, table=True):
    """Some rows of one table, as JSON lines, compressed."""

    __tablename__ = "snapshot_part"
    __table_args__ = {"info": {KEPT_BY_RESTORE: True}}
    corp_id: str = Field(primary_key=True)
    snapshot_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    number: int = Field(primary_key=True)
    table_name: str
    columns: list[str] = Field(sa_type=JsonText)
    rows: int
    content: bytes = Field(sa_type=sa.LargeBinary)


class SnapshotFile(SQLModel, table=True):
    """A file that a snapshot refers to, which therefore stays in the folder."""

    __tablename__ = "snapshot_file"
    __table_args__ = (
        sa.Index("snapshot_file_by_content", "sha256"),
        {"info": {KEPT_BY_RESTORE: True}},
    )
    corp_id: str = Field(primary_key=True)
    snapshot_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    sha256: str = Field(primary_key=True)
    size: int = Field(sa_type=sa.BigInteger)


SNAPSHOT = table_of(Snapshot)
SNAPSHOT_PART = table_of(SnapshotPart)
SNAPSHOT_FILE = table_of(SnapshotFile)
