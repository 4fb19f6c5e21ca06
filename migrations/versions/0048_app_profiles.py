"""What apps show of themselves: description, logo, home page, menu."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_profile",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("logo_mediaid", sa.String, nullable=False),
        sa.Column("home_url", sa.String, nullable=False),
        sa.Column("report_location_flag", sa.Integer, nullable=False),
        sa.Column("isreportenter", sa.Integer, nullable=False),
        sa.Column("menu", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
