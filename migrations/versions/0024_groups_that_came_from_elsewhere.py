"""Customer groups that came from elsewhere, which statistics of the education trade count."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "group_chat", sa.Column("migrated", sa.Boolean(), nullable=False, server_default=sa.false())
    )
