"""Editions of the message archive and customers' consent."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

OFFICE, SERVICE, ENTERPRISE = 1, 2, 3
"""Editions: conversations among members; with customers too; with calls as well (pages 91614 and 101350)."""


class ArchiveEdition(SQLModel, table=True):
    """An edition that the corp has bought, and the range (开启范围) that an admin gave it."""

    __tablename__ = "archive_edition"
    corp_id: str = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    userids: list[str] = Field(default_factory=list, sa_type=JsonText)
    partyids: list[int] = Field(default_factory=list, sa_type=JsonText)
    tagids: list[int] = Field(default_factory=list, sa_type=JsonText)
    seats: int | None = None
    """How many members were paid for; None: enough."""
    expires_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class ArchiveConsent(SQLModel, table=True):
    """What a customer has decided for one conversation: with a member, or in a group."""

    __tablename__ = "archive_consent"
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    """"" of a group."""
    chat_id: str = Field(primary_key=True)
    """"" of a conversation with one member."""
    external_userid: str = Field(primary_key=True)
    agreed: bool
    changed_at: int = Field(sa_type=sa.BigInteger)


ARCHIVE_EDITION = table_of(ArchiveEdition)
ARCHIVE_CONSENT = table_of(ArchiveConsent)
