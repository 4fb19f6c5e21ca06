"""Accounts of the API licence that members hold, and seats of both types."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "licence_account",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "provider_id", "userid", "type"),
    )
    op.create_table(
        "licence_enforcement",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "provider_id"),
    )
    # SQLite changes no primary key: the seats are put aside, and come back as the interop ones they are.
    op.execute("CREATE TABLE seat_before AS SELECT corp_id, provider_id, userid, agentid FROM seat")
    op.drop_table("seat")
    op.create_table(
        "seat",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("userid", sa.String(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "provider_id", "userid", "type"),
    )
    op.execute(
        "INSERT INTO seat (corp_id, provider_id, userid, type, agentid) "
        "SELECT corp_id, provider_id, userid, 2, agentid FROM seat_before"
    )
    op.drop_table("seat_before")
