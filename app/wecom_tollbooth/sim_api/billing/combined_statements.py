"""The statements of several corps in one: of those that a provider serves, or of all.

All corps are read as they are at one moment, in a thread, so that calls are served meanwhile however many
corps there are.
"""

from collections.abc import Iterator
from decimal import Decimal

from fastapi import Request
from fastapi.responses import Response
from typing_extensions import TypedDict

from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.provider_charges import books_of_provider, used_by_apps
from wecom_tollbooth.billing.seats import seats_of_apps
from wecom_tollbooth.billing.statements import Statement, make_statement
from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.billing.billed_corps import (
    BilledCorp,
    all_billed_corps,
    billed_corps_of_provider,
)
from wecom_tollbooth.sim_api.billing.formats import OTHER_FORMATS, Format, InFormat, InLanguage, answered
from wecom_tollbooth.sim_api.billing.statement import StatementReply, shown
from wecom_tollbooth.sim_api.billing.usage import Month, held_in, used_in
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_provider
from wecom_tollbooth.sim_api.routes import control_routes
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
    responses=OTHER_FORMATS,
)
async def get_provider_statement(
    provider_id: str,
    server: TheServer,
    request: Request,
    month: Month = None,
    format: InFormat = Format.JSON,
    lang: InLanguage = None,
) -> ProviderStatementReply | Response:
    """查看服务商账单 / Show the statement of a provider

    服务商在每个有其应用的企业里的费用：这些应用的调用与占用的席位。免费额度与阶梯按企业分别计算，总额为各企业
    之和。

    Of each corp that has apps of the provider: the calls of those apps, and the seats they took. Free
    allowances and tiers count for each corp by itself. The total is the sum of the corps' totals.
    """

    books = books_of_provider(server.price_books)

    def work(tx: Transaction) -> ProviderStatementReply:
        the_provider(tx, provider_id)
        wanted = the_month(server.context(tx, provider_id), month)
        bounds = clock.month_bounds(wanted)

        def statements() -> Iterator[tuple[BilledCorp, Statement]]:
            for billed, agentids in billed_corps_of_provider(tx, provider_id, bounds[0]):
                context = server.context(tx, billed.corp_id)
                used = used_by_apps(used_in(context, wanted), agentids)
                held = seats_of_apps(context, agentids, held_in(context, wanted), *bounds)
                yield billed, make_statement(billed.corp_id, wanted, books, used, held)

        return {
            "provider_id": provider_id,
            "name": _name(tx, provider_id),
            **_summed(wanted, books, _each(tx, statements())),
        }

    return await answered(request, format, lang, await server.read(work))


@router.get("/statement", response_model=CombinedStatementReply, responses=OTHER_FORMATS)
async def get_server_statement(
    server: TheServer,
    request: Request,
    month: Month = None,
    format: InFormat = Format.JSON,
    lang: InLanguage = None,
) -> CombinedStatementReply | Response:
    """查看全部账单 / Show the statements of all corps

    所有企业的账单与合计。不属于任何企业的调用不在账单上。

    Every corp of the server, and their sum. Calls that named no corp are on no statement.
    """

    books = server.price_books

    def work(tx: Transaction) -> CombinedStatementReply:
        wanted = the_month(server.context(tx), month)

        def statements() -> Iterator[tuple[BilledCorp, Statement]]:
            for billed in all_billed_corps(tx, clock.month_bounds(wanted)[0]):
                context = server.context(tx, billed.corp_id)
                used, held = used_in(context, wanted), held_in(context, wanted)
                yield billed, make_statement(billed.corp_id, wanted, books, used, held)

        return _summed(wanted, books, _each(tx, statements()))

    return await answered(request, format, lang, await server.read(work))


def _each(tx: Transaction, statements: Iterator[tuple[BilledCorp, Statement]]) -> list[StatementReply]:
    sections: list[StatementReply] = []
    for billed, statement in statements:
        sections.append(shown(billed, statement))
        tx.breathe()
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
