"""Messages that people see on their phones."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_message",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "phone_item",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("phone_item_by_message", "phone_item", ["corp_id", "message_id"])
