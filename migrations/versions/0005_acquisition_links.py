"""Acquisition links, their customers, clicks, quota lots and chat keys; and the deeds that fall due later."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acquisition_link",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("link_name", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("skip_verify", sa.Boolean(), nullable=False),
        sa.Column("user_list", sa.Text(), nullable=False),
        sa.Column("department_list", sa.Text(), nullable=False),
        sa.Column("priority_type", sa.Integer(), nullable=True),
        sa.Column("priority_userid_list", sa.Text(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "link_id"),
    )
    op.create_index("acquisition_link_by_app", "acquisition_link", ["corp_id", "created_by", "seq"])
    op.create_table(
        "link_customer",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "link_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("link_customer_by_relation", "link_customer", ["corp_id", "external_userid", "userid"])
    op.create_table(
        "link_click",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "link_id", "seq"),
    )
    op.create_index("link_click_by_time", "link_click", ["corp_id", "link_id", "at"])
    op.create_table(
        "quota_lot",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("bought", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("bought_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "lot_id"),
    )
    op.create_table(
        "chat_key",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("chat_key", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recv_msg_cnt", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_key"),
    )
    op.create_table(
        "due_deed",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "id"),
    )
    op.create_index("due_deed_by_time", "due_deed", ["due_at"])
