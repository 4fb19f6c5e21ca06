"""Clocks of corps, and which scheduled tasks go by them."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corp_clock",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("shift", sa.BigInteger, nullable=False),
        sa.Column("frozen_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "scheduled_task", sa.Column("own_clock", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.drop_index("scheduled_task_by_time", "scheduled_task")
    op.create_index("scheduled_task_by_time", "scheduled_task", ["own_clock", "due_at", "id"])
