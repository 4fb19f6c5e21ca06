"""Mass messages, the members' tasks, who receives them, and what was received by day."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

SINGLE, GROUP = "single", "group"
"""`chat_type`: to customers, to customer groups."""

BY_CORP, BY_MEMBER = 0, 1
"""`create_type` (page 93338)."""

MAKING_TASKS, SENDING, CANCELLED = "making_tasks", "sending", "cancelled"
"""States of a message."""

NOT_CHOSEN, NOT_SENT, SENT, NO_FRIEND, QUOTA_USED = -1, 0, 1, 2, 3
"""`status` of a receiver as on page 93338; NOT_CHOSEN, whom the member left out, is shown as 0."""


class MassMessage(SQLModel, table=True):
    """A mass message. `seq` rises with each; `selection` says who gets it until the tasks are made."""

    __tablename__ = "mass_message"
    __table_args__ = (
        sa.Index("mass_message_by_msgid", "corp_id", "msgid", unique=True),
        sa.Index("mass_message_by_time", "corp_id", "chat_type", "create_time", "seq"),
    )
    corp_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    msgid: str
    chat_type: str
    agentid: int = Field(sa_type=sa.BigInteger)
    creator: str = ""
    """The member who made it; empty for one made by an app."""
    create_type: int = BY_CORP
    create_time: int = Field(sa_type=sa.BigInteger)
    allow_select: bool = False
    content: dict[str, Any] = Field(sa_type=JsonText)
    state: str = MAKING_TASKS
    selection: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    task_message: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The phone message that shows the task to members."""
    reminded_at: list[int] = Field(default_factory=list, sa_type=JsonText)


class MassTask(SQLModel, table=True):
    """A member's task to send one message. `state`: waiting, confirmed, ignored or cancelled."""

    __tablename__ = "mass_task"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    message: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str = Field(primary_key=True)
    state: str
    confirmed_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    phone_message: int | None = Field(default=None, sa_type=sa.BigInteger)
    """What this member's customers see; in groups each group has a phone message of its own."""


class MassReceiver(SQLModel, table=True):
    """One receiver of a message: an external_userid, or a chat_id that was named or chosen."""

    __tablename__ = "mass_receiver"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    message: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str = Field(primary_key=True)
    receiver: str = Field(primary_key=True)
    status: int = NOT_SENT


class MassReceived(SQLModel, table=True):
    """How many mass messages a customer or group received on the day that begins at `day`."""

    __tablename__ = "mass_received"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    receiver: str = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_type=sa.BigInteger)
    count: int


class MassRule(SQLModel, table=True):
    """The corp's rule (群发规则): how much a customer or group may receive a month, week or day."""

    __tablename__ = "mass_rule"
    corp_id: str = Field(primary_key=True)
    rule: str


MASS_MESSAGE = table_of(MassMessage)
MASS_TASK = table_of(MassTask)
MASS_RECEIVER = table_of(MassReceiver)
MASS_RECEIVED = table_of(MassReceived)
MASS_RULE = table_of(MassRule)
