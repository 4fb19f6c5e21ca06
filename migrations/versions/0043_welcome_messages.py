"""Templates of group welcomes; welcome codes are found by member and customer."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("welcome_code_by_pair", "welcome_code", ["corp_id", "external_userid", "userid"])
    op.create_table(
        "group_welcome_template",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("template_id", sa.String, primary_key=True),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("message_id", sa.BigInteger),
    )
    op.create_table(
        "group_welcome",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("chat_id", sa.String, primary_key=True),
        sa.Column("template_id", sa.String, nullable=False),
    )
    op.create_index("group_welcome_by_template", "group_welcome", ["corp_id", "template_id"])
