"""The corps that statements are for: existing ones, and deleted ones."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from wecom_tollbooth.billing.tables import CLOSED_APP, CLOSED_CORP, ClosedCorp
from wecom_tollbooth.corps.tables import APP, CORP, Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import refuse_while_restored


@dataclass(frozen=True)
class BilledCorp:
    corp_id: str
    name: str
    closed_at: int | None = None
    """When it was deleted, unix seconds; None while it exists."""


def the_billed_corp(tx: Transaction, corpid: str) -> BilledCorp:
    """The corp, even if deleted; raises SimError 404 for one that never existed."""
    corp = tx.session.get(Corp, corpid)
    if corp is not None:
        return BilledCorp(corp.corp_id, corp.name)
    closed = tx.session.get(ClosedCorp, corpid)
    if closed is None:
        refuse_while_restored(tx, corpid)
        raise SimError(404, f"there is no corp {corpid!r}; GET /_sim/corps lists them")
    return BilledCorp(closed.corp_id, closed.name, closed.closed_at)


def all_billed_corps(tx: Transaction, since: int) -> list[BilledCorp]:
    """The existing corps, then those deleted at `since` or later."""
    rows = tx.execute(sa.select(CORP.c.corp_id, CORP.c.name).order_by(CORP.c.corp_id))
    open_corps = [BilledCorp(row.corp_id, row.name) for row in rows]
    query = sa.select(CLOSED_CORP.c.corp_id, CLOSED_CORP.c.name, CLOSED_CORP.c.closed_at).where(
        CLOSED_CORP.c.closed_at >= since
    )
    closed = [
        BilledCorp(row.corp_id, row.name, row.closed_at)
        for row in tx.execute(query.order_by(CLOSED_CORP.c.corp_id))
    ]
    return [*open_corps, *closed]


def billed_corps_of_provider(
    tx: Transaction, provider_id: str, since: int
) -> list[tuple[BilledCorp, set[int]]]:
    """Those of all_billed_corps that have apps of the provider, with the agentids of these apps."""
    agentids: defaultdict[str, set[int]] = defaultdict(set)
    for table in (APP, CLOSED_APP):
        query = sa.select(table.c.corp_id, table.c.agentid).where(table.c.provider_id == provider_id)
        for row in tx.execute(query):
            agentids[row.corp_id].add(row.agentid)
    return [
        (billed, agentids[billed.corp_id])
        for billed in all_billed_corps(tx, since)
        if billed.corp_id in agentids
    ]
