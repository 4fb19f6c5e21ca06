"""Scheduling the reminder of a record: a task for the time of its next follow-up."""

from wecom_tollbooth.families.follow_ups.tables import NEVER
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import is_scheduled, schedule

REMINDER = "follow_up_due"
"""The kind of the task, whose reference is the record's seq."""


def schedule_reminder(context: Context, seq: int, next_at: int, number: int | None = None) -> None:
    """Schedules the reminder of a new record, unless it has no next follow-up; `number` is the task's id."""
    if next_at != NEVER:
        schedule(context, REMINDER, next_at, str(seq), number)


def reschedule_reminder(context: Context, seq: int, next_at: int) -> None:
    """Schedules the reminder of a record whose time changed, perhaps back to one that is still scheduled.

    The task of the earlier time stays; when it runs, it finds another time in the record and does nothing.
    """
    if next_at != NEVER and not is_scheduled(context, REMINDER, next_at, str(seq)):
        schedule_reminder(context, seq, next_at)
