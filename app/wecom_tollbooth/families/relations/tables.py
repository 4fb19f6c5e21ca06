"""Customers and their followers."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

WECHAT, WECOM = 1, 2
"""`type` of an external contact: WeChat or WeCom user."""


class ExternalContact(SQLModel, table=True):
    """A person outside the corp. `type` 1 uses WeChat, 2 WeCom."""

    __tablename__ = "external_contact"
    __table_args__ = (
        sa.Index("external_contact_by_unionid", "corp_id", "unionid"),
        sa.Index("external_contact_by_age", "corp_id", "created_at", "external_userid"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    external_userid: str = Field(primary_key=True)
    name: str
    type: int
    gender: int = 0
    avatar: str = ""
    unionid: str = ""
    position: str = ""
    corp_name: str = ""
    corp_full_name: str = ""
    external_profile: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    created_at: int = Field(sa_type=sa.BigInteger)


class FollowUser(SQLModel, table=True):
    """The relation of one customer to one member.

    `ended_at` is set when the member deletes the customer (84061 from then on); a customer who deletes the
    member leaves the relation readable, and `deleted_by_customer_at` is set. `pending_confirmation` marks a
    customer who was added without verification and may chat, but whom the member has not confirmed yet
    (84061 too). `seq` orders a member's customers for paging and increases with each relation.
    """

    __tablename__ = "follow_user"
    __table_args__ = (
        sa.Index("follow_user_by_member", "corp_id", "userid", "seq"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    external_userid: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    createtime: int = Field(sa_type=sa.BigInteger)
    remark: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: list[str] = Field(default_factory=list, sa_type=JsonText)
    remark_pic_mediaid: str = ""
    add_way: int = 0
    oper_userid: str = ""
    state: str = ""
    source_agentid: int | None = Field(default=None, sa_type=sa.BigInteger)
    """agentid of the 营销获客 app that acquired the customer (mark_source)."""
    wechat_channels: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    pending_confirmation: bool = False
    last_chat_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    """When either last wrote to the other."""
    deleted_by_customer_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    ended_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class WelcomeCode(SQLModel, table=True):
    """A welcome code sent to one app with an event; works once, within 20 seconds.

    `used_at` is when a welcome message was sent, with this code or that of another app, to the same customer.
    """

    __tablename__ = "welcome_code"
    __table_args__ = (sa.Index("welcome_code_by_pair", "corp_id", "external_userid", "userid"),)
    corp_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    userid: str
    external_userid: str
    issued_at: int = Field(sa_type=sa.BigInteger)
    used_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class MemberGreeting(SQLModel, table=True):
    """The welcome message that an admin has set for a member; then no event brings a code."""

    __tablename__ = "member_greeting"
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JsonText)
    """As families/attachments stores it."""


class ActRecord(SQLModel, table=True):
    """An action between a member and a customer outside the API.

    `kind`: applied, added, half_added, deleted_by_member, deleted_by_customer, message_in, message_out.
    `reference` is the state, link or message that it was about.
    """

    __tablename__ = "act_record"
    __table_args__ = (
        sa.Index("act_record_by_member", "corp_id", "userid", "kind", "at"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    kind: str
    userid: str
    external_userid: str
    reference: str = ""


EXTERNAL_CONTACT = table_of(ExternalContact)
FOLLOW_USER = table_of(FollowUser)
WELCOME_CODE = table_of(WelcomeCode)
MEMBER_GREETING = table_of(MemberGreeting)
ACT_RECORD = table_of(ActRecord)
