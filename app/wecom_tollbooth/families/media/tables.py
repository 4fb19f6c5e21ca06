"""Uploaded files: temporary ones by media_id, permanent ones by address, and what is to be removed.

A row of `media` or `media_address` is a reference to a file of the folder, by the SHA-256 of its content.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class Media(SQLModel, table=True):
    """A file that a media_id means, until `expires_at`."""

    __tablename__ = "media"
    __table_args__ = (sa.Index("media_by_content", "sha256"),)
    corp_id: str = Field(primary_key=True)
    media_id: str = Field(primary_key=True)
    type: str
    """image, voice, video or file."""
    use: str
    """Where it may be used, see lookup.Use; `url` for a file fetched from a url, `jssdk` for a recording."""
    name: str
    content_type: str
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str
    created_at: int = Field(sa_type=sa.BigInteger)
    expires_at: int = Field(sa_type=sa.BigInteger)


class MediaAddress(SQLModel, table=True):
    """A file that is served under an address of its own, for as long as the corp exists."""

    __tablename__ = "media_address"
    __table_args__ = (
        sa.Index("media_address_by_content", "sha256"),
        sa.Index("media_address_by_origin", "corp_id", "origin", "created_at"),
    )
    corp_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    origin: str
    """uploadimg, or media: a temporary file that something lasting shows."""
    content_type: str
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str
    created_at: int = Field(sa_type=sa.BigInteger)


class UploadJob(SQLModel, table=True):
    """A file that is fetched from a url. `status` 1 under way, 2 done, 3 failed."""

    __tablename__ = "upload_job"
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    type: str
    name: str
    url: str
    md5: str
    status: int
    errcode: int
    errmsg: str
    media_id: str
    created_at: int = Field(sa_type=sa.BigInteger)
    ended_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class DroppedFile(SQLModel, table=True):
    """A content of which a reference was removed; its file goes if it was the last. `corp_id` is empty."""

    __tablename__ = "dropped_file"
    corp_id: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)


MEDIA = table_of(Media)
MEDIA_ADDRESS = table_of(MediaAddress)
UPLOAD_JOB = table_of(UploadJob)
DROPPED_FILE = table_of(DroppedFile)
