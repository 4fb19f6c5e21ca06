"""What apps sent: messages, codes that change cards, and the sums of a day."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of, unique_where


class AppMessage(SQLModel, table=True):
    """A message of an app. What members see of it is the phone message with the same id."""

    __tablename__ = "app_message"
    __table_args__ = (
        sa.Index("app_message_by_msgid", "corp_id", "msgid", unique=True),
        sa.Index("app_message_by_app", "corp_id", "agentid", "sent_at"),
        unique_where("task_id IS NOT NULL", "app_message_by_task", "corp_id", "agentid", "task_id"),
    )
    corp_id: str = Field(primary_key=True)
    message_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    msgid: str
    msgtype: str
    sent_at: int = Field(sa_type=sa.BigInteger)
    task_id: str | None = None
    """Of a template card or task card, where it has one."""


class SentContent(SQLModel, table=True):
    """The last message with this request, of those that asked for the duplicate check."""

    __tablename__ = "sent_content"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    digest: str = Field(primary_key=True)
    message_id: int = Field(sa_type=sa.BigInteger)
    sent_at: int = Field(sa_type=sa.BigInteger)


class MessagesOfDay(SQLModel, table=True):
    """How many receivers an app's messages of one type had on a day; `day` is its 0:00 in Asia/Shanghai."""

    __tablename__ = "messages_of_day"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_type=sa.BigInteger)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    msgtype: str = Field(primary_key=True)
    count: int = Field(sa_type=sa.BigInteger)


class ResponseCode(SQLModel, table=True):
    """A code by which a card can be changed once."""

    __tablename__ = "response_code"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    message_id: int = Field(sa_type=sa.BigInteger)
    """The message as it was sent."""
    issued_at: int = Field(sa_type=sa.BigInteger)
    used: bool = False


class CardVersion(SQLModel, table=True):
    """A phone message that replaced the card `message_id` on some phones."""

    __tablename__ = "card_version"
    __table_args__ = (sa.Index("card_version_by_message", "corp_id", "message_id"),)
    corp_id: str = Field(primary_key=True)
    version_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    message_id: int = Field(sa_type=sa.BigInteger)


APP_MESSAGE = table_of(AppMessage)
SENT_CONTENT = table_of(SentContent)
MESSAGES_OF_DAY = table_of(MessagesOfDay)
RESPONSE_CODE = table_of(ResponseCode)
CARD_VERSION = table_of(CardVersion)
