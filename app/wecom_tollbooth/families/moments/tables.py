"""Moments, who is to publish them, which customers see them, and what people answer."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

OF_CORP, PERSONAL = 0, 1
"""Moment.create_type, in WeCom's numbers."""
PARTLY, PUBLIC = 0, 1
"""Moment.visible_type, in WeCom's numbers."""
LIKE, COMMENT = "like", "comment"
"""MomentReaction.kind."""


class Moment(SQLModel, table=True):
    """A moment of the corp, which members publish, or a member's own."""

    __table_args__ = (sa.Index("moment_by_time", "corp_id", "create_time", "seq"),)
    corp_id: str = Field(primary_key=True)
    moment_id: str = Field(primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    """Rises with each moment; orders those of the same second."""
    create_time: int = Field(sa_type=sa.BigInteger)
    create_type: int
    visible_type: int
    creator: str = ""
    """userid; empty for a moment made by the API."""
    content: dict[str, Any] = Field(sa_type=JsonText)
    """{"text": {"content": …}, "attachments": [{"msgtype": …, …}], "location": {…}}, without empty parts."""
    tag_list: list[str] = Field(default_factory=list, sa_type=JsonText)
    """Customers with one of these tags see it; empty for all customers."""
    task_message_id: int = Field(default=0, sa_type=sa.BigInteger)
    """The phone message by which members see that they are to publish it; 0 for a member's own."""
    dispatched: bool = False
    """Every member who is to publish it has its task."""
    cancelled_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class MomentPublication(SQLModel, table=True):
    """A member who is to publish a moment, or has published it."""

    __tablename__ = "moment_publication"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    moment_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    published_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    message_id: int = Field(default=0, sa_type=sa.BigInteger)
    """The phone message that customers see; 0 before the publication."""


class MomentViewer(SQLModel, table=True):
    """A customer in the range that was chosen when the member published the moment.

    `can_see`: the customer finds it in WeChat. A public moment has only rows of those who can.
    """

    __tablename__ = "moment_viewer"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    moment_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    external_userid: str = Field(primary_key=True)
    can_see: bool


class MomentReaction(SQLModel, table=True):
    """A like or a comment below what `userid` published. `person` is a userid or an external_userid."""

    __tablename__ = "moment_reaction"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    moment_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    kind: str
    person: str
    is_member: bool
    text: str = ""


class MomentJob(SQLModel, table=True):
    """A request to make a moment, which is carried out a second later; forgotten after 24 hours."""

    __tablename__ = "moment_job"
    __table_args__ = (sa.Index("moment_job_by_time", "corp_id", "created_at"),)
    corp_id: str = Field(primary_key=True)
    jobid: str = Field(primary_key=True)
    created_at: int = Field(sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    """The app whose visible range counts."""
    status: int
    """1 not begun, 2 under way, 3 done."""
    content: dict[str, Any] = Field(sa_type=JsonText)
    senders: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    """{"user_list": [...], "department_list": [...]}, without invalid ones once begun; None: all members."""
    tag_list: list[str] | None = Field(default=None, sa_type=JsonText)
    """As given; None: all customers."""
    result: dict[str, Any] | None = Field(default=None, sa_type=JsonText)


class MomentCorp(SQLModel, table=True):
    """How many moments the corp made by the API in the latest month and minute, and whether it may."""

    __tablename__ = "moment_corp"
    corp_id: str = Field(primary_key=True)
    month: str = ""
    """Such as "2026-11", in Asia/Shanghai."""
    of_month: int = 0
    minute: int = Field(default=0, sa_type=sa.BigInteger)
    """Minutes since 1970."""
    of_minute: int = 0
    is_open: bool = True
    """The corp has opened customer moments."""


MOMENT = table_of(Moment)
MOMENT_PUBLICATION = table_of(MomentPublication)
MOMENT_VIEWER = table_of(MomentViewer)
MOMENT_REACTION = table_of(MomentReaction)
MOMENT_JOB = table_of(MomentJob)
MOMENT_CORP = table_of(MomentCorp)
