"""Payments of customers and their refunds."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_bill",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("pay_time", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("bill_type", sa.Integer, nullable=False),
        sa.Column("payee_userid", sa.String, nullable=False),
        sa.Column("external_userid", sa.String, nullable=False),
        sa.Column("transaction_id", sa.String, nullable=False),
        sa.Column("out_trade_no", sa.String, nullable=False),
        sa.Column("out_refund_no", sa.String, nullable=False),
        sa.Column("total_fee", sa.Integer, nullable=False),
        sa.Column("total_refund_fee", sa.Integer, nullable=False),
        sa.Column("payment_type", sa.Integer, nullable=False),
        sa.Column("mch_id", sa.String, nullable=False),
        sa.Column("remark", sa.String, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("external_bill_by_trade", "external_bill", ["corp_id", "out_trade_no"])
    op.create_table("external_payments_off", sa.Column("corp_id", sa.String, primary_key=True))
