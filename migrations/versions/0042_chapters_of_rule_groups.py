"""Rule groups of moments, beside those of customers."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("strategy", sa.Column("chapter", sa.String, nullable=False, server_default="customer"))
