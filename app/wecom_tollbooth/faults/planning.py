"""Plans faults, lists and deletes them.

`corp.faulty_paths` names the paths that have a fault which may fire. It comes with the token of a call, so a
call without a planned fault costs no statement, and every worker knows of a fault once it is committed.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.faults.tables import PLANNED_FAULT, PlannedFault
from wecom_tollbooth.world.context import Context

EVERY_OPERATION = "*"
CALLBACK = "callback"
MOST_FAULTS = 1_000
"""Faults of one corp, with those that fire no more."""


class TooManyFaults(Exception):
    """The corp has MOST_FAULTS already."""


def plan(context: Context, path: str, effect: dict[str, Any], **about: Any) -> PlannedFault:
    """Plans a fault behind those that are there; `about` are other columns. Raises TooManyFaults."""
    tx, corp_id = context.db, context.corp_id
    _lock_corp(tx, corp_id)
    of_corp = PLANNED_FAULT.c.corp_id == corp_id
    if tx.execute(sa.select(sa.func.count()).where(of_corp)).scalar_one() >= MOST_FAULTS:
        raise TooManyFaults
    last = tx.execute(sa.select(sa.func.max(PLANNED_FAULT.c.position)).where(of_corp)).scalar()
    fault = PlannedFault(
        corp_id=corp_id,
        id=context.next_id(),
        position=(last or 0) + 1,
        path=path,
        effect=effect,
        created_at=context.now,
        **about,
    )
    tx.session.add(fault)
    tx.flush()
    note_faulty_paths(context)
    return fault


def faults_of(tx: Transaction, corp_id: str) -> Sequence[sa.Row[Any]]:
    """The faults in the order in which they were planned."""
    query = sa.select(PLANNED_FAULT).where(PLANNED_FAULT.c.corp_id == corp_id)
    return tx.execute(query.order_by(PLANNED_FAULT.c.position)).all()


def delete(tx: Transaction, corp_id: str, fault: int | None = None) -> list[int]:
    """Deletes the fault, or all, and returns their ids.

    Have `note_faulty_paths` called in a transaction of its own afterwards: a call holds a fault and may wait
    for the corp, so nobody may hold the corp and wait for a fault, or the other way round.
    """
    these = PLANNED_FAULT.c.corp_id == corp_id
    if fault is not None:
        these &= PLANNED_FAULT.c.id == fault
    # Locked in the order in which calls lock them, so that no two wait for each other.
    locked = sa.select(PLANNED_FAULT.c.id).where(these).order_by(PLANNED_FAULT.c.position).with_for_update()
    deleted = list(tx.execute(locked).scalars())
    tx.execute(sa.delete(PLANNED_FAULT).where(these, PLANNED_FAULT.c.id.in_(deleted)))
    return deleted


def note_faulty_paths(context: Context) -> None:
    """Tells calls which paths have a fault that may fire."""
    tx, corp_id, fault = context.db, context.corp_id, PLANNED_FAULT.c
    # First the lock: the statement after it sees what was planned by the transaction that held it.
    _lock_corp(tx, corp_id)
    may_fire = fault.times.is_(None) | (fault.fired < fault.times) | (fault.blocked_until > context.now)
    paths = tx.execute(sa.select(fault.path).where(fault.corp_id == corp_id, may_fire).distinct()).scalars()
    named = " ".join(sorted(paths)) or None
    tx.execute(sa.update(CORP).where(CORP.c.corp_id == corp_id).values(faulty_paths=named))


def _lock_corp(tx: Transaction, corp_id: str) -> None:
    tx.execute(sa.select(CORP.c.corp_id).where(CORP.c.corp_id == corp_id).with_for_update(key_share=True))
