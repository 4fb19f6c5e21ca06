"""Providers with their apps and tokens, ids in their scope, pending ids, and logins to mini-programs."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app", sa.Column("provider_id", sa.String(), nullable=True))
    op.create_index("app_by_provider", "app", ["provider_id", "corp_id"])
    op.create_index("external_contact_by_unionid", "external_contact", ["corp_id", "unionid"])
    op.create_table(
        "provider",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_secret", sa.String(), nullable=False),
        sa.Column("suite_id", sa.String(), nullable=False),
        sa.Column("suite_secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
    op.create_index("provider_by_suite", "provider", ["suite_id"])
    op.create_table(
        "provider_token",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "token"),
    )
    op.create_table(
        "scoped_id",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("plain_id", sa.String(), nullable=False),
        sa.Column("scoped_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "provider_id", "kind", "plain_id"),
        sqlite_with_rowid=False,
    )
    back = ["corp_id", "provider_id", "kind", "scoped_id"]
    op.create_index("scoped_id_back", "scoped_id", back, unique=True)
    op.create_table(
        "id_migration",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "provider_id"),
    )
    op.create_table(
        "pending_id",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("unionid", sa.String(), nullable=False),
        sa.Column("pending_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "provider_id", "unionid"),
    )
    op.create_table(
        "mini_program_user",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("openid", sa.String(), nullable=False),
        sa.Column("unionid", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "openid"),
    )
    by_unionid = ["corp_id", "unionid"]
    op.create_index("mini_program_user_by_unionid", "mini_program_user", by_unionid, unique=True)
    op.create_table(
        "conversion_count",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "kind", "span"),
    )
