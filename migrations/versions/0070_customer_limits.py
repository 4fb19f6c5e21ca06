"""Of which customers a provider's app gets data: the rules of 2025-12-18."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app", sa.Column("customer_limit", sa.Text, nullable=True))
