"""Pages that are open in members' clients, and what they called."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class Webview(SQLModel, table=True):
    """A page that was loaded in a member's client. Each load is a webview of its own.

    The identities are what config and agentConfig brought: {"apis": [names]}, and the app's also "agentid".
    `checked` are the signatures that were found right or wrong once: [noncestr, timestamp, signature].
    """

    __tablename__ = "webview"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str
    device: str
    entry: str
    external_userid: str | None = None
    chat_id: str | None = None
    corp_identity: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    app_identity: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    checked: list[list[str]] = Field(default_factory=list, sa_type=JsonText)
    opened_at: int = Field(sa_type=sa.BigInteger)


class WebviewCall(SQLModel, table=True):
    """A call of `window.WeixinJSBridge.invoke` and its answer."""

    __tablename__ = "webview_call"
    __table_args__ = (
        sa.Index("webview_call_by_webview", "corp_id", "webview", "id"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    webview: int = Field(sa_type=sa.BigInteger)
    userid: str
    at: int = Field(sa_type=sa.BigInteger)
    name: str
    url: str
    params: dict[str, Any] = Field(sa_type=JsonText)
    reply: dict[str, Any] = Field(sa_type=JsonText)
    problems: list[list[str]] = Field(default_factory=list, sa_type=JsonText)
    """[part, Chinese, English] of each."""


class FramedPage(SQLModel, table=True):
    """A site of a product that is served with the bridge in its pages, under a name of its own."""

    __tablename__ = "framed_page"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    origin: str
    """Scheme, host and port of the product's site."""
    device: str


WEBVIEW = table_of(Webview)
FRAMED_PAGE = table_of(FramedPage)
WEBVIEW_CALL = table_of(WebviewCall)
