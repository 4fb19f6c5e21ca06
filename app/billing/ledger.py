"""Reading the ledger: what was used in a span of time.

It is written in one place alone, app/gateway/usage.py, in the transaction of the call itself.
"""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.billing.tables import UsageRecord
from app.db import Transaction
from app.world.clock import SHANGHAI_SECONDS

LEDGER: sa.Table = UsageRecord.__table__  # type: ignore[attr-defined]

_DAY = (LEDGER.c.at + SHANGHAI_SECONDS) // 86_400
_FIRST_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Used:
    """So many uses on one day, in Asia/Shanghai, by one app, of one operation with one outcome.

    `errcode` 0 is an answered call; any other a refused one, which is free unless the price book charges it.
    """

    day: date
    agentid: int
    operation: str
    meter: str
    errcode: int
    quantity: int

    @property
    def charged(self) -> bool:
        return self.errcode == 0


@dataclass(frozen=True)
class Level:
    """The most that contacts or seats, which are held and not used up, came to on a day in Asia/Shanghai."""

    day: date
    meter: str
    peak: int


def used_by_day(tx: Transaction, corp_id: str, since: int, until: int) -> list[Used]:
    """What the corp used from `since` up to but not including `until`, unix seconds, day by day.

    The corp_id "" has the calls that named no corp.
    """
    what = (_DAY.label("day"), LEDGER.c.agentid, LEDGER.c.operation, LEDGER.c.meter, LEDGER.c.errcode)
    query = (
        sa.select(*what, sa.func.count().label("quantity"))
        .where(LEDGER.c.corp_id == corp_id, LEDGER.c.at >= since, LEDGER.c.at < until)
        .group_by(*(sa.literal_column(str(place)) for place in range(1, len(what) + 1)))
        .order_by(*(sa.literal_column(str(place)) for place in range(1, len(what) + 1)))
    )
    return [Used(date.fromordinal(_FIRST_DAY + row.day), *tuple(row)[1:]) for row in tx.execute(query)]
