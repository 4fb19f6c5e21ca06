"""What is kept of each kind of rows."""

from dataclasses import dataclass

import sqlalchemy as sa

from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ATTEMPT
from wecom_tollbooth.families.relations.tables import ACT_RECORD
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.settings import Settings


@dataclass(frozen=True)
class Bound:
    """The newest `kept` rows of a corp that are at most `days` old are kept, and `protected` ones always.

    `keys` are the columns of the primary key after corp_id; a row with a higher key is newer.
    """

    kind: str
    table: sa.Table
    keys: tuple[str, ...]
    kept: int
    days: int
    protected: sa.ColumnElement[bool] | None = None


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
    )
