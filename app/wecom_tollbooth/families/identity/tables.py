"""Login codes, tickets for a visitor's details, and tickets that pages sign with."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


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


LOGIN_CODE = table_of(LoginCode)
USER_TICKET = table_of(UserTicket)
JS_TICKET = table_of(JsTicket)
