"""Webhooks of sub-tables, the rows that they write in a minute, and group chats that smart sheets make."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_key",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("sheet_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("trusted_ips", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "key"),
    )
    op.create_index("webhook_by_id", "webhook_key", ["corp_id", "webhook_id"], unique=True)
    op.create_index("webhooks_of_sheet", "webhook_key", ["corp_id", "docid", "sheet_id"])
    op.create_table(
        "sheet_window",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("sheet_id", sa.String(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "docid", "sheet_id"),
    )
    op.create_table(
        "sheet_group",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("chat_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_id"),
    )
    op.create_index("sheet_groups_in_order", "sheet_group", ["corp_id", "docid", "seq"], unique=True)
