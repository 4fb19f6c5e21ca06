"""The prepaid quota of 获客助手: lots with an expiry; the lot that expires first is used first.

Source: pages 97375 and 97299 (2026-08). `total` is all quota ever used, `balance` the rest in lots
that have not expired. The corp is notified below 20 and again at 0, when links stop adding customers.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.acquisition_links import (
    BalanceExhausted,
    BalanceIncreased,
    BalanceLow,
    QuotaExpireSoon,
)
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.acquisition_links.tables import LINK_CUSTOMER, QUOTA_LOT, QuotaLot
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

LOW = 20
TOLD_DAYS_BEFORE = (14, 7, 3, 2, 1)


_LOTS = CompiledStatement(
    sa.select(QUOTA_LOT.c.lot_id, QUOTA_LOT.c.expires_at, QUOTA_LOT.c.balance)
    .where(
        QUOTA_LOT.c.corp_id == bindparam("corp_id"),
        QUOTA_LOT.c.expires_at > bindparam("now"),
        QUOTA_LOT.c.balance > 0,
    )
    .order_by(QUOTA_LOT.c.expires_at, QUOTA_LOT.c.lot_id)
)
_TAKE_ONE = CompiledStatement(
    sa.update(QUOTA_LOT)
    .where(
        QUOTA_LOT.c.corp_id == bindparam("of_corp_id"),
        QUOTA_LOT.c.lot_id == bindparam("of_lot_id"),
        QUOTA_LOT.c.expires_at > bindparam("now"),
        QUOTA_LOT.c.balance > 0,
    )
    .values(balance=QUOTA_LOT.c.balance - 1)
)
_USED = CompiledStatement(sa.select(sa.func.count()).where(LINK_CUSTOMER.c.corp_id == bindparam("corp_id")))


def lots(db: Transaction, corp_id: str, now: int) -> list[tuple[int, int, int]]:
    """Returns lot_id, expires_at and balance of the usable lots, the first to expire first."""
    return [(row[0], row[1], row[2]) for row in _LOTS.all(db, corp_id=corp_id, now=now)]


def balance(db: Transaction, corp_id: str, now: int) -> int:
    return sum(left for _, _, left in lots(db, corp_id, now))


def used(db: Transaction, corp_id: str) -> int:
    """Returns the units ever used: the customers added through links."""
    row = _USED.one(db, corp_id=corp_id)
    return int(row[0]) if row else 0


def take_one(act: Act) -> bool:
    """Takes one unit and notifies the corp if the balance becomes low or 0; False if nothing is left."""
    for lot_id, _, _ in lots(act.db, act.corp_id, act.now):
        # The UPDATE checks the balance, not the earlier read, so that parallel acts can't overdraw it.
        if _TAKE_ONE.run(act.db, of_corp_id=act.corp_id, of_lot_id=lot_id, now=act.now):
            left = balance(act.db, act.corp_id, act.now)
            if left == LOW - 1:
                emit(act, BalanceLow())
            if left == 0:
                emit(act, BalanceExhausted())
            return True
    return False


def buy(act: Act, amount: int, expires_at: int) -> int:
    """Adds a lot, schedules its expiry and returns its lot_id; balance_increased if nothing was left."""
    before = balance(act.db, act.corp_id, act.now)
    lot_id = act.next_id()
    act.db.session.add(
        QuotaLot(
            corp_id=act.corp_id,
            lot_id=lot_id,
            bought=amount,
            balance=amount,
            bought_at=act.now,
            expires_at=expires_at,
        )
    )
    act.db.flush()
    for at in _told_at(expires_at):
        if at > act.now:
            schedule(act, "quota_expires_soon", at, str(lot_id))
    schedule(act, "quota_lot_expires", expires_at, str(lot_id))
    if before == 0:
        emit(act, BalanceIncreased())
    return lot_id


@scheduled_task("quota_expires_soon")
def quota_expires_soon(act: Act, reference: str) -> None:
    """Notifies 14, 7, 3, 2 and 1 days before a lot expires, if any of it is left."""
    lot = act.db.session.get(QuotaLot, (act.corp_id, int(reference)))
    if lot is not None and lot.balance:
        emit(act, QuotaExpireSoon(ExpireTime=lot.expires_at, ExpireQuotaNum=lot.balance))


@scheduled_task("quota_lot_expires")
def quota_lot_expires(act: Act, reference: str) -> None:
    """Raises balance_exhausted if the expired lot was the last one with units left."""
    lot = act.db.session.get(QuotaLot, (act.corp_id, int(reference)))
    if lot is not None and lot.balance and balance(act.db, act.corp_id, act.now) == 0:
        emit(act, BalanceExhausted())


def _told_at(expires_at: int) -> Iterator[int]:
    for days in TOLD_DAYS_BEFORE:
        yield expires_at - days * DAY
