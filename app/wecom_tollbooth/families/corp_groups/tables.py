"""Groups of corps: which corps a corp works with, and which of its apps it shares with them."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class CorpGroup(SQLModel, table=True):
    """上下游, 企业互联 or 互联企业（圈子）: `kind`, one of groups.KINDS. corp_id is the upstream corp."""

    __tablename__ = "corp_group"
    corp_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    kind: str
    name: str
    created_at: int = Field(sa_type=sa.BigInteger)


class CorpGroupCorp(SQLModel, table=True):
    """A corp in the group of another corp."""

    __tablename__ = "corp_group_corp"
    corp_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    member_corp_id: str = Field(primary_key=True)


class SharedApp(SQLModel, table=True):
    """An app of the upstream corp that it shares with the corps of the group."""

    __tablename__ = "shared_app"
    corp_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)


CORP_GROUP = table_of(CorpGroup)
CORP_GROUP_CORP = table_of(CorpGroupCorp)
SHARED_APP = table_of(SharedApp)
