"""Boards read their cards from the index alone, and a member's newest records have an index of their own."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CARD = ["external_userid", "title", "priority", "amount", "next_at", "version"]


def upgrade() -> None:
    op.drop_index("follow_up_by_stage", "follow_up")
    op.drop_index("follow_up_by_owner", "follow_up")
    op.create_index(
        "follow_up_by_stage", "follow_up", ["corp_id", "stage_id", "rank", "seq", "userid", *CARD]
    )
    op.create_index(
        "follow_up_by_owner", "follow_up", ["corp_id", "userid", "stage_id", "rank", "seq", *CARD]
    )
    op.create_index("follow_up_by_owner_seq", "follow_up", ["corp_id", "userid", "seq"])
