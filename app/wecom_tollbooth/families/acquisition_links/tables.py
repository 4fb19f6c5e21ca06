"""Acquisition links, the people who opened them or were added through them, quota lots and chat keys."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class AcquisitionLink(SQLModel, table=True):
    __tablename__ = "acquisition_link"
    __table_args__ = (sa.Index("acquisition_link_by_app", "corp_id", "created_by", "seq"),)
    corp_id: str = Field(primary_key=True)
    link_id: str = Field(primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    link_name: str
    create_time: int = Field(sa_type=sa.BigInteger)
    skip_verify: bool
    mark_source: bool = True
    """Whether its customers count as acquired by the app that created it."""
    user_list: list[str] = Field(sa_type=JsonText)
    department_list: list[int] = Field(sa_type=JsonText)
    priority_type: int | None = Field(default=None)
    priority_userid_list: list[str] | None = Field(default=None, sa_type=JsonText)
    created_by: int = Field(sa_type=sa.BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class LinkCustomer(SQLModel, table=True):
    """A customer added through a link; each one uses one unit of quota."""

    __tablename__ = "link_customer"
    __table_args__ = (
        sa.Index("link_customer_by_relation", "corp_id", "external_userid", "userid"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    link_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    external_userid: str
    userid: str
    state: str
    added_at: int = Field(sa_type=sa.BigInteger)
    messages: int = 0
    """Messages from the customer to the member since it was added."""


class LinkClick(SQLModel, table=True):
    """A person who opened a link, identified by `person`."""

    __tablename__ = "link_click"
    __table_args__ = (sa.Index("link_click_by_time", "corp_id", "link_id", "at"),)
    corp_id: str = Field(primary_key=True)
    link_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    person: str


class QuotaLot(SQLModel, table=True):
    """A lot of quota that the corp bought, valid until it expires."""

    __tablename__ = "quota_lot"
    corp_id: str = Field(primary_key=True)
    lot_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    bought: int = Field(sa_type=sa.BigInteger)
    balance: int = Field(sa_type=sa.BigInteger)
    bought_at: int = Field(sa_type=sa.BigInteger)
    expires_at: int = Field(sa_type=sa.BigInteger)


class ChatKey(SQLModel, table=True):
    """The key in message_from_customer with which get_chat_info is called, for 30 minutes."""

    __tablename__ = "chat_key"
    corp_id: str = Field(primary_key=True)
    chat_key: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    link_id: str
    userid: str
    external_userid: str
    state: str
    recv_msg_cnt: int
    issued_at: int = Field(sa_type=sa.BigInteger)


ACQUISITION_LINK = table_of(AcquisitionLink)
LINK_CUSTOMER = table_of(LinkCustomer)
LINK_CLICK = table_of(LinkClick)
QUOTA_LOT = table_of(QuotaLot)
CHAT_KEY = table_of(ChatKey)
