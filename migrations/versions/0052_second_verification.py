"""The page of a corp's second verification, its codes, and the members who haven't passed it."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verification_page",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("concerns", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tfa_code",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("tfa_code", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("userid", sa.String, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unverified_member",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
