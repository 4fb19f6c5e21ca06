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
    op.create_table(
        "strategy",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("strategy_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("strategy_name", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("admin_list", sa.Text(), nullable=False),
        sa.Column("privilege", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "strategy_id"),
    )
    op.create_index("strategy_by_app", "strategy", ["corp_id", "created_by", "strategy_id"])
    op.create_table(
        "strategy_node",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("strategy_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("partyid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "strategy_id", "type", "userid", "partyid"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "intercept_rule",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("rule_name", sa.String(), nullable=False),
        sa.Column("word_list", sa.Text(), nullable=False),
        sa.Column("semantics_list", sa.Text(), nullable=False),
        sa.Column("intercept_type", sa.Integer(), nullable=False),
        sa.Column("user_list", sa.Text(), nullable=False),
        sa.Column("department_list", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "rule_id"),
    )
    op.create_index(
        "intercept_rule_by_name",
        "intercept_rule",
        ["corp_id", "rule_name"],
        unique=True,
        sqlite_where=alive,
        postgresql_where=alive,
    )
    op.create_table(
        "product_album",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("product_sn", sa.String(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "product_id"),
    )
    op.create_index("product_album_by_seq", "product_album", ["corp_id", "seq"])
    op.create_table(
        "school_notice",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("subscribe_mode", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
