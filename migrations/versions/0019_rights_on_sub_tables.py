"""What members may do in the sub-tables of a smart sheet."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sheet_rule",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("privs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "docid", "rule_id"),
    )
