"""Ways into customer groups: codes and mini-program plugins that lead into the first group with room."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_join_way",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("config_id", sa.String(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("scene", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("auto_create_room", sa.Boolean(), nullable=False),
        sa.Column("room_base_name", sa.String(), nullable=False),
        sa.Column("room_base_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_ids", sa.Text(), nullable=False),
        sa.Column("made_chat_ids", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mark_source", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "config_id"),
    )
