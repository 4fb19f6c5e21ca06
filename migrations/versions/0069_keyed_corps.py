"""Corps that were made with a key, and their own numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keyed_corp",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("last_number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
