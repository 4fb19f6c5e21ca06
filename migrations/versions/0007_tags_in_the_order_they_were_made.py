"""Tags and tag groups made in the same second are listed in the order in which they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("tag", "tag_group"):
        op.add_column(table, sa.Column("seq", sa.BigInteger(), nullable=False, server_default="0"))
