"""Callbacks that were answered with an error let others go ahead."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback", sa.Column("aside", sa.Boolean(), nullable=False, server_default=sa.false()))
