"""Templates of group welcomes, and the groups that they are applied to. Codes: relations/tables.py."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class GroupWelcomeTemplate(SQLModel, table=True):
    """A 入群欢迎语素材. `content` is a text and at most one attachment, as they are stored everywhere."""

    __tablename__ = "group_welcome_template"
    corp_id: str = Field(primary_key=True)
    template_id: str = Field(primary_key=True)
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that made it."""
    content: dict[str, Any] = Field(sa_type=JsonText)
    message_id: int | None = Field(default=None, sa_type=sa.BigInteger)
    """What members see of it on their phones; None if they were not notified."""


class GroupWelcome(SQLModel, table=True):
    """The template that a group greets newcomers with."""

    __tablename__ = "group_welcome"
    __table_args__ = (sa.Index("group_welcome_by_template", "corp_id", "template_id"),)
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    template_id: str


GROUP_WELCOME_TEMPLATE = table_of(GroupWelcomeTemplate)
GROUP_WELCOME = table_of(GroupWelcome)
