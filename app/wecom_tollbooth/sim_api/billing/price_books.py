"""The price books: those in force and those that come with the program."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing.meters import titles
from wecom_tollbooth.billing.price_books import (
    SHIPPED,
    Price,
    PriceBook,
    check_meters,
    load_price_book,
    shipped,
)
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.world import clock

router = control_routes()


class BookTier(TypedDict):
    up_to: Annotated[int | None, Field(description="最后一档为 null / null in the last tier")]
    unit_price: str
    flat_amount: str


class BookPrice(TypedDict):
    meters: list[str]
    titles_zh: list[str]
    titles_en: list[str]
    model: str
    per: str
    unit_price: Annotated[
        str | None, Field(description="没有统一单价时为 null / null where units differ in price")
    ]
    package_size: int
    flat_amount: str
    tiers: Annotated[list[BookTier], Field(description="阶梯或档位 / Tiers, or bands of a capacity")]
    free: int
    minimum: str | None
    cap: str | None
    refused_charged: bool
    together: bool
    source: str
    source_zh: str
    confidence: str


class PriceBookReply(TypedDict):
    name: str
    title: str
    currency: str
    effective: str
    source: str
    source_zh: str
    shipped: bool
    configured: Annotated[
        bool, Field(description="在 TOLLBOOTH_PRICE_BOOK 中 / Whether TOLLBOOTH_PRICE_BOOK names it")
    ]
    in_force: Annotated[bool, Field(description="今天按它计费 / Whether it prices today's calls")]
    missing: Annotated[list[str], Field(description="它没有价格的计量项 / Meters that it does not price")]
    prices: list[BookPrice]


class PriceBooksReply(TypedDict):
    price_books: list[PriceBookReply]


@router.get("/price-books")
async def list_price_books(server: TheServer) -> PriceBooksReply:
    """列出价目表 / List the price books

    先是账单使用的价目表，按生效日期排列；然后是随附的其他价目表，可以用来试算。

    First those that bills use, by the day from which they apply, then the others that come with the program,
    to price a month with instead.
    """

    def work(tx: Transaction) -> PriceBooksReply:
        today = date.fromisoformat(clock.day_of(server.context(tx).now))
        return {"price_books": [_book(server, book, today) for book in _all(server)]}

    return await server.read(work)


def _all(server: Server) -> list[PriceBook]:
    configured = server.price_books.books
    names = {book.name for book in configured if _is_shipped(book)}
    others = [load_price_book(name) for name in shipped() if name not in names]
    return [*configured, *(check_meters(book, server.meters) for book in others)]


def _is_shipped(book: PriceBook) -> bool:
    """Whether it comes with the program: somebody's own file may have the same name."""
    return Path(book.place).parent == SHIPPED


def _book(server: Server, book: PriceBook, today: date) -> PriceBookReply:
    return {
        "name": book.name,
        "title": book.title,
        "currency": book.currency,
        "effective": book.effective.isoformat(),
        "source": book.source,
        "source_zh": book.source_zh or book.source,
        "shipped": _is_shipped(book),
        "configured": book in server.price_books.books,
        "in_force": book == server.price_books.on(today),
        "missing": list(book.missing),
        "prices": [_price(price) for price in book.prices],
    }


def _price(price: Price) -> BookPrice:
    return {
        "meters": list(price.meters),
        "titles_zh": [titles(meter)[0] for meter in price.meters],
        "titles_en": [titles(meter)[1] for meter in price.meters],
        "model": price.model,
        "per": price.per,
        "unit_price": None if price.one_price is None else f"{price.one_price:f}",
        "package_size": price.package_size,
        "flat_amount": f"{price.flat_amount:f}",
        "tiers": [
            {
                "up_to": tier.up_to,
                "unit_price": f"{tier.unit_price:f}",
                "flat_amount": f"{tier.flat_amount:f}",
            }
            for tier in price.tiers
        ],
        "free": price.free,
        "minimum": None if price.minimum is None else f"{price.minimum:f}",
        "cap": None if price.cap is None else f"{price.cap:f}",
        "refused_charged": price.refused_charged,
        "together": price.together,
        "source": price.source,
        "source_zh": price.source_zh,
        "confidence": price.confidence,
    }
