"""How the endpoints of callbacks are doing, the workers that deliver, and an index of what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_index(
        "callback_waiting",
        "callback",
        ["corp_id", "agentid", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "callback_endpoint",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "agentid"),
    )
    op.create_table(
        "delivery_worker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
