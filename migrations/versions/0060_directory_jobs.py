"""Jobs that import and export the directory, and callbacks that go to an address of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback", sa.Column("address", sa.Text))
    op.create_table(
        "import_job",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("encoding", sa.String, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("progress", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("errcode", sa.Integer, nullable=False),
        sa.Column("errmsg", sa.String, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("is_purged", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_row",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("action", sa.Integer, nullable=False),
        sa.Column("errcode", sa.Integer, nullable=False),
        sa.Column("errmsg", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("import_row_by_key", "import_row", ["corp_id", "jobid", "key"])
    op.create_index("import_row_by_rank", "import_row", ["corp_id", "jobid", "rank"])
    op.create_table(
        "leftover_department",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("department_id", sa.BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "export_job",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("agentid", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("tagid", sa.BigInteger, nullable=False),
        sa.Column("aes_key", sa.String, nullable=False),
        sa.Column("block_size", sa.Integer, nullable=False),
        sa.Column("base_url", sa.String, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("after", sa.String, nullable=False),
        sa.Column("in_block", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "export_part",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "export_file",
        sa.Column("corp_id", sa.String, primary_key=True),
        sa.Column("jobid", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("media_id", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("md5", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
