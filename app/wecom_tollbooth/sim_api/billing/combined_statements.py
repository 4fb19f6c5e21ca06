"""The bills of a month of several corps in one: of those that a provider serves, or of all.

Each corp is worked out in a transaction of its own, and calls come in between, however many corps there are.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.provider_charges import books_of_provider, used_by_apps
from wecom_tollbooth.billing.seats import seats_of_apps
from wecom_tollbooth.billing.statements import Statement, UnpricedCalls, make_statement
from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.billing.billed_corps import Billed, all_billed, billed_of_provider
from wecom_tollbooth.sim_api.billing.formats import Format, InFormat, answered
from wecom_tollbooth.sim_api.billing.statement import shown
from wecom_tollbooth.sim_api.billing.usage import held_in, used_in
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_provider
from wecom_tollbooth.sim_api.times import the_month
from wecom_tollbooth.world import clock

router = APIRouter()

NOTHING = Decimal("0.00")


@router.get("/providers/{provider_id}/statement", response_model=None)
async def provider_statement(
    provider_id: str,
    server: TheServer,
    request: Request,
    month: str | None = None,
    format: InFormat = Format.JSON,
) -> dict[str, Any] | Response:
    """{"provider_id", "name", "month", "currency", "price_book", "total", "corps": [a statement each]}.

    Of each corp that has apps of the provider: the calls of those apps, and the seats they took. Free
    allowances and tiers count for each corp by itself. The total is the sum of the totals of the corps.
    """

    def look(tx: Transaction) -> tuple[str, str, list[tuple[Billed, set[int]]]]:
        the_provider(tx, provider_id)
        wanted = the_month(tx, month)
        since, _ = clock.month_bounds(wanted)
        return wanted, _name(tx, provider_id), billed_of_provider(tx, provider_id, since)

    wanted, name, corps = await server.run(look)
    books = books_of_provider(server.price_books)

    def of_apps(tx: Transaction, billed: Billed, agentids: set[int]) -> Statement:
        used = used_by_apps(used_in(tx, billed.corp_id, wanted), agentids)
        of_corp = held_in(tx, billed.corp_id, wanted)
        held = seats_of_apps(tx, billed.corp_id, agentids, of_corp, *clock.month_bounds(wanted))
        return make_statement(billed.corp_id, wanted, books, used, held)

    sections = await _each(
        server, [(billed, partial(of_apps, billed=billed, agentids=own)) for billed, own in corps]
    )
    whole = {"provider_id": provider_id, "name": name, **_summed(wanted, books, sections)}
    return await answered(request, format, whole)


@router.get("/statement", response_model=None)
async def statement_of_all(
    server: TheServer, request: Request, month: str | None = None, format: InFormat = Format.JSON
) -> dict[str, Any] | Response:
    """{"month", "currency", "price_book", "total", "corps": [a statement each]}: every corp of the server.

    Calls that named no corp are on no statement.
    """

    def look(tx: Transaction) -> tuple[str, list[Billed]]:
        wanted = the_month(tx, month)
        return wanted, all_billed(tx, clock.month_bounds(wanted)[0])

    wanted, corps = await server.run(look)
    books = server.price_books

    def of_corp(tx: Transaction, billed: Billed) -> Statement:
        used = used_in(tx, billed.corp_id, wanted)
        return make_statement(billed.corp_id, wanted, books, used, held_in(tx, billed.corp_id, wanted))

    sections = await _each(server, [(billed, partial(of_corp, billed=billed)) for billed in corps])
    return await answered(request, format, _summed(wanted, books, sections))


Work = Callable[[Transaction], Statement]


async def _each(server: Server, corps: list[tuple[Billed, Work]]) -> list[dict[str, Any]]:
    """The statements of corps, one after the other. Raises SimError 409 for a meter without a price."""
    sections = []
    for billed, work in corps:
        try:
            sections.append(shown(billed, await server.run(work)))
        except UnpricedCalls as error:
            raise SimError(409, f"{billed.corp_id}: {error}") from None
        await asyncio.sleep(0)  # with SQLite, run() does not let the calls that wait come in between
    return sections


def _summed(month: str, books: PriceBooks, sections: list[dict[str, Any]]) -> dict[str, Any]:
    total = sum((Decimal(section["total"]) for section in sections), NOTHING)
    return {
        "month": month,
        "currency": books.currency,
        "price_book": books.names,
        "total": f"{total:.2f}",
        "corps": sections,
    }


def _name(tx: Transaction, provider_id: str) -> str:
    """What the provider is called, or "" where its corp was deleted."""
    corp = tx.session.get(Corp, provider_id)
    return corp.name if corp else ""
