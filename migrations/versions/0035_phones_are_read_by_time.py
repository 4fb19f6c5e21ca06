"""What a phone shows is read in the order of time; ids of several workers rise side by side."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite changes no primary key.
    op.rename_table("phone_item", "phone_item_before")
    op.drop_index("phone_item_by_message", "phone_item_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX phone_item_pkey RENAME TO phone_item_before_pkey")
    op.create_table(
        "phone_item",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    columns = "corp_id, person, at, id, message_id, state"
    op.execute(f"INSERT INTO phone_item ({columns}) SELECT {columns} FROM phone_item_before")
    op.drop_table("phone_item_before")
    op.create_index("phone_item_by_message", "phone_item", ["corp_id", "message_id"])
