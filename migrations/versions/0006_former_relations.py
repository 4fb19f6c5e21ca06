"""Relations that ended and were begun anew, so that past months keep their count of contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_relation",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("createtime", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "seq"),
    )
