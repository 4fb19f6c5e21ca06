"""Whether an admin lets a provider-developed app see the details of members and departments."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "app", sa.Column("directory_details", sa.Boolean, nullable=False, server_default=sa.false())
    )
