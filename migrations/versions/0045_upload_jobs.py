"""Jobs that fetch a file from a url."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload_job",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("md5", sa.String, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("errcode", sa.Integer, nullable=False),
        sa.Column("errmsg", sa.String, nullable=False),
        sa.Column("media_id", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=True),
    )
