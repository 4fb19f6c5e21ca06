"""Price books: TOML files that say what calls, contacts and seats cost, each from its own day on.

docs/price-books.md describes every key. Money is decimal text, so that no binary fraction changes it.
"""

from wecom_tollbooth.billing.price_books.loader import (
    SHIPPED,
    check_meters,
    load_price_book,
    read_price_book,
    shipped,
)
from wecom_tollbooth.billing.price_books.missing import MissingPrices, no_price, warning
from wecom_tollbooth.billing.price_books.model import Price, PriceBook, Tier
from wecom_tollbooth.billing.price_books.timetable import PriceBooks, Span, load_price_books

__all__ = [
    "SHIPPED",
    "MissingPrices",
    "Price",
    "PriceBook",
    "PriceBooks",
    "Span",
    "Tier",
    "check_meters",
    "load_price_book",
    "load_price_books",
    "no_price",
    "read_price_book",
    "shipped",
    "warning",
]
