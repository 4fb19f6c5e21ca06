"""Turns on enter_agent and LOCATION for all apps: so far the flags of agent/set had no effect."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE app_profile SET isreportenter = 1, report_location_flag = 1")
