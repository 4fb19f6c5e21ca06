"""What corps were made with, so that they can be reset to it."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corp_seed",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("ids_before", sa.BigInteger, nullable=False),
        sa.Column("ids_last", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
