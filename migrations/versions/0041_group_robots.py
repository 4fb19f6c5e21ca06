"""Robots of members' group chats."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_robot",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("robot_id", sa.String, nullable=False),
        sa.Column("chat_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("userid", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("robot_by_id", "group_robot", ["corp_id", "robot_id"], unique=True)
