"""Payments of customers, their refunds, and the corps that have switched 对外收款 off."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

PAYMENT, REFUND = 0, 1
"""bill_type."""


class ExternalBill(SQLModel, table=True):
    """A payment or a refund, in the order of the list."""

    __tablename__ = "external_bill"
    __table_args__ = (
        sa.Index("external_bill_by_trade", "corp_id", "out_trade_no"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    pay_time: int = Field(primary_key=True, sa_type=sa.BigInteger)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    bill_type: int
    payee_userid: str
    """Of a refund: the member who refunds."""
    external_userid: str
    transaction_id: str
    out_trade_no: str
    """Of a refund: the payment's."""
    out_refund_no: str = ""
    total_fee: int
    """In fen, as all amounts here."""
    total_refund_fee: int = 0
    """Of a payment: of all its refunds; of a refund: its own."""
    payment_type: int
    mch_id: str
    remark: str = ""
    content: dict[str, Any] = Field(sa_type=JsonText)
    """Of a payment: commodity_list, refund_list, contact_info, miniprogram_info, as they are answered."""


class ExternalPaymentsOff(SQLModel, table=True):
    """The corp has switched 对外收款 off."""

    __tablename__ = "external_payments_off"
    corp_id: str = Field(primary_key=True)


EXTERNAL_BILL = table_of(ExternalBill)
EXTERNAL_PAYMENTS_OFF = table_of(ExternalPaymentsOff)
