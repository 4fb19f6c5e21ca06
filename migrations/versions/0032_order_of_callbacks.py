"""The order of an app's callbacks, which the ids of several workers don't give."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.drop_index("callback_waiting", "callback")
    op.add_column("callback", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE callback SET position = id WHERE state = 'waiting'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE callback_position OWNED BY callback.position")
        op.execute("SELECT setval('callback_position', (SELECT coalesce(max(id), 0) + 1 FROM callback))")
        op.execute("ALTER TABLE callback ALTER COLUMN position SET DEFAULT nextval('callback_position')")
    op.create_index(
        "callback_waiting",
        "callback",
        ["corp_id", "agentid", "position", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
