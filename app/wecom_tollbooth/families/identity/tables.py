"""Login codes, tickets for a visitor's details, tickets that pages sign with, and the second verification."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class LoginCode(SQLModel, table=True):
    """A code that a login page handed out; good once and for five minutes.

    `person` is a userid, or the external_userid of a customer. `host` is that of the page that it was sent
    to, with its port if the address has one.
    """

    __tablename__ = "login_code"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    agentid: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The app in whose name the page asked; None where the address named none."""
    person: str
    is_member: bool
    scope: str
    host: str
    issued_at: int = Field(sa_type=sa.BigInteger)
    used_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class UserTicket(SQLModel, table=True):
    """With it, auth/getuserdetail answers what the member agreed to show; good for half an hour."""

    __tablename__ = "user_ticket"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    ticket: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    userid: str
    issued_at: int = Field(sa_type=sa.BigInteger)


class JsTicket(SQLModel, table=True):
    """A jsapi_ticket: the corp's (agentid 0) or an app's. An app gets the same one while it is valid."""

    __tablename__ = "js_ticket"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    ticket: str
    issued_at: int = Field(sa_type=sa.BigInteger)


class VerificationPage(SQLModel, table=True):
    """The page of a corp's second verification (二次验证), and the members whom it concerns."""

    __tablename__ = "verification_page"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    url: str
    concerns: dict[str, list[Any]] | None = Field(default=None, sa_type=JsonText)
    """{"userid": [...], "partyid": [...]}; None: every member."""


class TfaCode(SQLModel, table=True):
    """With it, user/tfa_succ lets the member pass; good once and for five minutes."""

    __tablename__ = "tfa_code"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    tfa_code: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    userid: str
    issued_at: int = Field(sa_type=sa.BigInteger)
    used_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class UnverifiedMember(SQLModel, table=True):
    """A member who met the second verification and hasn't passed it; the phone shows it as a task."""

    __tablename__ = "unverified_member"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    message_id: int = Field(sa_type=sa.BigInteger)


LOGIN_CODE = table_of(LoginCode)
USER_TICKET = table_of(UserTicket)
JS_TICKET = table_of(JsTicket)
VERIFICATION_PAGE = table_of(VerificationPage)
TFA_CODE = table_of(TfaCode)
UNVERIFIED_MEMBER = table_of(UnverifiedMember)
