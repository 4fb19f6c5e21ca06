"""The tasks of one corp are in order in their index, however many are due in the same second."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("scheduled_task_by_corp", "scheduled_task")
    op.create_index("scheduled_task_by_corp", "scheduled_task", ["corp_id", "due_at", "id"])
