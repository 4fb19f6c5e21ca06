"""What customers paid to members, in fen (a hundredth of a yuan)."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class Bill(SQLModel, table=True):
    """A payment; `refunds` as they are shown."""

    __tablename__ = "bill"
    __table_args__ = (
        sa.Index("bill_by_transaction", "corp_id", "transaction_id"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    pay_time: int = Field(primary_key=True, sa_type=sa.BigInteger)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    transaction_id: str
    out_trade_no: str
    external_userid: str
    payee_userid: str
    payment_type: int
    total_fee: int = Field(sa_type=sa.BigInteger)
    remark: str
    commodities: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)
    refunds: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)


BILL = table_of(Bill)
