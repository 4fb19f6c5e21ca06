"""The bill of a month, under the price books in force or under others."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.billing.price_books import (
    PriceBook,
    PriceBooks,
    load_price_book,
    read_price_book,
    refuse_unpriced_meters,
    shipped,
)
from wecom_tollbooth.billing.price_books.model import DECIMALS
from wecom_tollbooth.billing.rating import Step
from wecom_tollbooth.billing.statements import Line, Statement, UnpricedCalls, make_statement
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.settings import WrongSetting
from wecom_tollbooth.sim_api.billing.billed_corps import Billed, the_billed
from wecom_tollbooth.sim_api.billing.formats import Format, InFormat, answered
from wecom_tollbooth.sim_api.billing.usage import held_in, used_in
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.times import the_month

router = APIRouter()


class WhatIf(BaseModel):
    """Price books to price a month again with: each the name of a shipped one, or the text of a TOML file."""

    model_config = ConfigDict(extra="forbid")
    price_books: list[str] = Field(min_length=1, max_length=100)
    month: str | None = None


@router.get("/corps/{corpid}/statement", response_model=None)
async def corp_statement(
    corpid: str,
    server: TheServer,
    request: Request,
    month: str | None = None,
    price_book: str | None = None,
    format: InFormat = Format.JSON,
) -> dict[str, Any] | Response:
    """{"corpid", "name", "closed_at", "month", "currency", "price_book", "total", "lines": […], "compared"}.

    `month` is YYYY-MM in Asia/Shanghai, by default the clock's present one. `price_book` names shipped books,
    with commas between, to price the month with instead of those in force; `compared` tells the difference.
    Of each line: `made_of` adds up to `quantity` and `free` together; `steps` show how the amount came about.
    Money is decimal text, each line rounded half up to the fen. The total is the sum of the lines. A corp
    that was deleted has `closed_at`, unix seconds. `format` is json, csv or html.
    """
    names = [name.strip() for name in price_book.split(",")] if price_book is not None else []
    others = _books(server, [_shipped(name) for name in names])
    return await answered(request, format, await _statement(server, corpid, month, others))


@router.post("/corps/{corpid}/statement", response_model=None)
async def what_if(
    corpid: str, body: WhatIf, server: TheServer, request: Request, format: InFormat = Format.JSON
) -> dict[str, Any] | Response:
    """The same with the books of the body, whether shipped or not. Nothing is stored.

    `compared` has the total under the books in force, and what the others come to above it.
    """
    others = _books(server, [_book(text, place) for place, text in enumerate(body.price_books, 1)])
    return await answered(request, format, await _statement(server, corpid, body.month, others))


async def _statement(
    server: Server, corpid: str, month: str | None, others: PriceBooks | None
) -> dict[str, Any]:
    def work(tx: Transaction) -> dict[str, Any]:
        billed = the_billed(tx, corpid)
        wanted = the_month(tx, month)
        used = used_in(tx, corpid, wanted)
        held = held_in(tx, corpid, wanted)
        try:
            in_force = make_statement(corpid, wanted, server.price_books, used, held)
            other = others and make_statement(corpid, wanted, others, used, held)
        except UnpricedCalls as error:
            raise SimError(409, str(error)) from None
        return shown(billed, other, in_force) if other else shown(billed, in_force)

    return await server.run(work)


def _books(server: Server, books: list[PriceBook]) -> PriceBooks | None:
    """The books, where they are good ones; raises SimError 422."""
    try:
        for book in books:
            refuse_unpriced_meters(book, server.meters)
        return PriceBooks(books) if books else None
    except WrongSetting as error:
        raise SimError(422, str(error)) from None


def _shipped(name: str) -> PriceBook:
    if name not in shipped():
        raise SimError(
            422,
            f"price_book: no book is called {name!r}; use {', '.join(shipped())}, or POST the text of one",
        )
    return load_price_book(name)


def _book(text: str, place: int) -> PriceBook:
    if "\n" not in text and "=" not in text:
        return _shipped(text)
    try:
        return read_price_book(text, f"price_books {place}")
    except WrongSetting as error:
        raise SimError(422, str(error)) from None


def shown(billed: Billed, statement: Statement, in_force: Statement | None = None) -> dict[str, Any]:
    """A statement in JSON, compared with that under the books `in_force`."""
    compared = None
    if in_force is not None:
        same = in_force.books.currency == statement.books.currency
        compared = {
            "price_book": in_force.books.names,
            "currency": in_force.books.currency,
            "total": f"{in_force.total:.2f}",
            "difference": f"{statement.total - in_force.total:.2f}" if same else None,
        }
    return {
        "corpid": statement.corp_id,
        "name": billed.name,
        "closed_at": billed.closed_at,
        "month": statement.month,
        "currency": statement.books.currency,
        "price_book": statement.books.names,
        "total": f"{statement.total:.2f}",
        "lines": [_line(line) for line in statement.lines],
        "compared": compared,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "meter": line.meter,
        "title_zh": line.title_zh,
        "title_en": line.title_en,
        "since": line.since.isoformat(),
        "until": line.until.isoformat(),
        "price_book": line.book.name if line.book else None,
        "model": line.model,
        "quantity": line.quantity,
        "free": line.free,
        "unit_price": None if line.unit_price is None else f"{line.unit_price:f}",
        "per": line.per,
        "steps": [_step(step) for step in line.steps],
        "adjusted": line.adjusted,
        "amount": f"{line.amount:.2f}",
        "source": line.source,
        "confidence": line.confidence,
        "made_of": list(line.made_of),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "from": step.from_,
        "to": step.to,
        "quantity": step.quantity,
        "unit_price": f"{step.unit_price:f}",
        "flat": f"{step.flat:f}",
        "amount": decimal_text(step.amount),
    }


def decimal_text(exact: Fraction) -> str:
    """With as many decimals as a price may have, which is exact where it ends there: "0.341666666667"."""
    with localcontext(prec=60):
        value = Decimal(exact.numerator) / exact.denominator
        text = f"{value.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
