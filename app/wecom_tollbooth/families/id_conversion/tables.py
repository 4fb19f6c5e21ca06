"""Ids in a provider's scope, pending ids, mini-program users, temporary ids, and conversion counts."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class ScopedId(SQLModel, table=True):
    """An id of the corp and one provider's id for the same thing. `kind`: contact, tag or member."""

    __tablename__ = "scoped_id"
    __table_args__ = (
        sa.Index("scoped_id_back", "corp_id", "provider_id", "kind", "scoped_id", unique=True),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    plain_id: str = Field(primary_key=True)
    scoped_id: str


class IdMigration(SQLModel, table=True):
    """A corp in which a provider's third-party apps use only the provider's own ids."""

    __tablename__ = "id_migration"
    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    finished_at: int = Field(sa_type=sa.BigInteger)


class PendingId(SQLModel, table=True):
    """A placeholder id for a WeChat user who is not a customer yet; a new one replaces an expired one."""

    __tablename__ = "pending_id"
    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    unionid: str = Field(primary_key=True)
    pending_id: str
    expires_at: int = Field(sa_type=sa.BigInteger)


class MiniProgramUser(SQLModel, table=True):
    """A WeChat user who logged in to the mini-program of a corp or a provider."""

    __tablename__ = "mini_program_user"
    __table_args__ = (sa.Index("mini_program_user_by_unionid", "corp_id", "unionid", unique=True),)
    corp_id: str = Field(primary_key=True)
    openid: str = Field(primary_key=True)
    unionid: str
    since: int = Field(sa_type=sa.BigInteger)


class ConversionCount(SQLModel, table=True):
    """Conversions of unionids in the window that began at `started`. `span`: hour, day or month."""

    __tablename__ = "conversion_count"
    corp_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    span: str = Field(primary_key=True)
    started: int = Field(sa_type=sa.BigInteger)
    count: int = Field(sa_type=sa.BigInteger)


class TemporaryId(SQLModel, table=True):
    """The id that one app receives for an outsider in a meeting, form or document.

    A customer has `external_userid`, a member of another corp `of_corp_id` and `userid`.
    """

    __tablename__ = "temporary_id"
    __table_args__ = (
        sa.Index(
            "temporary_id_of_person",
            "corp_id",
            "agentid",
            "business_type",
            "external_userid",
            "of_corp_id",
            "userid",
            unique=True,
        ),
    )
    corp_id: str = Field(primary_key=True)
    tmp_external_userid: str = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)
    business_type: int
    external_userid: str = ""
    of_corp_id: str = ""
    userid: str = ""


SCOPED_ID = table_of(ScopedId)
ID_MIGRATION = table_of(IdMigration)
PENDING_ID = table_of(PendingId)
MINI_PROGRAM_USER = table_of(MiniProgramUser)
CONVERSION_COUNT = table_of(ConversionCount)
TEMPORARY_ID = table_of(TemporaryId)
