"""Mini-programs of a corp, notices of members' groups, apps that keep documents of the data zone."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mini_program",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("appid", sa.String, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.add_column("member_chat", sa.Column("notice", sa.String, nullable=False, server_default=""))
    op.add_column("app", sa.Column("keeps_documents", sa.Boolean, nullable=False, server_default=sa.false()))
