"""Seats: members who need an interop account (互通账号) of the API licence (接口调用许可).

A provider's licence of a member covers all apps of that provider in the corp; another provider needs its
own, and the corp's own apps need none. A seat is taken by the first answered call that WeCom answers only
where the member is licensed (page 95652), and held until the member leaves or the corp is deleted. Each is a
record under the app that took it. Base accounts are asked for by what no app of a provider can do here:
signing members in, messages to them, calendars and the like.
"""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from app.billing import levels
from app.billing.ledger import TOTAL, Level
from app.billing.meters import SEATS, SEATS_INTEROP
from app.billing.tables import Budget, Seat
from app.db import Hot, Transaction
from app.gateway.call import Call
from app.gateway.permissions import PROVIDER_APPS
from app.gateway.tables import App

SEAT: sa.Table = Seat.__table__  # type: ignore[attr-defined]
_APP: sa.Table = App.__table__  # type: ignore[attr-defined]
_BUDGET: sa.Table = Budget.__table__  # type: ignore[attr-defined]

TAKEN, GIVEN_UP, CLOSED = "seat_taken", "seat_given_up", "corp_closed"
"""`operation` of the ledger's records of seats."""

_PROVIDER = Hot(
    sa.select(_APP.c.provider_id).where(
        _APP.c.corp_id == bindparam("corp_id"), _APP.c.agentid == bindparam("agentid")
    )
)


def take_seats(call: Call, userids: Iterable[str]) -> None:
    """The members, as the directory spells them, whose customers or groups the calling app gets to see.

    Those of them who have no seat with its provider get one. Does nothing for the corp's own apps.
    """
    if call.app_kind not in PROVIDER_APPS:
        return
    found = _PROVIDER.one(call.db, corp_id=call.corp_id, agentid=call.agentid)
    if found is None or found[0] is None:
        return
    wanted = set(userids)
    if not _without_seat(call, found[0], wanted):
        return
    levels.lock(call.db, call.corp_id)
    new = _without_seat(call, found[0], wanted)
    for userid in sorted(new):
        row = {"corp_id": call.corp_id, "provider_id": found[0], "userid": userid, "agentid": call.agentid}
        call.db.execute(sa.insert(SEAT).values(row))
        levels.change(call.db, call.corp_id, SEATS_INTEROP, 1, call.now, TAKEN, userid, call.agentid)
    if new and call.has_budget:
        # What a seat costs is not in the number of calls that fit: the spending is looked at anew.
        call.db.execute(sa.update(_BUDGET).where(_BUDGET.c.corp_id == call.corp_id).values(calls_left=0))


def _without_seat(call: Call, provider_id: str, wanted: set[str]) -> set[str]:
    of_provider = (SEAT.c.corp_id == call.corp_id) & (SEAT.c.provider_id == provider_id)
    held = call.db.execute(sa.select(SEAT.c.userid).where(of_provider, SEAT.c.userid.in_(wanted)))
    return wanted - set(held.scalars())


def give_up_seats(tx: Transaction, corp_id: str, userids: Collection[str], now: int) -> None:
    """The members have left: none of their seats is held from then on."""
    _end(tx, corp_id, now, GIVEN_UP, SEAT.c.userid.in_(userids))


def seats_end_with_corp(tx: Transaction, corp_id: str, now: int) -> None:
    _end(tx, corp_id, now, CLOSED, sa.true())


def _end(tx: Transaction, corp_id: str, now: int, operation: str, which: sa.ColumnElement[bool]) -> None:
    held = SEAT.c.corp_id == corp_id
    if tx.execute(sa.select(SEAT.c.userid).where(held, which).limit(1)).first() is None:
        return
    levels.lock(tx, corp_id)
    ended = sa.delete(SEAT).where(held, which).returning(SEAT.c.userid, SEAT.c.agentid)
    for seat in sorted(tuple(row) for row in tx.execute(ended)):
        userid, agentid = seat
        levels.change(tx, corp_id, SEATS_INTEROP, -1, now, operation, userid, agentid)


def seats_of_apps(
    tx: Transaction, corp_id: str, agentids: Collection[int], held: Iterable[Level], since: int, until: int
) -> list[Level]:
    """Of what the corp `held`, the seats that these apps took.

    Where all are theirs they are read as they are kept, else from the records.
    """
    seats = [level for level in held if level.meter in SEATS]
    if not seats:
        return []
    of_seats = sa.select(TOTAL.c.agentid).where(TOTAL.c.corp_id == corp_id, TOTAL.c.meter.in_(SEATS))
    took: set[Any] = set(tx.execute(of_seats.distinct()).scalars())
    if took <= set(agentids):
        return seats
    return levels.levels_from_records(tx, corp_id, since, until, meters=SEATS, agentids=agentids)
