"""Quantities, subjects and reversals in the ledger; beside it totals, levels, seals and closed corps."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_the_ledger()
    op.create_table(
        "usage_total",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("meter", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=False),
        sa.Column("agentid", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "day", "meter", "operation", "errcode", "agentid", "shard"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_level",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("meter", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("peak", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "meter", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_seal",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("sum", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "hour"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "closed_corp",
        sa.Column("corp_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id"),
    )
    _book_the_contacts_that_there_are()
    op.execute(
        "INSERT INTO usage_total (corp_id, day, meter, operation, errcode, agentid, shard, quantity) "
        "SELECT corp_id, (at + 28800) / 86400, meter, operation, errcode, agentid, 0, sum(quantity) "
        "FROM usage_record GROUP BY 1, 2, 3, 4, 5, 6"
    )
    op.drop_table("former_relation")


def _widen_the_ledger() -> None:
    whole = {"nullable": False}
    op.add_column("usage_record", sa.Column("quantity", sa.BigInteger(), server_default="1", **whole))
    op.add_column("usage_record", sa.Column("subject", sa.String(), server_default="", **whole))
    op.add_column("usage_record", sa.Column("reverses", sa.BigInteger(), nullable=True))
    op.add_column("usage_record", sa.Column("reason", sa.String(), server_default="", **whole))
    reversal = sa.column("reverses").is_not(None)
    op.create_index(
        "usage_record_reversed_once",
        "usage_record",
        ["corp_id", "reverses"],
        unique=True,
        sqlite_where=reversal,
        postgresql_where=reversal,
    )


def _book_the_contacts_that_there_are() -> None:
    """One record a corp, as for seeded ones: they count from now on."""
    connection = op.get_bind()
    shift, frozen_at = connection.execute(sa.text("SELECT shift, frozen_at FROM sim_clock")).one()
    now = int(time.time()) + shift if frozen_at is None else frozen_at
    people = (
        "SELECT corp_id, external_userid FROM follow_user WHERE ended_at IS NULL AND NOT half "
        "UNION SELECT corp_id, person_id FROM group_stay WHERE type = 2 AND left_at IS NULL"
    )
    counted = connection.execute(
        sa.text(f"SELECT corp_id, count(*) FROM ({people}) AS contacts GROUP BY corp_id ORDER BY corp_id")
    ).all()
    reserved = connection.execute(
        sa.text(
            f"UPDATE id_block SET reserved_to = reserved_to + {len(counted)} "
            "WHERE name = 'row' RETURNING reserved_to"
        )
    ).scalar_one()
    for number, (corp_id, count) in enumerate(counted, start=reserved - len(counted) + 1):
        row = {"corp_id": corp_id, "id": number, "now": now, "count": count, "day": (now + 28_800) // 86_400}
        connection.execute(
            sa.text(
                "INSERT INTO usage_record (corp_id, id, at, agentid, operation, meter, errcode, quantity) "
                "VALUES (:corp_id, :id, :now, 0, 'seeded', 'contacts', 0, :count)"
            ),
            row,
        )
        connection.execute(
            sa.text(
                "INSERT INTO usage_level (corp_id, meter, day, level, peak, last_at, last_id) "
                "VALUES (:corp_id, 'contacts', :day, :count, :count, :now, :id)"
            ),
            row,
        )
