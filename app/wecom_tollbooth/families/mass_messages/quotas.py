"""How many mass messages a customer or group may receive: the corp's rule (群发规则, page 92135).

A month allows as many as it has days; the corp can choose 7 a week or 1 a day instead. Days and weeks are
those of Asia/Shanghai, a week begins on Monday. Messages of the corp and of its members count together.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.mass_messages.tables import MASS_RULE
from wecom_tollbooth.world.clock import DAY, month_bounds, month_of, start_of_day
from wecom_tollbooth.world.context import Context

MONTH, WEEK, ONE_DAY = "month", "week", "day"
A_WEEK, A_DAY = 7, 1
LOCK = 740_011
MONDAY = 4 * DAY
"""The first Monday of unix time, a day of whole 24 hours after 0:00 in any zone."""

_RULE = CompiledStatement(sa.select(MASS_RULE.c.rule).where(MASS_RULE.c.corp_id == bindparam("corp_id")))
_LOCK = CompiledStatement(
    sa.select(sa.func.pg_advisory_xact_lock(LOCK, sa.func.hashtext(bindparam("corp_id"))))
)


class Quota(NamedTuple):
    """At most `most` messages from the day that begins at `since`, today being `today`."""

    since: int
    today: int
    most: int


def quota_of(context: Context) -> Quota:
    """The corp's quota now."""
    row = _RULE.one(context.db, corp_id=context.corp_id)
    today = start_of_day(context.now)
    match row[0] if row else MONTH:
        case "day":
            return Quota(today, today, A_DAY)
        case "week":
            weekday = (today + 8 * 3600 - MONDAY) // DAY % 7
            return Quota(today - weekday * DAY, today, A_WEEK)
        case _:
            start, end = month_bounds(month_of(context.now))
            return Quota(start, today, (end - start) // DAY)


def one_sends(tx: Transaction, corp_id: str) -> None:
    """Lets nobody else send messages of the corp until the transaction ends: quotas are exact."""
    if tx.dialect == "postgresql":
        _LOCK.one(tx, corp_id=corp_id)
