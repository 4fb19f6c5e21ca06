"""Accounts of the API licence (接口调用许可), and where calls are refused for want of one."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class LicenceAccount(SQLModel, table=True):
    """An account that a member of the corp holds with a provider, valid or expired.

    `type`: 1 base, 2 interop.
    """

    __tablename__ = "licence_account"
    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    type: int = Field(primary_key=True)
    expires_at: int = Field(sa_type=sa.BigInteger)
    """The first second in which it is valid no more."""


class LicenceEnforcement(SQLModel, table=True):
    """The provider's apps in the corp are refused what asks for an account; without a row they are not."""

    __tablename__ = "licence_enforcement"
    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)


LICENCE_ACCOUNT = table_of(LicenceAccount)
LICENCE_ENFORCEMENT = table_of(LicenceEnforcement)
