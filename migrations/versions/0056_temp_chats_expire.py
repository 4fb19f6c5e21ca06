"""Schedules the end of temporary sessions that are running: so far nothing sent their conclusions."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shift, frozen_at = op.get_bind().execute(sa.text("SELECT shift, frozen_at FROM sim_clock")).one()
    now = int(time.time()) + shift if frozen_at is None else frozen_at
    # Ids below zero can't be those of other tasks.
    op.get_bind().execute(
        sa.text(
            "INSERT INTO scheduled_task (corp_id, id, due_at, kind, reference) "
            "SELECT corp_id, -row_number() OVER (ORDER BY corp_id, external_userid, userid), expires_at, "
            "'temp_chat_expires', external_userid || ' ' || userid "
            "FROM temp_chat WHERE closed_at IS NULL AND expires_at > :now AND NOT EXISTS ("
            "SELECT 1 FROM scheduled_task AS task WHERE task.corp_id = temp_chat.corp_id "
            "AND task.kind = 'temp_chat_expires' "
            "AND task.reference = temp_chat.external_userid || ' ' || temp_chat.userid)"
        ),
        {"now": now},
    )
