"""Seats: the accounts of the API licence (接口调用许可) that members need or hold with a provider.

A provider's licence for a member covers all its apps in the corp; another provider needs its own, and the
corp's own apps need none. An interop seat (互通账号) is taken by the first answered call that WeCom answers
only for licensed members (page 95652), or by an account given to the member. A base seat (基础账号) is taken
only by an account, because the operations that need one (sign-in, messages to members, calendars) aren't
simulated for provider apps. A seat is held until the account expires or is removed, the member leaves, or the
corp is deleted. It is booked to the app that took it; the seat of an account to the provider's first app in
the corp.
"""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing import levels
from wecom_tollbooth.billing.ledger import Level
from wecom_tollbooth.billing.meters import SEATS, SEATS_BASE, SEATS_INTEROP
from wecom_tollbooth.billing.tables import BUDGET, SEAT, USAGE_TOTAL
from wecom_tollbooth.corps.app_kinds import PROVIDER_APPS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.world.context import Context

BASE, INTEROP = 1, 2
"""Account types, in WeCom's numbers."""
_METERS = {BASE: SEATS_BASE, INTEROP: SEATS_INTEROP}

MEMBERS_AT_ONCE = 50
"""Members whose seats end in one transaction: it has ids for 500 seats."""

TAKEN, GIVEN_UP, EXPIRED, CLOSED = "seat_taken", "seat_given_up", "seat_expired", "corp_closed"
"""The `operation` of ledger records about seats."""

_PROVIDER = CompiledStatement(
    sa.select(APP.c.provider_id).where(
        APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid")
    )
)


def take_seats(context: Context, userids: Iterable[str]) -> None:
    """Takes an interop seat with the calling app's provider for those of the members who have none.

    `userids` are the members, as the directory spells them, whose customers or groups the app is answered.
    Does nothing for the corp's own apps.
    """
    if context.app_kind not in PROVIDER_APPS:
        return
    found = _PROVIDER.one(context.db, corp_id=context.corp_id, agentid=context.agentid)
    if found is None or found[0] is None:
        return
    wanted = set(userids)
    if not _without_seat(context.db, context.corp_id, found[0], INTEROP, wanted):
        return
    levels.lock(context.db, context.corp_id)
    hold(context, found[0], context.agentid, INTEROP, wanted)


def hold(context: Context, provider_id: str, agentid: int, of_type: int, userids: Collection[str]) -> None:
    """Takes a seat of the type for those of the members who have none; `levels.lock` must be held."""
    tx, corp_id = context.db, context.corp_id
    new = sorted(_without_seat(tx, corp_id, provider_id, of_type, userids))
    if not new:
        return
    seat = {"corp_id": corp_id, "provider_id": provider_id, "type": of_type, "agentid": agentid}
    tx.execute(sa.insert(SEAT), [seat | {"userid": userid} for userid in new])
    whose = [(userid, agentid) for userid in new]
    levels.change_each(context, _METERS[of_type], 1, TAKEN, whose)
    # The number of calls that still fit the budget doesn't include the cost of a seat: evaluate it again.
    tx.execute(sa.update(BUDGET).where(BUDGET.c.corp_id == corp_id).values(calls_left=0))


def _without_seat(
    tx: Transaction, corp_id: str, provider_id: str, of_type: int, wanted: Collection[str]
) -> set[str]:
    of_provider = (SEAT.c.corp_id == corp_id) & (SEAT.c.provider_id == provider_id)
    held = sa.select(SEAT.c.userid).where(of_provider, SEAT.c.type == of_type, SEAT.c.userid.in_(wanted))
    return set(wanted) - set(tx.execute(held).scalars())


def held_in_corp(tx: Transaction, corp_id: str) -> int:
    """The number of seats in the corp; ending each takes a record and an id."""
    return int(tx.execute(sa.select(sa.func.count()).where(SEAT.c.corp_id == corp_id)).scalar_one())


def give_up_seats(context: Context, userids: Collection[str]) -> None:
    """Ends all seats of members who have left."""
    _end(context, GIVEN_UP, SEAT.c.userid.in_(userids))


def end(
    context: Context, provider_id: str, of_type: int, operation: str, which: sa.ColumnElement[bool]
) -> None:
    """Ends the seats of one type with one provider that match `which`."""
    _end(context, operation, (SEAT.c.provider_id == provider_id) & (SEAT.c.type == of_type) & which)


def seats_end_with_corp(context: Context) -> bool:
    """The corp is deleted: ends the seats of some members; False when none is held any more."""
    of_corp = sa.select(SEAT.c.userid).where(SEAT.c.corp_id == context.corp_id)
    userids = list(context.db.execute(of_corp.distinct().limit(MEMBERS_AT_ONCE)).scalars())
    _end(context, CLOSED, SEAT.c.userid.in_(userids))
    return bool(userids)


def _end(context: Context, operation: str, which: sa.ColumnElement[bool]) -> None:
    held = SEAT.c.corp_id == context.corp_id
    if context.db.execute(sa.select(SEAT.c.userid).where(held, which).limit(1)).first() is None:
        return
    levels.lock(context.db, context.corp_id)
    ended = sa.delete(SEAT).where(held, which).returning(SEAT.c.userid, SEAT.c.agentid, SEAT.c.type)
    seats = sorted(tuple(row) for row in context.db.execute(ended))
    for of_type, meter in _METERS.items():
        whose = [(userid, agentid) for userid, agentid, type_of_seat in seats if type_of_seat == of_type]
        levels.change_each(context, meter, -1, operation, whose)


def seats_of_apps(
    context: Context, agentids: Collection[int], held: Iterable[Level], since: int, until: int
) -> list[Level]:
    """The seats in `held`, the corp's levels, that these apps took.

    Calculated from the records unless these apps took all of the corp's seats.
    """
    seats = [level for level in held if level.meter in SEATS]
    if not seats:
        return []
    of_seats = sa.select(USAGE_TOTAL.c.agentid).where(
        USAGE_TOTAL.c.corp_id == context.corp_id, USAGE_TOTAL.c.meter.in_(SEATS)
    )
    took: set[Any] = set(context.db.execute(of_seats.distinct()).scalars())
    if took <= set(agentids):
        return seats
    return levels.levels_from_records(context, since, until, meters=SEATS, agentids=agentids)
