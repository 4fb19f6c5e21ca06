"""The registry of all callback events: one class for each, one module for each chapter.

`EVENTS` has all of them. They are raised by `wecom_tollbooth.callbacks.emit.emit`.
"""

from wecom_tollbooth.callbacks.events import (
    acquisition_links,
    app_events,
    app_messages,
    budgets,
    cards,
    contacts,
    directory,
    directory_jobs,
    documents,
    follow_ups,
    group_chats,
    media,
    tags,
)
from wecom_tollbooth.callbacks.events.event import EVENTS

__all__ = [
    "EVENTS",
    "acquisition_links",
    "app_events",
    "app_messages",
    "budgets",
    "cards",
    "contacts",
    "directory",
    "directory_jobs",
    "documents",
    "follow_ups",
    "group_chats",
    "media",
    "tags",
]
