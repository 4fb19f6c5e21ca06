"""openids of members."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_openid",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sa.Column("openid", sa.String, nullable=False),
        sa.UniqueConstraint("corp_id", "openid"),
        sqlite_with_rowid=False,
    )
