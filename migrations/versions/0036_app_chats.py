"""Group chats of members, and counts per span of time."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_chat",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("chat_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("members", sa.Text, nullable=False),
    )
    op.create_table(
        "chat_window",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("what", sa.String, primary_key=True),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
