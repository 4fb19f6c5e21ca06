"""Strict mode of a corp, and its advice."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("corp", sa.Column("strict", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "advice",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("operation", sa.String, primary_key=True),
        sa.Column("field", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("called_at", sa.BigInteger, nullable=False),
        sa.Column("usage_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "advice_watch",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("operation", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("called_at", sa.BigInteger, nullable=False),
        sa.Column("usage_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
