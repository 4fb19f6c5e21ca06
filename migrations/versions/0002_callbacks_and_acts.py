"""The outbox of callbacks with its tries and knobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("change_type", sa.String(), nullable=False),
        sa.Column("xml", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("copy_of", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("callback_by_state", "callback", ["state", "corp_id", "id"])
    op.create_index("callback_by_app", "callback", ["corp_id", "agentid", "id"])
    op.create_table(
        "callback_try",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("callback_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "callback_id", "number"),
    )
    op.create_table(
        "delivery_knobs",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("reorder", sa.Integer(), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("drop_one_in", sa.Integer(), nullable=False),
        sa.Column("same_second", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
    op.create_table(
        "welcome_code",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "code"),
    )
    op.create_table(
        "personal_tag",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("tag_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_userid", "userid", "group_name", "tag_name"),
    )
    op.create_table(
        "act_record",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("act_record_by_member", "act_record", ["corp_id", "userid", "kind", "at"])
