"""Corps that are being made or deleted are noted, so that the rest of them is removed after a kill."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unfinished_corp",
        sa.Column("corp_id", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
    )
