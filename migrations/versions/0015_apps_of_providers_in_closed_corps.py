"""The apps that providers had in corps that were deleted, so that providers still owe for them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_app",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "agentid"),
    )
    op.create_index("closed_app_by_provider", "closed_app", ["provider_id", "corp_id"])
