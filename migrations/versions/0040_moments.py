"""Moments, their publications, viewers and reactions, and the jobs that make them."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moment",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("moment_id", sa.String, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("create_type", sa.Integer, nullable=False),
        sa.Column("visible_type", sa.Integer, nullable=False),
        sa.Column("creator", sa.String, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("tag_list", sa.Text, nullable=False),
        sa.Column("task_message_id", sa.BigInteger, nullable=False),
        sa.Column("dispatched", sa.Boolean, nullable=False),
        sa.Column("cancelled_at", sa.BigInteger),
        sa.Column("deleted_at", sa.BigInteger),
    )
    op.create_index("moment_by_time", "moment", ["corp_id", "create_time", "seq"])
    op.create_table(
        "moment_publication",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("moment_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("published_at", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moment_viewer",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("moment_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("external_userid", sa.String, primary_key=True),
        sa.Column("can_see", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moment_reaction",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("moment_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("is_member", sa.Boolean, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moment_job",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("senders", sa.Text),
        sa.Column("tag_list", sa.Text),
        sa.Column("result", sa.Text),
    )
    op.create_index("moment_job_by_time", "moment_job", ["corp_id", "created_at"])
    op.create_table(
        "moment_corp",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("of_month", sa.Integer, nullable=False),
        sa.Column("minute", sa.BigInteger, nullable=False),
        sa.Column("of_minute", sa.Integer, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
    )
