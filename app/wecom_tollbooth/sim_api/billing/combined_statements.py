"""The statements of several corps in one: of those that a provider serves, or of all.

Each corp is computed in a transaction of its own, so that calls are served in between however many corps
there are.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from typing_extensions import TypedDict

from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.provider_charges import books_of_provider, used_by_apps
from wecom_tollbooth.billing.seats import seats_of_apps
from wecom_tollbooth.billing.statements import Statement, UnpricedCalls, make_statement
from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.billing.billed_corps import (
    BilledCorp,
    all_billed_corps,
    billed_corps_of_provider,
)
from wecom_tollbooth.sim_api.billing.formats import OTHER_FORMATS, Format, InFormat, answered
from wecom_tollbooth.sim_api.billing.statement import StatementReply, shown
from wecom_tollbooth.sim_api.billing.usage import Month, held_in, used_in
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_provider
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.times import the_month
from wecom_tollbooth.world import clock

router = control_routes()

NOTHING = Decimal("0.00")


class CombinedStatementReply(TypedDict):
    month: str
    currency: str
    price_book: str
    total: str
    corps: list[StatementReply]


class ProviderStatementReply(TypedDict):
    provider_id: str
    name: str
    month: str
    currency: str
    price_book: str
    total: str
    corps: list[StatementReply]


@router.get(
    "/providers/{provider_id}/statement",
    response_model=ProviderStatementReply,
    responses=OTHER_FORMATS | CONFLICT,
)
async def get_provider_statement(
    provider_id: str,
    server: TheServer,
    request: Request,
    month: Month = None,
    format: InFormat = Format.JSON,
) -> ProviderStatementReply | Response:
    """查看服务商账单 / Show the statement of a provider

    服务商在每个有其应用的企业里的费用：这些应用的调用与占用的席位。免费额度与阶梯按企业分别计算，总额为各企业
    之和。

    Of each corp that has apps of the provider: the calls of those apps, and the seats they took. Free
    allowances and tiers count for each corp by itself. The total is the sum of the corps' totals.
    """

    def look(tx: Transaction) -> tuple[str, str, list[tuple[BilledCorp, set[int]]]]:
        the_provider(tx, provider_id)
        wanted = the_month(server.context(tx, provider_id), month)
        since, _ = clock.month_bounds(wanted)
        return wanted, _name(tx, provider_id), billed_corps_of_provider(tx, provider_id, since)

    wanted, name, corps = await server.run(look)
    books = books_of_provider(server.price_books)

    def of_apps(tx: Transaction, billed: BilledCorp, agentids: set[int]) -> Statement:
        context = server.context(tx, billed.corp_id)
        used = used_by_apps(used_in(context, wanted), agentids)
        held = seats_of_apps(context, agentids, held_in(context, wanted), *clock.month_bounds(wanted))
        return make_statement(billed.corp_id, wanted, books, used, held)

    sections = await _each(
        server, [(billed, partial(of_apps, billed=billed, agentids=own)) for billed, own in corps]
    )
    whole: ProviderStatementReply = {
        "provider_id": provider_id,
        "name": name,
        **_summed(wanted, books, sections),
    }
    return await answered(request, format, whole)


@router.get("/statement", response_model=CombinedStatementReply, responses=OTHER_FORMATS | CONFLICT)
async def get_server_statement(
    server: TheServer, request: Request, month: Month = None, format: InFormat = Format.JSON
) -> CombinedStatementReply | Response:
    """查看全部账单 / Show the statements of all corps

    所有企业的账单与合计。不属于任何企业的调用不在账单上。

    Every corp of the server, and their sum. Calls that named no corp are on no statement.
    """

    def look(tx: Transaction) -> tuple[str, list[BilledCorp]]:
        wanted = the_month(server.context(tx), month)
        return wanted, all_billed_corps(tx, clock.month_bounds(wanted)[0])

    wanted, corps = await server.run(look)
    books = server.price_books

    def of_corp(tx: Transaction, billed: BilledCorp) -> Statement:
        context = server.context(tx, billed.corp_id)
        used, held = used_in(context, wanted), held_in(context, wanted)
        return make_statement(billed.corp_id, wanted, books, used, held)

    sections = await _each(server, [(billed, partial(of_corp, billed=billed)) for billed in corps])
    return await answered(request, format, _summed(wanted, books, sections))


Work = Callable[[Transaction], Statement]


async def _each(server: Server, corps: list[tuple[BilledCorp, Work]]) -> list[StatementReply]:
    """The statements of the corps, in their order. Raises SimError 409 for a meter without a price."""
    sections: list[StatementReply] = []
    for billed, work in corps:
        try:
            sections.append(shown(billed, await server.run(work)))
        except UnpricedCalls as error:
            raise SimError(409, f"{billed.corp_id}: {error}") from None
        await asyncio.sleep(0)  # with SQLite, run() lets no waiting call in
    return sections


def _summed(month: str, books: PriceBooks, sections: list[StatementReply]) -> CombinedStatementReply:
    total = sum((Decimal(section["total"]) for section in sections), NOTHING)
    return {
        "month": month,
        "currency": books.currency,
        "price_book": books.names,
        "total": f"{total:.2f}",
        "corps": sections,
    }


def _name(tx: Transaction, provider_id: str) -> str:
    """The provider's name, or "" if its corp was deleted."""
    corp = tx.session.get(Corp, provider_id)
    return corp.name if corp else ""
