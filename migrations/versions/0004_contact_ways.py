"""Contact ways, their temporary sessions, and who has passed the real-name check."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("real_named", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "contact_way",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("config_id", sa.String(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("scene", sa.Integer(), nullable=False),
        sa.Column("style", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("skip_verify", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("users", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("is_exclusive", sa.Boolean(), nullable=False),
        sa.Column("is_temp", sa.Boolean(), nullable=False),
        sa.Column("expires_in", sa.Integer(), nullable=False),
        sa.Column("chat_expires_in", sa.Integer(), nullable=False),
        sa.Column("unionid", sa.String(), nullable=False),
        sa.Column("conclusions", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "config_id"),
    )
    op.create_index("contact_way_by_time", "contact_way", ["corp_id", "created_at", "config_id"])
    op.create_table(
        "temp_chat",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("config_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("conclusions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_userid", "userid"),
    )
    op.create_table(
        "way_count",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "kind"),
    )
