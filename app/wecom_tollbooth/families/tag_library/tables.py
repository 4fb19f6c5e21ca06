"""Tags and tag groups of the corp and of its rule groups, and which relation has which tag."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of, unique_where

_ALIVE = "deleted_at IS NULL"


class TagGroup(SQLModel, table=True):
    """A group of tags. A deleted one stays and can be found by id with deleted=true."""

    __tablename__ = "tag_group"
    __table_args__ = (unique_where(_ALIVE, "tag_group_by_name", "corp_id", "strategy_id", "name"),)
    corp_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    strategy_id: int = Field(default=0, sa_type=sa.BigInteger)
    """The rule group that owns these tags; 0: the corp."""
    name: str
    create_time: int = Field(sa_type=sa.BigInteger)
    seq: int = Field(default=0, sa_type=sa.BigInteger)
    """Increases with each row; orders rows created in the same second."""
    sort_order: int = Field(default=0, sa_type=sa.BigInteger)
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that created it; 0: created in the admin console."""
    deleted_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class Tag(SQLModel, table=True):
    __table_args__ = (
        sa.Index("tag_by_group", "corp_id", "group_id"),
        unique_where(_ALIVE, "tag_by_name", "corp_id", "group_id", "name"),
    )
    corp_id: str = Field(primary_key=True)
    tag_id: str = Field(primary_key=True)
    group_id: str
    strategy_id: int = Field(default=0, sa_type=sa.BigInteger)
    """Like that of its group."""
    name: str
    create_time: int = Field(sa_type=sa.BigInteger)
    seq: int = Field(default=0, sa_type=sa.BigInteger)
    sort_order: int = Field(default=0, sa_type=sa.BigInteger)
    created_by: int = Field(sa_type=sa.BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class FollowTag(SQLModel, table=True):
    """A tag that a member put on a customer."""

    __tablename__ = "follow_tag"
    __table_args__ = (
        sa.Index("follow_tag_by_tag", "corp_id", "tag_id"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    external_userid: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    tag_id: str = Field(primary_key=True)


class PersonalTag(SQLModel, table=True):
    """A member's own tag, set in the client: shown with type 2 and without an id."""

    __tablename__ = "personal_tag"
    corp_id: str = Field(primary_key=True)
    external_userid: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    group_name: str = Field(primary_key=True)
    tag_name: str = Field(primary_key=True)


TAG_GROUP = table_of(TagGroup)
TAG = table_of(Tag)
FOLLOW_TAG = table_of(FollowTag)
PERSONAL_TAG = table_of(PersonalTag)
