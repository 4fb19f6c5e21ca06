"""The member who created a corp, and can't be deleted; so far nobody counts as such."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("corp", sa.Column("creator", sa.String))
