"""Login codes, tickets for details and for pages, and the trusted domains of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app", sa.Column("trusted_domains", sa.Text, nullable=False, server_default="[]"))
    op.create_table(
        "login_code",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("is_member", sa.Boolean, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "user_ticket",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("ticket", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("userid", sa.String, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "js_ticket",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("ticket", sa.String, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
