"""Documents of every type, without their content."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class Document(SQLModel, table=True):
    """A document. Its permissions are stored and shown, but not applied: only apps read documents here."""

    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    doc_type: int
    """3 document, 4 spreadsheet, 10 smart sheet, 11 smart document."""
    doc_name: str
    agentid: int = Field(sa_type=sa.BigInteger)
    """The app that made the document and may change it; 0: every app with the permission for documents."""
    source: str = ""
    """The family whose records the document shows, such as "follow_up"; "" for records of its own."""
    spaceid: str = ""
    fatherid: str = ""
    create_time: int = Field(sa_type=sa.BigInteger)
    modify_time: int = Field(sa_type=sa.BigInteger)
    access_rule: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    secure_setting: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    members: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)
    co_auth: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)


DOCUMENT = table_of(Document)
