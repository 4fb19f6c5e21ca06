"""Budgets of corps, what each month had paid and told, and the contacts that a corp has bought room for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("corp", sa.Column("has_budget", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("corp", sa.Column("contact_limit", sa.BigInteger(), nullable=True))
    op.create_table(
        "budget",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("alerts", sa.Text(), nullable=False),
        sa.Column("barrier", sa.String(), nullable=False),
        sa.Column("down", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("books", sa.String(), nullable=False),
        sa.Column("calls_left", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
    op.create_table(
        "budget_month",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "month"),
    )
