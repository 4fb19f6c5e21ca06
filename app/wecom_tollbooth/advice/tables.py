"""What strict mode has noticed of a corp."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class Advice(SQLModel, table=True):
    """One thing to do better, however often it was noticed."""

    __tablename__ = "advice"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    """See codes.py."""
    operation: str = Field(primary_key=True)
    """The path of the operation; that of an event's page is empty."""
    field: str = Field(primary_key=True)
    """The field, errcode or event that it is about; empty where the operation says all."""
    count: int = Field(sa_type=sa.BigInteger)
    first_at: int = Field(sa_type=sa.BigInteger)
    last_at: int = Field(sa_type=sa.BigInteger)
    about: dict[str, Any] = Field(sa_type=JsonText)
    """What the sentence says beside the field, as it was the last time."""
    called_at: int = Field(sa_type=sa.BigInteger)
    """With `usage_id` the hint of the call where it was last noticed."""
    usage_id: int = Field(sa_type=sa.BigInteger)


class AdviceWatch(SQLModel, table=True):
    """Something of which a later call, or the lack of one, will tell whether there is advice to give.

    `kind` and `key` say what is watched, `mark` what a later call is compared with; see gateway/advice.
    """

    __tablename__ = "advice_watch"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    operation: str
    at: int = Field(sa_type=sa.BigInteger)
    """Since when it is watched."""
    count: int = Field(sa_type=sa.BigInteger)
    mark: str = Field(sa_type=sa.Text)
    called_at: int = Field(sa_type=sa.BigInteger)
    """With `usage_id` the hint of the call that it is about; of a callback the id of the latter."""
    usage_id: int = Field(sa_type=sa.BigInteger)


ADVICE = table_of(Advice)
ADVICE_WATCH = table_of(AdviceWatch)
