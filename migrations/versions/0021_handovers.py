"""Customers on their way from one member to another."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WAITING = sa.text("status = 2")


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("handover_userid", sa.String(), nullable=False),
        sa.Column("takeover_userid", sa.String(), nullable=False),
        sa.Column("resigned", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("takeover_time", sa.BigInteger(), nullable=False),
        sa.Column("success_message", sa.String(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "id"),
    )
    op.create_index(
        "handover_by_members", "handover", ["corp_id", "handover_userid", "takeover_userid", "id"]
    )
    op.create_index("handover_by_customer", "handover", ["corp_id", "external_userid"])
    op.create_index(
        "handover_waiting",
        "handover",
        ["corp_id", "external_userid", "handover_userid"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
