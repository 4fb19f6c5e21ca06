"""Accounts of the API licence (接口调用许可), and the providers that need them."""

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
    """Unix seconds; the account is valid until just before."""


class LicenceEnforcement(SQLModel, table=True):
    """A row means: in this corp the provider's apps are refused what needs an account."""

    __tablename__ = "licence_enforcement"
    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)


LICENCE_ACCOUNT = table_of(LicenceAccount)
LICENCE_ENFORCEMENT = table_of(LicenceEnforcement)
