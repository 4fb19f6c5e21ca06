"""What is kept of each kind of rows."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ATTEMPT
from wecom_tollbooth.families.app_messages.tables import (
    APP_MESSAGE,
    CARD_VERSION,
    RESPONSE_CODE,
    SENT_CONTENT,
)
from wecom_tollbooth.families.mass_messages.tables import (
    MASS_MESSAGE,
    MASS_RECEIVED,
    MASS_RECEIVER,
    MASS_TASK,
)
from wecom_tollbooth.families.moments.tables import (
    MOMENT,
    MOMENT_PUBLICATION,
    MOMENT_REACTION,
    MOMENT_VIEWER,
)
from wecom_tollbooth.families.phones.tables import PHONE_ITEM
from wecom_tollbooth.families.relations.tables import ACT_RECORD
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.settings import Settings

DAYS_OF_DUPLICATES, DAYS_OF_RESPONSE_CODES, DAYS_OF_QUOTAS = 1, 4, 62
"""Nothing asks for older ones: messages are compared for 4 hours, codes are valid for 72 hours, and what a
customer may receive is counted in a month."""


@dataclass(frozen=True)
class Bound:
    """The newest `kept` rows of a corp that are at most `days` old are kept, and `protected` ones always.

    `keys` are the columns of the primary key after corp_id; a row with a higher key is newer. With `kept`
    None only the age counts.
    """

    kind: str
    table: sa.Table
    keys: tuple[str, ...]
    kept: int | None
    days: int
    protected: sa.ColumnElement[bool] | None = None
    at: sa.ColumnElement[Any] | None = None
    """When the row was made, if that is not its column `at`."""
    of: sa.Column[Any] | None = None
    """When the row's owner was made, a row of another table that goes after it: if no owner is old, no row of
    this kind is."""
    message: sa.Column[Any] | None = None
    """The phone message that goes with the last row that names it."""


def bounds_of(settings: Settings) -> tuple[Bound, ...]:
    waiting = CALLBACK.c.state == sa.literal_column("'waiting'")
    return (
        Bound("callbacks", CALLBACK, ("id",), settings.callbacks_kept, settings.callbacks_kept_days, waiting),
        Bound(
            "attempts",
            CALLBACK_ATTEMPT,
            ("callback_id", "number"),
            settings.attempts_kept,
            settings.attempts_kept_days,
        ),
        Bound("act_records", ACT_RECORD, ("id",), settings.act_records_kept, settings.act_records_kept_days),
        # gateway/journal/bound.py removes what is over the capacity at every few dozenth call; age is left.
        Bound("journal", CALL_JOURNAL, ("seq",), settings.journal_capacity, settings.journal_kept_days),
        *_messages(settings.messages_kept_days),
    )


def _messages(days: int) -> tuple[Bound, ...]:
    """What is sent, and what became of it; before each message or moment what belongs to it."""

    def aged(kind: str, table: sa.Table, *keys: str, at: str, days: int = days) -> Bound:
        return Bound(kind, table, keys, None, days, at=table.c[at])

    def belonging(kind: str, table: sa.Table, *keys: str, to: sa.Column[Any], by: sa.Column[Any]) -> Bound:
        """Rows whose first key names the row of `to`'s table whose key is `by`."""
        owner = sa.select(to).where(by.table.c.corp_id == table.c.corp_id, by == table.c[keys[0]])
        made_at = sa.func.coalesce(owner.correlate(table).scalar_subquery(), 0)
        return Bound(kind, table, keys, None, days, at=made_at, of=to)

    of_message = {"to": MASS_MESSAGE.c.create_time, "by": MASS_MESSAGE.c.seq}
    of_moment = {"to": MOMENT.c.create_time, "by": MOMENT.c.moment_id}
    card_made_at = sa.select(APP_MESSAGE.c.sent_at).where(
        APP_MESSAGE.c.corp_id == CARD_VERSION.c.corp_id, APP_MESSAGE.c.message_id == CARD_VERSION.c.message_id
    )
    return (
        aged("duplicates", SENT_CONTENT, "agentid", "digest", at="sent_at", days=DAYS_OF_DUPLICATES),
        aged("response_codes", RESPONSE_CODE, "code", at="issued_at", days=DAYS_OF_RESPONSE_CODES),
        aged("mass_counts", MASS_RECEIVED, "receiver", "day", at="day", days=DAYS_OF_QUOTAS),
        Bound(
            "card_versions",
            CARD_VERSION,
            ("version_id",),
            None,
            days,
            at=sa.func.coalesce(card_made_at.correlate(CARD_VERSION).scalar_subquery(), 0),
            of=APP_MESSAGE.c.sent_at,
        ),
        aged("app_messages", APP_MESSAGE, "message_id", at="sent_at"),
        belonging("mass_receivers", MASS_RECEIVER, "message", "userid", "receiver", **of_message),
        belonging("mass_tasks", MASS_TASK, "message", "userid", **of_message),
        aged("mass_messages", MASS_MESSAGE, "seq", at="create_time"),
        belonging("moment_viewers", MOMENT_VIEWER, "moment_id", "userid", "external_userid", **of_moment),
        belonging("moment_reactions", MOMENT_REACTION, "moment_id", "userid", "id", **of_moment),
        belonging("moment_publications", MOMENT_PUBLICATION, "moment_id", "userid", **of_moment),
        aged("moments", MOMENT, "moment_id", at="create_time"),
        Bound("phones", PHONE_ITEM, ("person", "at", "id"), None, days, message=PHONE_ITEM.c.message_id),
    )
