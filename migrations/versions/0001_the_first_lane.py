"""The first tables: corps, apps, tokens, directory, customers, tags, ledger, journal and clock.

Besides what the models say: `id_block`, from which ids are drawn in blocks, and on PostgreSQL the unlogged
`rate_window`, whose counts all workers share and a restart may lose.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "token"),
    )
    op.create_table(
        "app",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("visible", sa.Text(), nullable=True),
        sa.Column("trusted_ips", sa.Text(), nullable=False),
        sa.Column("callback_url", sa.String(), nullable=False),
        sa.Column("callback_token", sa.String(), nullable=False),
        sa.Column("encoding_aes_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "agentid"),
    )
    op.create_table(
        "biz_mail",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("is_alias", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "address"),
    )
    op.create_index("biz_mail_by_member", "biz_mail", ["corp_id", "userid"], unique=False)
    op.create_table(
        "call_journal",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("usage_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("ip", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=False),
        sa.Column("errmsg", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("duration_us", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "slot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "corp",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
    op.create_table(
        "department",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("parentid", sa.BigInteger(), nullable=False),
        sa.Column("sort_order", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "id"),
        sa.UniqueConstraint("corp_id", "parentid", "name"),
    )
    op.create_table(
        "external_contact",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("gender", sa.Integer(), nullable=False),
        sa.Column("avatar", sa.String(), nullable=False),
        sa.Column("unionid", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("corp_name", sa.String(), nullable=False),
        sa.Column("corp_full_name", sa.String(), nullable=False),
        sa.Column("external_profile", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_userid"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_tag",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("tag_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_userid", "userid", "tag_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("follow_tag_by_tag", "follow_tag", ["corp_id", "tag_id"], unique=False)
    op.create_table(
        "follow_user",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("external_userid", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("createtime", sa.BigInteger(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("remark_corp_name", sa.String(), nullable=False),
        sa.Column("remark_mobiles", sa.Text(), nullable=False),
        sa.Column("remark_pic_mediaid", sa.String(), nullable=False),
        sa.Column("add_way", sa.Integer(), nullable=False),
        sa.Column("oper_userid", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wechat_channels", sa.Text(), nullable=True),
        sa.Column("half", sa.Boolean(), nullable=False),
        sa.Column("deleted_by_customer_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "external_userid", "userid"),
        sqlite_with_rowid=False,
    )
    op.create_index("follow_user_by_member", "follow_user", ["corp_id", "userid", "seq"], unique=False)
    op.create_table(
        "member",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("userid_key", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("status_when_enabled", sa.Integer(), nullable=False),
        sa.Column("main_department", sa.BigInteger(), nullable=False),
        sa.Column("may_follow", sa.Boolean(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "userid"),
        sa.UniqueConstraint("corp_id", "userid_key"),
        sa.UniqueConstraint("corp_id", "mobile"),
        sa.UniqueConstraint("corp_id", "email"),
    )
    op.create_table(
        "member_department",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.BigInteger(), nullable=False),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "userid", "department_id"),
    )
    op.create_index(
        "member_department_by_department",
        "member_department",
        ["corp_id", "department_id", "userid"],
        unique=False,
    )
    op.create_table(
        "members_created",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "month"),
    )
    op.create_table(
        "sim_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", sa.BigInteger(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tag",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("tag_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("sort_order", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "tag_id"),
    )
    op.create_index("tag_by_group", "tag", ["corp_id", "group_id"], unique=False)
    op.create_table(
        "tag_group",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("sort_order", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "group_id"),
    )
    op.create_table(
        "usage_record",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("meter", sa.String(), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("usage_record_by_time", "usage_record", ["corp_id", "at"], unique=False)

    alive = sa.text("deleted_at IS NULL")
    for name, table, columns in (
        ("tag_group_by_name", "tag_group", ["corp_id", "name"]),
        ("tag_by_name", "tag", ["corp_id", "group_id", "name"]),
    ):
        op.create_index(name, table, columns, unique=True, sqlite_where=alive, postgresql_where=alive)
    op.create_table(
        "id_block",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("reserved_to", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO id_block (name, reserved_to) VALUES ('row', 0)")
    op.execute("INSERT INTO sim_clock (id, shift, frozen_at) VALUES (1, 0, NULL)")
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "rate_window",
            sa.Column("key", sa.String(), primary_key=True),
            sa.Column("minute", sa.BigInteger(), nullable=False),
            sa.Column("minute_count", sa.BigInteger(), nullable=False),
            sa.Column("hour", sa.BigInteger(), nullable=False),
            sa.Column("hour_count", sa.BigInteger(), nullable=False),
            sa.Column("blocked_until", sa.BigInteger(), nullable=False),
            prefixes=["UNLOGGED"],
        )
