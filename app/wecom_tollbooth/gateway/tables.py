"""Tokens of apps and providers, keys of webhooks, and the journal of calls."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class ProviderToken(SQLModel, table=True):
    """As AccessToken, of a provider: `kind` is suite_access_token or provider_access_token."""

    __tablename__ = "provider_token"
    corp_id: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    kind: str
    expires_at: int = Field(sa_type=sa.BigInteger)


class AccessToken(SQLModel, table=True):
    """Every token that was issued and may still be used; expired ones are kept a day to answer 42001."""

    __tablename__ = "access_token"
    corp_id: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    expires_at: int = Field(sa_type=sa.BigInteger)


class WebhookKey(SQLModel, table=True):
    """A webhook (接收外部数据) of a sub-table of a smart sheet: its key is all one needs to add records."""

    __tablename__ = "webhook_key"
    __table_args__ = (
        sa.Index("webhook_by_id", "corp_id", "webhook_id", unique=True),
        sa.Index("webhooks_of_sheet", "corp_id", "docid", "sheet_id"),
    )
    corp_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    webhook_id: str
    """What its records show as their creator, because the key is secret."""
    docid: str
    sheet_id: str
    name: str
    userid: str
    """The member who created it."""
    trusted_ips: list[str] = Field(default_factory=list, sa_type=JsonText)
    """Addresses and networks that may call; empty: any."""
    created_at: int = Field(sa_type=sa.BigInteger)


class GroupRobot(SQLModel, table=True):
    """A robot (消息推送，原群机器人) of a group chat of members: its key is all one needs to write there."""

    __tablename__ = "group_robot"
    __table_args__ = (sa.Index("robot_by_id", "corp_id", "robot_id", unique=True),)
    corp_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    robot_id: str
    """What its messages show as their sender, because the key is secret."""
    chat_id: str
    name: str
    userid: str
    """The member who added it."""
    enabled: bool = True
    created_at: int = Field(sa_type=sa.BigInteger)


class CallJournal(SQLModel, table=True):
    """The last `journal_capacity` calls of a corp, request and answer; see gateway/journal/bound.py."""

    __tablename__ = "call_journal"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    """Rises in the order in which the corp's calls were recorded, with gaps on PostgreSQL."""
    usage_id: int = Field(sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    ip: str
    method: str
    path: str
    query: str
    body: str
    http_status: int
    errcode: int
    errmsg: str
    detail: str
    warned: bool
    duration_us: int
    fault: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The planned fault that the call has met."""


PROVIDER_TOKEN = table_of(ProviderToken)
ACCESS_TOKEN = table_of(AccessToken)
WEBHOOK_KEY = table_of(WebhookKey)
GROUP_ROBOT = table_of(GroupRobot)
CALL_JOURNAL = table_of(CallJournal)
