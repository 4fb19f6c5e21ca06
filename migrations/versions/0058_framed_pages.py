"""Sites of products that are served with the bridge of the JS-SDK in their pages."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "framed_page",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("token", sa.String, primary_key=True),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
