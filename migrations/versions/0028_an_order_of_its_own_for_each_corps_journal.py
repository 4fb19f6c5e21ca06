"""The journal's key becomes the order in which a corp's calls came; it was a slot shared by all corps."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEPT = (
    "usage_id, at, agentid, ip, method, path, query, body, http_status, errcode, errmsg, detail, warned, "
    "duration_us"
)


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.rename_table("call_journal", "call_journal_before")
    if on_postgresql:
        op.execute("ALTER INDEX call_journal_pkey RENAME TO call_journal_before_pkey")
    # SQLite changes no primary key.
    op.create_table(
        "call_journal",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
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
        sa.PrimaryKeyConstraint("corp_id", "seq"),
        sqlite_with_rowid=False,
    )
    # Ids rose as calls came, so their order is the order of arrival.
    op.execute(
        f"INSERT INTO call_journal (corp_id, seq, {KEPT}) "
        f"SELECT corp_id, row_number() OVER (PARTITION BY corp_id ORDER BY usage_id), {KEPT} "
        "FROM call_journal_before"
    )
    op.drop_table("call_journal_before")
    if on_postgresql:
        op.execute("CREATE SEQUENCE call_journal_seq AS bigint")
        op.execute(
            "SELECT setval('call_journal_seq', (SELECT coalesce(max(seq), 0) + 1 FROM call_journal), false)"
        )
