"""Planned faults, and the latency profile of a corp in its row, where each call finds it with its token."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planned_fault",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("agentid", sa.BigInteger),
        sa.Column("times", sa.BigInteger),
        sa.Column("skip", sa.BigInteger, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("fired", sa.BigInteger, nullable=False),
        sa.Column("blocked_until", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("corp", sa.Column("faulty_paths", sa.Text))
    op.add_column("corp", sa.Column("latency", sa.Text))
    op.execute(
        "UPDATE corp SET latency = "
        "(SELECT profile FROM latency_profile WHERE latency_profile.corp_id = corp.corp_id)"
    )
    op.drop_table("latency_profile")
    op.add_column("call_journal", sa.Column("fault", sa.BigInteger))
