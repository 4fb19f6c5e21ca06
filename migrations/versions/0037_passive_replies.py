"""What became of the passive reply in the answer to a callback."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback_attempt", sa.Column("reply", sa.Text, nullable=True))
