"""Usage of a month: how many calls were charged and refused, and how many contacts there were."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlmodel import col, select

from app.billing.ledger import Level, Used, used_by_day
from app.billing.meters import CONTACTS
from app.db import Transaction
from app.families.customers.contacts import contacts_followed
from app.gateway.tables import Corp
from app.sim_api.corps import the_corp
from app.sim_api.server import TheServer
from app.sim_api.times import the_month
from app.world import clock

router = APIRouter()

NO_CORP = ""


@router.get("/corps/{corpid}/usage")
async def corp_usage(corpid: str, server: TheServer, month: str | None = None) -> dict[str, Any]:
    """{"corpid", "month", "calls": {"charged", "refused", "by_operation"}, "contacts"}.

    `month` is YYYY-MM in Asia/Shanghai, by default the clock's present one. `contacts` are the distinct
    contacts that a member followed at any time in the month.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        wanted = the_month(tx, month)
        calls, contacts = used_in(tx, corpid, wanted)
        return {
            "corpid": corpid,
            "month": wanted,
            "calls": _counted(calls),
            "contacts": sum(contacts.values()),
        }

    return await server.run(work)


@router.get("/usage")
async def server_usage(server: TheServer, month: str | None = None) -> dict[str, Any]:
    """The same for the whole server, with the sums of each corp in `corps`.

    The corpid "" has the calls that named no corp, such as those with an unknown token.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        wanted = the_month(tx, month)
        everything: list[Used] = []
        corps = []
        for corpid in (NO_CORP, *tx.session.exec(select(Corp.corp_id).order_by(col(Corp.corp_id)))):
            calls, contacts = used_in(tx, corpid, wanted)
            everything += calls
            sums = {"charged": _sum(calls, charged=True), "refused": _sum(calls, charged=False)}
            corps.append({"corpid": corpid, **sums, "contacts": sum(contacts.values())})
        return {
            "month": wanted,
            "calls": _counted(everything),
            "contacts": sum(corp["contacts"] for corp in corps),
            "corps": corps,
        }

    return await server.run(work)


def held_in(tx: Transaction, corpid: str, month: str) -> list[Level]:
    """The contacts of the month; none before it began."""
    since, until = clock.month_bounds(month)
    now = clock.now(tx)
    if now < since:
        return []
    contacts = sum(contacts_followed(tx, corpid, since, until).values())
    return [Level(date.fromisoformat(clock.day_of(min(now, until - 1))), CONTACTS, contacts)]


def used_in(tx: Transaction, corpid: str, month: str) -> tuple[list[Used], dict[str, int]]:
    """The calls of the month by operation and outcome, and its contacts by member; none before it began."""
    since, until = clock.month_bounds(month)
    begun = since <= clock.now(tx)
    contacts = contacts_followed(tx, corpid, since, until) if begun else {}
    return used_by_day(tx, corpid, since, until), contacts


def _counted(calls: list[Used]) -> dict[str, Any]:
    by_operation: defaultdict[str, list[Used]] = defaultdict(list)
    for item in calls:
        by_operation[item.operation].append(item)
    return {
        "charged": _sum(calls, charged=True),
        "refused": _sum(calls, charged=False),
        "by_operation": {
            path: {"charged": _sum(items, charged=True), "refused": _sum(items, charged=False)}
            for path, items in sorted(by_operation.items())
        },
    }


def _sum(calls: Iterable[Used], *, charged: bool) -> int:
    return sum(item.quantity for item in calls if item.charged is charged)
