"""Contact ways, the temporary sessions that they start, and the numbers of contact ways of a corp."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class ContactWay(SQLModel, table=True):
    """A 联系我: a QR code (scene 2) or a mini-program button (scene 1) of one or several members.

    The columns from `expires_in` to `conclusions` apply to temporary contact ways (`is_temp`). `users` and
    `parties` are the API's user and party.
    """

    __tablename__ = "contact_way"
    __table_args__ = (sa.Index("contact_way_by_time", "corp_id", "created_at", "config_id"),)
    corp_id: str = Field(primary_key=True)
    config_id: str = Field(primary_key=True)
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that created it."""
    created_at: int = Field(sa_type=sa.BigInteger)
    type: int
    scene: int
    style: int = 0
    """0 for a QR code."""
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    users: list[str] = Field(default_factory=list, sa_type=JsonText)
    parties: list[int] = Field(default_factory=list, sa_type=JsonText)
    is_exclusive: bool = False
    mark_source: bool = True
    """Whether its customers count as acquired by the app that created it."""
    is_temp: bool = False
    expires_in: int = 0
    chat_expires_in: int = 0
    unionid: str = ""
    conclusions: dict[str, dict[str, Any]] = Field(default_factory=dict, sa_type=JsonText)
    used_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    """When a customer was added through a temporary contact way, which ended it."""
    turn: int = Field(default=0, sa_type=sa.BigInteger)
    """Number of customers added through it; decides which of several members is next."""

    def ended_at(self, now: int) -> int | None:
        """When a temporary contact way ended, by use or by age; None while it works."""
        if not self.is_temp or self.used_at is not None:
            return self.used_at
        expires_at = self.created_at + self.expires_in
        return expires_at if now >= expires_at else None


class TempChat(SQLModel, table=True):
    """The temporary session of a customer with a member; over at `expires_at` or when it is closed.

    Until the relation ends, the two can write only while it runs. `conclusions` are copied at the start
    of the session; the customer receives them when it ends.
    """

    __tablename__ = "temp_chat"
    corp_id: str = Field(primary_key=True)
    external_userid: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    config_id: str
    started_at: int = Field(sa_type=sa.BigInteger)
    expires_at: int = Field(sa_type=sa.BigInteger)
    closed_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    conclusions: dict[str, dict[str, Any]] = Field(default_factory=dict, sa_type=JsonText)

    def ended_at(self, now: int) -> int | None:
        """When the session ended; None while it runs."""
        if self.closed_at is not None:
            return self.closed_at
        return self.expires_at if now >= self.expires_at else None


class WayCount(SQLModel, table=True):
    """The number of contact ways of a kind that a corp has.

    The kind is "lasting" (contact ways and group join ways together), or the temporary ones of a day
    ("temporary/2026-08-01").
    """

    __tablename__ = "way_count"
    corp_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    count: int


CONTACT_WAY = table_of(ContactWay)
TEMP_CHAT = table_of(TempChat)
WAY_COUNT = table_of(WayCount)
