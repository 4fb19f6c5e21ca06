"""What a provider (服务商) pays for a corp: the calls of its own apps there, and the seats they took.

The corp itself pays for contacts and for what came through acquisition links.
"""

from collections.abc import Iterable
from dataclasses import replace

from wecom_tollbooth.billing.ledger import Used
from wecom_tollbooth.billing.meters import CONTACTS, LINK_CONTACTS
from wecom_tollbooth.billing.price_books import PriceBook, PriceBooks

OF_THE_CORP = (CONTACTS, LINK_CONTACTS)
"""Meters that are never on a provider's statement."""


def books_of_provider(books: PriceBooks) -> PriceBooks:
    """The books without prices of contacts, so that no provider owes a flat amount or minimum for them."""
    return PriceBooks(_without_contacts(book) for book in books.books)


def _without_contacts(book: PriceBook) -> PriceBook:
    kept = [
        replace(price, meters=tuple(meter for meter in price.meters if meter not in OF_THE_CORP))
        for price in book.prices
    ]
    return replace(book, prices=tuple(price for price in kept if price.meters))


def used_by_apps(used: Iterable[Used], agentids: Iterable[int]) -> list[Used]:
    own = set(agentids)
    return [item for item in used if item.agentid in own and item.meter not in OF_THE_CORP]
