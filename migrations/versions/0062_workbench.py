"""What apps show on the workbench, of themselves and for single members; the admins of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workbench_template",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("data", sa.Text),
        sa.Column("replace_user_data", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workbench_data",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "app_admin",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("auth_type", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
