"""Tags of members and departments."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_tag",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("tagid", sa.BigInteger, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("corp_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tagged_member",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("tagid", sa.BigInteger, primary_key=True),
        sa.Column("userid", sa.String, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("tagged_member_by_member", "tagged_member", ["corp_id", "userid"])
    op.create_table(
        "tagged_department",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("tagid", sa.BigInteger, primary_key=True),
        sa.Column("department_id", sa.BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("tagged_department_by_department", "tagged_department", ["corp_id", "department_id"])
