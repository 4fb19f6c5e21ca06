"""Follow-up records with their counters, logs, history and index of texts."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_up_corp",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("pipeline", sa.Text(), nullable=True),
        sa.Column("pipeline_version", sa.Integer(), nullable=False),
        sa.Column("last_change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
    op.create_table(
        "follow_up",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("custom", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("stage_since", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("close_reason", sa.String(), nullable=False),
        sa.Column("creator", sa.String(), nullable=False),
        sa.Column("updater", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("follow_up_by_amount", "follow_up", ["corp_id", "amount", "seq"])
    op.create_index("follow_up_by_last", "follow_up", ["corp_id", "last_at", "seq"])
    op.create_index("follow_up_by_next", "follow_up", ["corp_id", "next_at", "seq"])
    op.create_index("follow_up_by_owner", "follow_up", ["corp_id", "userid", "stage_id", "rank", "seq"])
    op.create_index("follow_up_by_owner_next", "follow_up", ["corp_id", "userid", "next_at", "seq"])
    op.create_index("follow_up_by_pair", "follow_up", ["corp_id", "external_userid", "userid"], unique=True)
    op.create_index("follow_up_by_stage", "follow_up", ["corp_id", "stage_id", "rank", "seq"])
    op.create_index("follow_up_by_update", "follow_up", ["corp_id", "updated_at", "seq"])
    op.create_table(
        "follow_up_count",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), nullable=False),
        sa.Column("cards", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("left_count", sa.BigInteger(), nullable=False),
        sa.Column("left_seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "userid", "stage_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_up_change",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_stage", sa.String(), nullable=False),
        sa.Column("to_stage", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("follow_up_change_by_record", "follow_up_change", ["corp_id", "seq", "number"])
    op.create_table(
        "follow_up_log",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "seq", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_up_gram",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("gram", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "gram", "seq"),
        sqlite_with_rowid=False,
    )
