"""What is said of meters that a book doesn't price, in Chinese and English: they cost 0.

A book that was written before a meter existed doesn't stop the start. The log says at the start which lines
to add, and each bill under the book says it too.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from wecom_tollbooth.billing.price_books.model import PriceBook


def no_price(meter: str) -> tuple[str, str]:
    """The note on a line of the bill."""
    return (
        f"这本价目表没有 {meter} 的价格：按 0 计费",
        f"{meter} has no price in this book: charged 0",
    )


@dataclass(frozen=True)
class MissingPrices:
    """The meters of calls that one book lacks."""

    book: PriceBook

    @classmethod
    def of(cls, books: Iterable[PriceBook]) -> "list[MissingPrices]":
        """Those of each book that lacks any."""
        return [cls(book) for book in books if book.missing]

    @property
    def meters(self) -> tuple[str, ...]:
        return self.book.missing

    @property
    def lines(self) -> str:
        """The lines of TOML that price the meters at 0."""
        names = json.dumps(self.meters)
        return f'[[price]]\nmeters = {names}\nmodel = "per_unit"\nunit_price = "0"'

    @property
    def texts(self) -> tuple[str, str]:
        """One sentence in each language."""
        meters = self.meters
        return (
            f"价目表 {self.book.name} 没有 {'、'.join(meters)} 的价格：按 0 计费。请补上这几行，改成你的价格",
            f"the price book {self.book.name} has no price for {', '.join(meters)}: charged 0. "
            "Add these lines to it, with your price",
        )

    def shown(self) -> dict[str, str | list[str]]:
        """The note in JSON."""
        zh, en = self.texts
        return {
            "price_book": self.book.name,
            "meters": list(self.meters),
            "note_zh": zh,
            "note_en": en,
            "lines": self.lines,
        }


def warning(books: Iterable[PriceBook]) -> str | None:
    """What the log says at the start, with the lines to add to each book; None if no book lacks a price."""
    missing = MissingPrices.of(books)
    if not missing:
        return None
    said = [f"{one.book.place}: {' '.join(one.texts)}:\n\n{one.lines}\n" for one in missing]
    return "\n".join(said)
