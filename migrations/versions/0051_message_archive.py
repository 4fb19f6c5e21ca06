"""The message archive: editions and consent; when members joined their groups."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_edition",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("edition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("userids", sa.Text, nullable=False),
        sa.Column("partyids", sa.Text, nullable=False),
        sa.Column("tagids", sa.Text, nullable=False),
        sa.Column("seats", sa.Integer),
        sa.Column("expires_at", sa.BigInteger),
    )
    op.create_table(
        "archive_consent",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("chat_id", sa.String, primary_key=True),
        sa.Column("external_userid", sa.String, primary_key=True),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.add_column("member_chat", sa.Column("created_at", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("member_chat", sa.Column("joined_at", sa.Text, nullable=False, server_default="{}"))
