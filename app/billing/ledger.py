"""Reading the ledger: what was used in a span of time.

It is written in one place alone, app/gateway/usage.py, in the transaction of the call itself.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from app.billing.tables import UsageRecord
from app.db import Transaction

LEDGER: sa.Table = UsageRecord.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Used:
    """So many calls of one operation that had one outcome; `errcode` 0 is charged, any other free."""

    operation: str
    meter: str
    errcode: int
    quantity: int

    @property
    def charged(self) -> bool:
        return self.errcode == 0


def calls_used(tx: Transaction, corp_id: str, since: int, until: int) -> list[Used]:
    """The corp's calls from `since` up to but not including `until`, unix seconds, by operation and outcome.

    The corp_id "" has the calls that named no corp.
    """
    what = (LEDGER.c.operation, LEDGER.c.meter, LEDGER.c.errcode)
    query = (
        sa.select(*what, sa.func.count().label("quantity"))
        .where(LEDGER.c.corp_id == corp_id, LEDGER.c.at >= since, LEDGER.c.at < until)
        .group_by(*what)
        .order_by(*what)
    )
    return [Used(row.operation, row.meter, row.errcode, row.quantity) for row in tx.execute(query)]
