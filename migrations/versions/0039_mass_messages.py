"""Mass messages, and when a member and a customer last chatted."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mass_message",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("msgid", sa.String, nullable=False),
        sa.Column("chat_type", sa.String, nullable=False),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("creator", sa.String, nullable=False),
        sa.Column("create_type", sa.Integer, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("allow_select", sa.Boolean, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("selection", sa.Text),
        sa.Column("task_message", sa.BigInteger),
        sa.Column("reminded_at", sa.Text, nullable=False),
    )
    op.create_index("mass_message_by_msgid", "mass_message", ["corp_id", "msgid"], unique=True)
    op.create_index("mass_message_by_time", "mass_message", ["corp_id", "chat_type", "create_time", "seq"])
    op.create_table(
        "mass_task",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("message", sa.BigInteger, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("phone_message", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mass_receiver",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("message", sa.BigInteger, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("receiver", sa.String, primary_key=True),
        sa.Column("status", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mass_received",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("receiver", sa.String, primary_key=True),
        sa.Column("day", sa.BigInteger, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mass_rule",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("rule", sa.String, nullable=False),
    )
    op.add_column("follow_user", sa.Column("last_chat_at", sa.BigInteger))
    op.execute(
        "UPDATE follow_user SET last_chat_at = chat.last_at FROM ("
        "SELECT corp_id, userid, external_userid, max(at) AS last_at FROM act_record "
        "WHERE kind IN ('message_in', 'message_out') GROUP BY corp_id, userid, external_userid) AS chat "
        "WHERE follow_user.corp_id = chat.corp_id AND follow_user.userid = chat.userid "
        "AND follow_user.external_userid = chat.external_userid"
    )
