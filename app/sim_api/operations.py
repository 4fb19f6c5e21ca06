"""Every operation of the simulator, from the registry."""

from typing import Any

from fastapi import APIRouter

from app.gateway.operation import Operation
from app.server import Server
from app.sim_api.server import TheServer

router = APIRouter()


@router.get("/operations")
async def list_operations(server: TheServer) -> dict[str, Any]:
    """{"operations": […]} by path: what each asks, what it costs in the present price book, how it may fail.

    `limit` has the figures in force, calls of this operation: `per_corp_…` by one corp, `per_ip_…` by one
    address, `concurrency` under way at once; null when limits are off. `fidelity` is `official` where the
    documentation page was compared in the month `checked`, else `guess`.
    """
    return {"operations": [_operation(server, operation) for operation in server.operations]}


def _operation(server: Server, operation: Operation) -> dict[str, Any]:
    family, book = operation.family, server.price_book
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
        "price": f"{book.price_per_call(operation.meter):f}",
        "currency": book.currency,
        "limit": server.rate_limits.figures(operation),
        "errors": [{"errcode": int(code), "errmsg": code.text} for code in operation.errors],
    }
