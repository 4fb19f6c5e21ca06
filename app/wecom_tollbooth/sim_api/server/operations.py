"""Every operation of the simulator, from the registry."""

from datetime import date
from typing import Any

from fastapi import APIRouter

from wecom_tollbooth.billing.price_books import PriceBook
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.world import clock

router = APIRouter()


@router.get("/operations")
async def list_operations(gateway: TheGateway) -> dict[str, Any]:
    """{"operations": […]} by path: what each asks, what it costs in the price book in force, how it may fail.

    `price` is that of one call where all cost the same, else null: `price_model` tells then. Both are null
    before the first book.

    `limit` has the figures in force, calls of this operation: `per_corp_…` by one corp, `per_ip_…` by one
    address, `concurrency` under way at once; null when limits are off. `fidelity` is `official` where the
    documentation page was compared in the month `checked`, else `guess`.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        today = date.fromisoformat(clock.day_of(gateway.server.context(tx).now))
        book = gateway.server.price_books.on(today)
        return {"operations": [_operation(gateway, book, operation) for operation in gateway.operations]}

    return await gateway.server.run(work)


def _operation(gateway: Gateway, book: PriceBook | None, operation: Operation) -> dict[str, Any]:
    family = operation.family
    price = book.price_for(operation.meter) if book else None
    one_price = price.one_price if price and price.model == "per_unit" else None
    return {
        "path": operation.path,
        "method": operation.method,
        "aliases": list(operation.aliases),
        "family": family.name,
        "family_title_zh": family.title_zh,
        "family_title_en": family.title_en,
        "extension": family.extension,
        "title": operation.title,
        "doc": operation.doc_url,
        "checked": operation.checked,
        "fidelity": operation.fidelity,
        "permission": str(operation.permission),
        "meter": operation.meter,
        "price": None if one_price is None else f"{one_price:f}",
        "price_model": price.model if price else None,
        "currency": gateway.server.price_books.currency,
        "limit": gateway.rate_limits.figures(operation),
        "errors": [{"errcode": int(code), "errmsg": code.text} for code in operation.errors],
    }
