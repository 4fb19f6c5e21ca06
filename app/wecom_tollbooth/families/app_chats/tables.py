"""Group chats of members."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class MemberChat(SQLModel, table=True):
    """A group chat of members of the corp (内部群)."""

    __tablename__ = "member_chat"
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    """The app that created it; 0 for a member."""
    name: str
    owner: str
    members: list[str] = Field(default_factory=list, sa_type=JsonText)
    """In the order in which they joined. Members who have left the corp are left out on reading."""
    created_at: int = Field(default=0, sa_type=sa.BigInteger)
    joined_at: dict[str, int] = Field(default_factory=dict, sa_type=JsonText)
    """When members joined who were not in it from the beginning."""
    notice: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """群公告, which a member writes."""


MEMBER_CHAT = table_of(MemberChat)
