"""Finds the fault that a call or an attempt to deliver meets, and counts it in the same transaction.

The faults of the path stay locked until the transaction ends, so that a fault fires as often as planned
whatever number of workers meets it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.faults.effects import Effect, Window
from wecom_tollbooth.faults.planning import CALLBACK, EVERY_OPERATION
from wecom_tollbooth.faults.tables import PLANNED_FAULT
from wecom_tollbooth.world.clock import HOUR, MINUTE
from wecom_tollbooth.world.context import Context

SECONDS: dict[Window, int] = {"minute": MINUTE, "hour": HOUR}

_fault = PLANNED_FAULT.c
_MAY_FIRE = CompiledStatement(
    sa.select(
        _fault.id,
        _fault.agentid,
        _fault.times,
        _fault.skip,
        _fault.probability,
        _fault.effect,
        _fault.seen,
        _fault.fired,
        _fault.blocked_until,
    )
    .where(
        _fault.corp_id == bindparam("corp_id"),
        _fault.path.in_([bindparam("path"), bindparam("or_path"), bindparam("or_else")]),
        _fault.times.is_(None) | (_fault.fired < _fault.times) | (_fault.blocked_until > bindparam("now")),
    )
    .order_by(_fault.position)
    .with_for_update()
)
_COUNT = CompiledStatement(
    sa.update(PLANNED_FAULT)
    .where(_fault.corp_id == bindparam("of_corp_id"), _fault.id == bindparam("of_id"))
    .values(
        seen=bindparam("new_seen"), fired=bindparam("new_fired"), blocked_until=bindparam("new_blocked_until")
    )
)


@dataclass(frozen=True)
class Met:
    """The fault that is met. `blocked_until` is the end of the window of its rate limit."""

    id: int
    effect: Effect
    delay_seconds: float = 0.0
    blocked_until: int = 0


@dataclass(frozen=True)
class Meeting:
    """What a look at the faults came to. `is_last`: they may fire no more, so the paths need a new look."""

    met: Met | None
    is_last: bool


NOTHING = Meeting(None, False)


def meet_in_call(context: Context, path: str, applies: Callable[[Effect], bool]) -> Meeting:
    """The first planned fault that fires for a call of the operation; `applies` says which could."""
    return _meet(context, (path, EVERY_OPERATION, EVERY_OPERATION), context.agentid, applies)


def meet_in_delivery(
    context: Context, agentid: int, event: str, change_type: str, applies: Callable[[Effect], bool]
) -> Meeting:
    """The first planned fault that fires for an attempt to deliver the event to the app."""
    paths = (CALLBACK, f"{CALLBACK}/{event}", f"{CALLBACK}/{change_type or event}")
    return _meet(context, paths, agentid, applies)


def _meet(
    context: Context, paths: tuple[str, str, str], agentid: int, applies: Callable[[Effect], bool]
) -> Meeting:
    db, corp_id, now = context.db, context.corp_id, context.now
    path, or_path, or_else = paths
    rows = _MAY_FIRE.all(db, corp_id=corp_id, path=path, or_path=or_path, or_else=or_else, now=now)
    for id_, of_app, times, skip, probability, stored, seen, fired, blocked_until in rows:
        effect = Effect.stored(stored)
        if of_app not in (None, agentid) or not applies(effect):
            continue
        # A block that ends too late is from before the clock was set back.
        if effect.rate_limit and now < (blocked_until or 0) <= now + SECONDS[effect.rate_limit]:
            return Meeting(Met(id_, effect, blocked_until=blocked_until), False)
        if times is not None and fired >= times:
            continue
        seen += 1
        rng = random.Random(f"{context.seed}/fault/{corp_id}/{id_}/{seen}")
        fires = seen > skip and rng.random() < probability
        fired += fires
        if fires and effect.rate_limit:
            blocked_until = now + SECONDS[effect.rate_limit]
        count: dict[str, Any] = {
            "new_seen": seen,
            "new_fired": fired,
            "new_blocked_until": blocked_until,
        }
        _COUNT.run(db, of_corp_id=corp_id, of_id=id_, **count)
        if fires:
            met = Met(id_, effect, effect.delay_seconds(rng), blocked_until or 0)
            return Meeting(met, fired == times and not effect.rate_limit)
    return Meeting(None, not rows)
