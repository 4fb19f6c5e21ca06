"""Price books that follow each other, each in force from its own day."""

import calendar
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from wecom_tollbooth.billing.price_books.loader import load_price_book
from wecom_tollbooth.billing.price_books.model import PriceBook
from wecom_tollbooth.settings import WrongSetting


@dataclass(frozen=True)
class Span:
    """The days of a month from `since` to `until`, both included, on which `book` was in force, or none."""

    since: date
    until: date
    book: PriceBook | None

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def days_of_month(self) -> int:
        return calendar.monthrange(self.since.year, self.since.month)[1]

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until


class PriceBooks:
    """Books by their day. Raises WrongSetting for two books of the same day or for different currencies."""

    def __init__(self, books: Iterable[PriceBook]) -> None:
        self.books = tuple(sorted(books, key=lambda book: book.effective))
        for before, after in zip(self.books, self.books[1:], strict=False):
            if before.effective == after.effective:
                raise WrongSetting(
                    f"{after.place}: effective: {after.effective} is also the day of {before.place}; "
                    "give each book its own day, or leave one out"
                )
            if before.currency != after.currency:
                raise WrongSetting(
                    f"{after.place}: currency: {after.currency!r}, but {before.place} has "
                    f"{before.currency!r}; use one currency for all books"
                )

    @property
    def names(self) -> str:
        """ "wecom-2022, wecom-2025"."""
        return ", ".join(book.name for book in self.books)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that changes whenever a price changes."""
        return hashlib.sha256(repr(self.books).encode()).hexdigest()[:16]

    @property
    def currency(self) -> str:
        return self.books[0].currency

    def on(self, day: date) -> PriceBook | None:
        """The book in force on `day`: the latest that has begun; None before the first."""
        return next((book for book in reversed(self.books) if book.effective <= day), None)

    def spans(self, month: str) -> list[Span]:
        """The spans of the month "YYYY-MM", in order."""
        first = date.fromisoformat(f"{month}-01")
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        begins = [first, *(book.effective for book in self.books if first < book.effective <= last)]
        ends = [*(begin - timedelta(days=1) for begin in begins[1:]), last]
        return [Span(since, until, self.on(since)) for since, until in zip(begins, ends, strict=True)]


def load_price_books(setting: str) -> PriceBooks:
    """The books that `setting` lists: names or paths separated by commas. Raises like load_price_book."""
    names = [name.strip() for name in setting.split(",") if name.strip()]
    if not names:
        raise WrongSetting("TOLLBOOTH_PRICE_BOOK: empty; write article-toll, or the path of a .toml file")
    return PriceBooks(load_price_book(name) for name in names)
