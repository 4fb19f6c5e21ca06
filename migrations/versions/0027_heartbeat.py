"""The row that the readiness check writes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    heartbeat = op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("beats", sa.BigInteger, nullable=False),
        sa.Column("filler", sa.LargeBinary, nullable=True),
    )
    op.bulk_insert(heartbeat, [{"id": 1, "beats": 0, "filler": None}])
