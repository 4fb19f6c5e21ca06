"""Customer groups, who was in them and owned them from when to when, and how much was said on which day."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_chat",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("chat_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("admins", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("member_version", sa.String(), nullable=False),
        sa.Column("opengid", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("dismissed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "chat_id"),
    )
    op.create_index("group_chat_by_owner", "group_chat", ["corp_id", "owner", "seq"])
    op.create_index("group_chat_by_opengid", "group_chat", ["corp_id", "opengid"], unique=True)
    op.create_table(
        "group_stay",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("chat_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("join_scene", sa.Integer(), nullable=False),
        sa.Column("invitor", sa.String(), nullable=False),
        sa.Column("group_nickname", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_id", "seq"),
    )
    op.create_index("group_stay_by_person", "group_stay", ["corp_id", "person_id", "chat_id"])
    op.create_table(
        "group_ownership",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("chat_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "chat_id", "seq"),
    )
    op.create_index("group_ownership_by_owner", "group_ownership", ["corp_id", "owner", "since"])
    op.create_table(
        "group_messages",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("chat_id", sa.String(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_id", "day", "person_id"),
    )
