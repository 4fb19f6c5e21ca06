"""The prepaid quota of 获客助手: lots with expiry, the one that expires first is used first.

Source: pages 97375 and 97299 (2026-08). `total` is what was ever used; `balance` what is left in lots that
have not expired. Below 20 the corp is told, at 0 too, and then links add nobody.
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
    """lot_id, expires_at and balance of what can still be used, the first to expire first."""
    return [(row[0], row[1], row[2]) for row in _LOTS.all(db, corp_id=corp_id, now=now)]


def balance(db: Transaction, corp_id: str, now: int) -> int:
    return sum(left for _, _, left in lots(db, corp_id, now))


def used(db: Transaction, corp_id: str) -> int:
    """Units used since the corp began: the customers added through links."""
    row = _USED.one(db, corp_id=corp_id)
    return int(row[0]) if row else 0


def take_one(act: Act) -> bool:
    """Takes one unit and tells the corp where that makes it low or empty; False when nothing is left."""
    for lot_id, _, _ in lots(act.db, act.corp_id, act.now):
        # The row decides, not the look before it: of many who come at once only so many get one.
        if _TAKE_ONE.run(act.db, of_corp_id=act.corp_id, of_lot_id=lot_id, now=act.now):
            left = balance(act.db, act.corp_id, act.now)
            if left == LOW - 1:
                emit(act, BalanceLow())
            if left == 0:
                emit(act, BalanceExhausted())
            return True
    return False


def buy(act: Act, amount: int, expires_at: int) -> int:
    """Adds a lot and writes down its expiry; balance_increased when there was nothing left. Its lot_id."""
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
    """14, 7, 3, 2 and 1 days before a lot expires, if there is anything left of it."""
    lot = act.db.session.get(QuotaLot, (act.corp_id, int(reference)))
    if lot is not None and lot.balance:
        emit(act, QuotaExpireSoon(ExpireTime=lot.expires_at, ExpireQuotaNum=lot.balance))


@scheduled_task("quota_lot_expires")
def quota_lot_expires(act: Act, reference: str) -> None:
    """What is left of the lot is gone; balance_exhausted if it was the last that had anything."""
    lot = act.db.session.get(QuotaLot, (act.corp_id, int(reference)))
    if lot is not None and lot.balance and balance(act.db, act.corp_id, act.now) == 0:
        emit(act, BalanceExhausted())


def _told_at(expires_at: int) -> Iterator[int]:
    for days in TOLD_DAYS_BEFORE:
        yield expires_at - days * DAY
