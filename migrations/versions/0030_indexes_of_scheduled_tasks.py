"""The next task is found by time and id, and a corp's earliest by its own index."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("scheduled_task_by_time", "scheduled_task")
    op.create_index("scheduled_task_by_time", "scheduled_task", ["due_at", "id"])
    op.create_index("scheduled_task_by_corp", "scheduled_task", ["corp_id", "due_at"])
