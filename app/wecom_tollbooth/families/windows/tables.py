"""Counts per span of time."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class CountWindow(SQLModel, table=True):
    """How often something happened in the span of time that began at `started`."""

    __tablename__ = "chat_window"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    started: int = Field(sa_type=sa.BigInteger)
    count: int = Field(sa_type=sa.BigInteger)


COUNT_WINDOW = table_of(CountWindow)
