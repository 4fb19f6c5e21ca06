"""The ledger."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class UsageRecord(SQLModel, table=True):
    """One answered call: what was used. Appended in the call's own transaction, never edited.

    `errcode` 0 is charged; any other was refused and is free. Prices are not here: a statement applies the
    price book. Calls that named no corp are kept under corp_id "".
    """

    __tablename__ = "usage_record"
    __table_args__ = (
        sa.Index("usage_record_by_time", "corp_id", "at"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    operation: str
    meter: str
    errcode: int
