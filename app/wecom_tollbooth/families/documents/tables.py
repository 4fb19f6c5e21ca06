"""Documents of every type, without their content."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class Document(SQLModel, table=True):
    """A document. Who may see it is kept and shown, but nobody reads here except apps."""

    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    doc_type: int
    """3 document, 4 spreadsheet, 10 smart sheet."""
    doc_name: str
    agentid: int = Field(sa_type=sa.BigInteger)
    """The app that made it and may change it; 0: every app with the right to documents may."""
    source: str = ""
    """What the records are when they are none of their own: "follow_up"."""
    spaceid: str = ""
    fatherid: str = ""
    create_time: int = Field(sa_type=sa.BigInteger)
    modify_time: int = Field(sa_type=sa.BigInteger)
    access_rule: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    secure_setting: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    members: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)
    co_auth: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)


DOCUMENT = table_of(Document)
