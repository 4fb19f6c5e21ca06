"""Whether the platform took away the rights of an app that nobody used (48006)."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app", sa.Column("closed_unused", sa.Boolean, nullable=False, server_default=sa.false()))
