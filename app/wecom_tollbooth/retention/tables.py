"""How many rows retention has removed."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class RemovedRows(SQLModel, table=True):
    """The rows of one kind that were removed from a corp; `last_at` by the simulator's clock."""

    __tablename__ = "removed_rows"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    removed: int = Field(sa_type=sa.BigInteger)
    last_at: int = Field(sa_type=sa.BigInteger)


REMOVED_ROWS = table_of(RemovedRows)
