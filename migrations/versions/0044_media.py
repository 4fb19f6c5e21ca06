"""Uploaded files: temporary ones, addresses of permanent ones, and contents to remove."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("media_id", sa.String, primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("use", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("media_by_content", "media", ["sha256"])
    op.create_table(
        "media_address",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("media_address_by_content", "media_address", ["sha256"])
    op.create_index("media_address_by_origin", "media_address", ["corp_id", "origin", "created_at"])
    op.create_table(
        "dropped_file",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("sha256", sa.String, primary_key=True),
    )
