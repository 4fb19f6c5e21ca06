"""The bill of a month."""

from typing import Any

from fastapi import APIRouter

from app.billing.statements import Line, UnpricedCalls, make_statement
from app.db import Transaction
from app.sim_api.corps import the_corp
from app.sim_api.errors import SimError
from app.sim_api.server import TheServer
from app.sim_api.times import the_month
from app.sim_api.usage import used_in

router = APIRouter()


@router.get("/corps/{corpid}/statement")
async def corp_statement(corpid: str, server: TheServer, month: str | None = None) -> dict[str, Any]:
    """{"corpid", "month", "currency", "price_book", "total": "12.34", "lines": […]}.

    `month` is YYYY-MM in Asia/Shanghai, by default the clock's present one. Of each line: `quantity` times
    `unit_price` is `amount`, a twelfth of it where the price is per year, rounded half up to the fen;
    `made_of` adds up to `quantity` and `free` together. Money is decimal text. The total is the sum of the
    lines.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        wanted = the_month(tx, month)
        calls, contacts = used_in(tx, corpid, wanted)
        try:
            statement = make_statement(corpid, wanted, server.price_book, calls, contacts)
        except UnpricedCalls as error:
            raise SimError(409, str(error)) from None
        return {
            "corpid": corpid,
            "month": wanted,
            "currency": statement.book.currency,
            "price_book": statement.book.name,
            "total": f"{statement.total:.2f}",
            "lines": [_line(line) for line in statement.lines],
        }

    return await server.run(work)


def _line(line: Line) -> dict[str, Any]:
    return {
        "meter": line.meter,
        "title_zh": line.title_zh,
        "title_en": line.title_en,
        "quantity": line.quantity,
        "free": line.free,
        "unit_price": f"{line.unit_price:f}",
        "per": line.per,
        "amount": f"{line.amount:.2f}",
        "made_of": list(line.made_of),
    }
