"""Usage of a month: how many calls were charged and refused, and how many contacts there were."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from sqlmodel import col, select

from wecom_tollbooth.billing.ledger import Level, Used, used_by_day
from wecom_tollbooth.billing.levels import levels_by_day
from wecom_tollbooth.billing.meters import CONTACTS, LINK_CONTACTS, NOT_CALLS, SEATS_BASE, SEATS_INTEROP
from wecom_tollbooth.billing.tables import ClosedCorp
from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.billing.billed_corps import the_billed
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.times import the_month
from wecom_tollbooth.world import clock

router = APIRouter()

NO_CORP = ""


@router.get("/corps/{corpid}/usage")
async def corp_usage(corpid: str, server: TheServer, month: str | None = None) -> dict[str, Any]:
    """{"corpid", "month", "calls": {"charged", "refused", "by_operation"}, "contacts", …}.

    `month` is YYYY-MM in Asia/Shanghai, by default the clock's present one. `contacts` is the most that there
    were on one day of the month, `link_contacts` how many came through acquisition links, `seats` the most
    members who needed an API licence, {"base", "interop"}.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        the_billed(tx, corpid)
        wanted = the_month(tx, month)
        used, held = used_in(tx, corpid, wanted), _held(tx, corpid, wanted)
        return {"corpid": corpid, "month": wanted, "calls": _counted(used), **_beside_calls(used, held)}

    return await server.run(work)


@router.get("/usage")
async def server_usage(server: TheServer, month: str | None = None) -> dict[str, Any]:
    """The same for the whole server, with the sums of each corp in `corps`, deleted ones last.

    The corpid "" has the calls that named no corp, such as those with an unknown token.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        wanted = the_month(tx, month)
        everything: list[Used] = []
        every_held: Counter[str] = Counter()
        corps = []
        open_corps = tx.session.exec(select(Corp.corp_id).order_by(col(Corp.corp_id)))
        closed = tx.session.exec(select(ClosedCorp.corp_id).order_by(col(ClosedCorp.corp_id)))
        for corpid in (NO_CORP, *open_corps, *closed):
            used, held = used_in(tx, corpid, wanted), _held(tx, corpid, wanted)
            everything += used
            every_held.update(held)
            corps.append({"corpid": corpid, **_charged_and_refused(used), **_beside_calls(used, held)})
        return {
            "month": wanted,
            "calls": _counted(everything),
            **_beside_calls(everything, every_held),
            "corps": corps,
        }

    return await server.run(work)


def used_in(tx: Transaction, corpid: str, month: str) -> list[Used]:
    """What was used in the month, day by day."""
    return used_by_day(tx, corpid, *clock.month_bounds(month))


def held_in(tx: Transaction, corpid: str, month: str) -> list[Level]:
    """The most of contacts and seats on each day of the month; none for days that have not begun."""
    return levels_by_day(tx, corpid, *clock.month_bounds(month))


def _held(tx: Transaction, corpid: str, month: str) -> Counter[str]:
    """The most of each meter on one day of the month."""
    most: Counter[str] = Counter()
    for level in held_in(tx, corpid, month):
        most[level.meter] = max(most[level.meter], level.peak)
    return most


def _beside_calls(used: Iterable[Used], held: Counter[str]) -> dict[str, Any]:
    return {
        "contacts": held[CONTACTS],
        "link_contacts": sum(item.quantity for item in used if item.meter == LINK_CONTACTS),
        "seats": {"base": held[SEATS_BASE], "interop": held[SEATS_INTEROP]},
    }


def _counted(used: list[Used]) -> dict[str, Any]:
    by_operation: defaultdict[str, list[Used]] = defaultdict(list)
    for item in used:
        if item.meter not in NOT_CALLS:
            by_operation[item.operation].append(item)
    return {
        **_charged_and_refused(used),
        "by_operation": {path: _charged_and_refused(items) for path, items in sorted(by_operation.items())},
    }


def _charged_and_refused(used: Iterable[Used]) -> dict[str, int]:
    counted = {"charged": 0, "refused": 0}
    for item in used:
        if item.meter not in NOT_CALLS:
            counted["charged" if item.charged else "refused"] += item.quantity
    return counted
