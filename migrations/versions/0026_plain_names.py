"""Tables and columns get the names that the code uses: scheduled_task, callback_attempt, delivery_faults."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = {
    "due_deed": "scheduled_task",
    "callback_try": "callback_attempt",
    "delivery_knobs": "delivery_faults",
}
COLUMNS = (
    ("callback", "tries", "attempts"),
    ("follow_user", "half", "pending_confirmation"),
    ("follow_user", "brought_by", "source_agentid"),
    ("budget", "down", "blocked"),
    ("budget_month", "told", "alerts_sent"),
)


def upgrade() -> None:
    for old, new in TABLES.items():
        op.rename_table(old, new)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"ALTER INDEX {old}_pkey RENAME TO {new}_pkey")
    for table, old, new in COLUMNS:
        # Plain SQL: Alembic would copy the whole table on SQLite, which renames a column in place.
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    op.drop_index("due_deed_by_time", "scheduled_task")
    op.create_index("scheduled_task_by_time", "scheduled_task", ["due_at"])
