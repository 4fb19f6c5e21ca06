"""Welcome messages that admins set for members."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_greeting",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
