"""What customers paid to members."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bill",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("pay_time", sa.BigInteger, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("transaction_id", sa.String, nullable=False),
        sa.Column("out_trade_no", sa.String, nullable=False),
        sa.Column("external_userid", sa.String, nullable=False),
        sa.Column("payee_userid", sa.String, nullable=False),
        sa.Column("payment_type", sa.Integer, nullable=False),
        sa.Column("total_fee", sa.BigInteger, nullable=False),
        sa.Column("remark", sa.String, nullable=False),
        sa.Column("commodities", sa.Text, nullable=False),
        sa.Column("refunds", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("bill_by_transaction", "bill", ["corp_id", "transaction_id"])
