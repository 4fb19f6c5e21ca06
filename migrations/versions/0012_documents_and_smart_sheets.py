"""Documents, and the sub-tables, fields, views, groups and records of smart sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("doc_type", sa.Integer(), nullable=False),
        sa.Column("doc_name", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("spaceid", sa.String(), nullable=False),
        sa.Column("fatherid", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("modify_time", sa.BigInteger(), nullable=False),
        sa.Column("access_rule", sa.Text(), nullable=False),
        sa.Column("secure_setting", sa.Text(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("co_auth", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "docid"),
    )
    op.create_table(
        "smart_sheet",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("sheet_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_visible", sa.Boolean(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "docid", "sheet_id"),
    )
    for table, id_ in (("sheet_field", "field_id"), ("sheet_view", "view_id")):
        op.create_table(
            table,
            sa.Column("corp_id", sa.String(), nullable=False),
            sa.Column("docid", sa.String(), nullable=False),
            sa.Column("sheet_id", sa.String(), nullable=False),
            sa.Column(id_, sa.String(), nullable=False),
            sa.Column("title", sa.String(), nullable=False),
            sa.Column("type", sa.String(), nullable=False),
            sa.Column("property", sa.Text(), nullable=False),
            sa.Column("position", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("corp_id", "docid", "sheet_id", id_),
        )
    op.create_table(
        "field_group",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("sheet_id", sa.String(), nullable=False),
        sa.Column("field_group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("field_ids", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "docid", "sheet_id", "field_group_id"),
    )
    op.create_table(
        "sheet_record",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("docid", sa.String(), nullable=False),
        sa.Column("sheet_id", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("creator", sa.String(), nullable=False),
        sa.Column("creator_type", sa.Integer(), nullable=False),
        sa.Column("updater", sa.String(), nullable=False),
        sa.Column("updater_type", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "docid", "sheet_id", "record_id"),
    )
    in_order = ["corp_id", "docid", "sheet_id", "seq"]
    op.create_index("sheet_record_in_order", "sheet_record", in_order, unique=True)
