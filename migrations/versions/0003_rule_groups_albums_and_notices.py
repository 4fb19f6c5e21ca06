"""Rule groups, intercept rules, product albums and school notices.

Tags and tag groups say whose they are: a group's name is unique within the corp's library, or within that of
its rule group.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("tag", "tag_group"):
        op.add_column(table, sa.Column("strategy_id", sa.BigInteger(), nullable=False, server_default="0"))
    alive = sa.text("deleted_at IS NULL")
    op.drop_index("tag_group_by_name", "tag_group")
    op.create_index(
        "tag_group_by_name",
        "tag_group",
        ["corp_id", "strategy_id", "name"],
        unique=True,
        sqlite_where=alive,
        postgresql_where=alive,
    )
