"""Messages of apps to members, and the codes that change cards."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_message",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("message_id", sa.BigInteger, primary_key=True),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("msgid", sa.String, nullable=False),
        sa.Column("msgtype", sa.String, nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("task_id", sa.String),
    )
    op.create_index("app_message_by_msgid", "app_message", ["corp_id", "msgid"], unique=True)
    op.create_index("app_message_by_app", "app_message", ["corp_id", "agentid", "sent_at"])
    has_task = sa.text("task_id IS NOT NULL")
    op.create_index(
        "app_message_by_task",
        "app_message",
        ["corp_id", "agentid", "task_id"],
        unique=True,
        sqlite_where=has_task,
        postgresql_where=has_task,
    )
    op.create_table(
        "sent_content",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "messages_of_day",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("day", sa.BigInteger, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("msgtype", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response_code",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("used", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "card_version",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("version_id", sa.BigInteger, primary_key=True),
        sa.Column("message_id", sa.BigInteger, nullable=False),
    )
    op.create_index("card_version_by_message", "card_version", ["corp_id", "message_id"])
