"""Pages in members' clients, and what they called."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webview",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("userid", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("external_userid", sa.String),
        sa.Column("chat_id", sa.String),
        sa.Column("corp_identity", sa.Text),
        sa.Column("app_identity", sa.Text),
        sa.Column("checked", sa.Text, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webview_call",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("webview", sa.BigInteger, nullable=False),
        sa.Column("userid", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("webview_call_by_webview", "webview_call", ["corp_id", "webview", "id"])
