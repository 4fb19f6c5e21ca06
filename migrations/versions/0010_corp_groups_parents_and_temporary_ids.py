"""Groups of corps with their shared apps, parents who follow a school, and temporary ids of outsiders."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corp_group",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "group_id"),
    )
    op.create_table(
        "corp_group_corp",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("member_corp_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "group_id", "member_corp_id"),
    )
    op.create_table(
        "shared_app",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "group_id", "agentid"),
    )
    op.create_table(
        "school_parent",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("foreign_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "mobile"),
    )
    op.create_table(
        "temporary_id",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("tmp_external_userid", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("business_type", sa.Integer(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("of_corp_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "tmp_external_userid"),
    )
    of_person = ["corp_id", "agentid", "business_type", "external_userid", "of_corp_id", "userid"]
    op.create_index("temporary_id_of_person", "temporary_id", of_person, unique=True)
