"""Customer groups, their members and owners over time, and daily message counts."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

STAFF, EXTERNAL = 1, 2
"""`type` of a person in a group: member of the corp, or external."""

INVITED, BY_LINK, SCANNED = 1, 2, 3
"""`join_scene`: invited directly, joined by an invitation link, scanned the group's code (page 92122)."""

OWNER_LEFT, BEING_INHERITED, INHERITED = 1, 2, 3
"""`status` of a group whose owner left the corp; 0 for any other (page 92120)."""


class GroupChat(SQLModel, table=True):
    """A customer group as it is now. `seq` orders groups for paging and rises with each new group.

    `status` is 0, 2 or 3; 1 (the owner has left) is derived from the member. `member_version` changes when
    a person joins or leaves. `opengid` is the id that mini-programs use.
    """

    __tablename__ = "group_chat"
    __table_args__ = (
        sa.Index("group_chat_by_owner", "corp_id", "owner", "seq"),
        sa.Index("group_chat_by_opengid", "corp_id", "opengid", unique=True),
    )
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    name: str = ""
    notice: str = ""
    owner: str
    admins: list[Any] = Field(default_factory=list, sa_type=JsonText)
    status: int = 0
    member_version: str
    opengid: str
    create_time: int = Field(sa_type=sa.BigInteger)
    created_by: str
    """Its first owner."""
    migrated: bool = False
    """It was migrated from elsewhere (迁移群): the education trade's statistics count it."""
    dismissed_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class GroupStay(SQLModel, table=True):
    """One stay of a person in a group; `left_at` is None while it lasts. `seq` rises with each joining.

    `owner` is the group's owner when the person joined. `state` is that of the join way.
    """

    __tablename__ = "group_stay"
    __table_args__ = (sa.Index("group_stay_by_person", "corp_id", "person_id", "chat_id"),)
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    person_id: str
    """userid or external_userid."""
    type: int
    joined_at: int = Field(sa_type=sa.BigInteger)
    left_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    join_scene: int
    invitor: str = ""
    group_nickname: str = ""
    state: str = ""
    owner: str


class GroupOwnership(SQLModel, table=True):
    """A period of ownership of a group; `until` is None while it lasts."""

    __tablename__ = "group_ownership"
    __table_args__ = (sa.Index("group_ownership_by_owner", "corp_id", "owner", "since"),)
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    owner: str
    since: int = Field(sa_type=sa.BigInteger)
    until: int | None = Field(default=None, sa_type=sa.BigInteger)


class GroupMessages(SQLModel, table=True):
    """Number of messages that one person sent in a group on the day that begins at `day`."""

    __tablename__ = "group_messages"
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_type=sa.BigInteger)
    person_id: str = Field(primary_key=True)
    count: int = Field(sa_type=sa.BigInteger)


class GroupJoinWay(SQLModel, table=True):
    """A 加入群聊: a QR code (scene 2) or mini-program plugin (scene 1) that leads to up to five groups.

    `made_chat_ids` are the groups that it created when all others were full.
    """

    __tablename__ = "group_join_way"
    corp_id: str = Field(primary_key=True)
    config_id: str = Field(primary_key=True)
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that made it."""
    scene: int
    remark: str = ""
    auto_create_room: bool = True
    room_base_name: str = ""
    room_base_id: int = Field(default=0, sa_type=sa.BigInteger)
    chat_ids: list[str] = Field(default_factory=list, sa_type=JsonText)
    made_chat_ids: list[str] = Field(default_factory=list, sa_type=JsonText)
    state: str = ""
    mark_source: bool = True


GROUP_CHAT = table_of(GroupChat)
GROUP_STAY = table_of(GroupStay)
GROUP_OWNERSHIP = table_of(GroupOwnership)
GROUP_MESSAGES = table_of(GroupMessages)
GROUP_JOIN_WAY = table_of(GroupJoinWay)
