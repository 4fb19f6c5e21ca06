"""Messages as people see them, and on whose phone each was shown."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class PhoneMessage(SQLModel, table=True):
    """A message as its receivers see it. `sender` is a userid, an external_userid or an agentid in digits."""

    __tablename__ = "phone_message"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    kind: str
    sender: str
    body: dict[str, Any] = Field(sa_type=JsonText)


class PhoneItem(SQLModel, table=True):
    """A message on the phone of `person`, a userid or an external_userid.

    A phone is read in the order of `at`, then `id`: workers draw their ids from blocks of their own.
    """

    __tablename__ = "phone_item"
    __table_args__ = (
        sa.Index("phone_item_by_message", "corp_id", "message_id"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    at: int = Field(primary_key=True, sa_type=sa.BigInteger)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    message_id: int = Field(sa_type=sa.BigInteger)
    state: str


PHONE_MESSAGE = table_of(PhoneMessage)
PHONE_ITEM = table_of(PhoneItem)
