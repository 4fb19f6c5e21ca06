"""Which app brought a customer, ways and links that do not say so, and to whom an app may bring customers."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app", sa.Column("contactable", sa.Text(), nullable=True))
    op.add_column("follow_user", sa.Column("brought_by", sa.BigInteger(), nullable=True))
    for table in ("contact_way", "acquisition_link"):
        op.add_column(table, sa.Column("mark_source", sa.Boolean(), nullable=False, server_default=sa.true()))
