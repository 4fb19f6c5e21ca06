"""Records of 安全管理: what members and admins did, screenshots, and what was done with files."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

MEMBERS, ADMINS, SCREENS, FILES = "member", "admin", "screen", "file"


class SecurityRecord(SQLModel, table=True):
    """One record of one of the four kinds, in the order of its kind's list."""

    __tablename__ = "security_record"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    at: int = Field(primary_key=True, sa_type=sa.BigInteger)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str
    """Who did it; empty for somebody outside the corp."""
    type: int
    """oper_type, screen_shot_type, or type of the operation on a file."""
    source: int = 0
    """Where a file was uploaded or downloaded; 0 elsewhere."""
    content: dict[str, Any] = Field(sa_type=JsonText)
    """The other fields of the record, as they are answered."""


SECURITY_RECORD = table_of(SecurityRecord)
