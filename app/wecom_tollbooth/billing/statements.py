"""Statements: what a corp owes for a month, line by line, and the parts of each line.

A statement is calculated from quantities and price books on request and never stored. Each line is rounded
once, half up to the fen. The total is the sum of the lines.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from wecom_tollbooth.billing.budget_thresholds import BUDGET_BLOCKED
from wecom_tollbooth.billing.ledger import Level, Used
from wecom_tollbooth.billing.meters import CONTACTS, LEVELS, LINK_CONTACTS, REFUSED, titles
from wecom_tollbooth.billing.price_books import MissingPrices, Price, PriceBook, PriceBooks, Span, no_price
from wecom_tollbooth.billing.price_books.model import NO_PRICE
from wecom_tollbooth.billing.rating import Rated, Step, rate

UNPRICED: Literal["unpriced"] = "unpriced"
"""The model of a line for days before the first price book."""

NOTHING = Decimal("0.00")

Part = dict[str, str | int]


@dataclass(frozen=True)
class Line:
    """The cost of one meter, or of several together, under one book from `since` to `until`.

    `quantity` was charged and `free` was not; the parts in `made_of` add up to both. `unit_price` is None
    where units differ in price, as the `steps` show. The amounts of the steps add up to the amount before
    rounding and before a minimum or cap (`adjusted`). Without a book nothing is charged, nor for a meter that
    the book lacks (`is_missing`).
    """

    meter: str
    since: date
    until: date
    model: str
    quantity: int
    free: int
    unit_price: Decimal | None
    per: str
    steps: tuple[Step, ...]
    adjusted: Literal["minimum", "cap"] | None
    exact: Fraction
    amount: Decimal
    book: PriceBook | None
    source: str
    confidence: str | None
    made_of: tuple[Part, ...]
    is_missing: bool = False
    source_zh: str = ""

    @property
    def note(self) -> tuple[str, str]:
        """Why nothing is charged, in Chinese and English; empty where the book has a price."""
        return no_price(self.meter) if self.is_missing else ("", "")

    @property
    def title_zh(self) -> str:
        return titles(self.meter)[0]

    @property
    def title_en(self) -> str:
        return titles(self.meter)[1]


@dataclass(frozen=True)
class Statement:
    """The statement of one corp for a month."""

    corp_id: str
    month: str
    books: PriceBooks
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def missing(self) -> list[MissingPrices]:
        """The prices that the books of this month lack, whether their meters were used or not."""
        return MissingPrices.of(span.book for span in self.books.spans(self.month) if span.book)


def make_statement(
    corp_id: str, month: str, books: PriceBooks, used: Iterable[Used], levels: Iterable[Level]
) -> Statement:
    """The statement of `month`, "YYYY-MM", from the usage and the levels of its days.

    Each book in force in the month rates its own days. There is a line for each used meter, always one for
    contacts, one for each price that is due without usage if the corp had any contacts or calls, and one for
    free refused calls if there were some.
    """
    used, levels = list(used), list(levels)
    lines: list[Line] = []
    for span in books.spans(month):
        lines += _Rating(span, used, levels).lines()
    lines.sort(key=lambda line: (line.meter in (*LEVELS, LINK_CONTACTS), line.meter, line.since))
    return Statement(corp_id, month, books, (*lines, *_refused_line(books.spans(month), used)))


class _Rating:
    """Rates the days of one span under its book."""

    def __init__(self, span: Span, used: list[Used], levels: list[Level]) -> None:
        self.span, self.book = span, span.book
        self.used = [item for item in used if item.day in span and _is_charged(item, span.book)]
        self.levels = [level for level in levels if level.day in span]
        self.is_corp = bool(used or levels)

    def lines(self) -> Iterator[Line]:
        meters = {item.meter for item in self.used} | {level.meter for level in self.levels if level.peak}
        if self.book is None:
            for meter in sorted(meters):
                yield self.unpriced(meter)
            return
        for price in self.book.prices:
            for counted in self.counted(price, meters):
                made_of = self.made_of(counted)
                quantity = sum(int(part["quantity"]) for part in made_of)
                rated = rate(price, quantity, self.span.days, self.span.days_of_month)
                due = self.is_corp and rated.amount > 0
                if made_of or counted == (CONTACTS,) or due:
                    yield self.line(price, counted, rated if made_of or due else _NOTHING_USED)
        for meter in sorted(meters):
            if self.book.price_for(meter).is_missing:
                quantity = sum(int(part["quantity"]) for part in self.made_of((meter,)))
                yield self.line(NO_PRICE, (meter,), rate(NO_PRICE, quantity))

    def counted(self, price: Price, used: set[str]) -> list[tuple[str, ...]]:
        """The meters of each line: those that were used, and those named in the book."""
        named = {meter for meter in price.meters if not meter.endswith("*")}
        meters = sorted({meter for meter in used if price.covers(meter)} | named)
        if price.together:
            return [tuple(meters)] if meters or price.minimum or price.model == "flat" else []
        return [(meter,) for meter in meters]

    def made_of(self, meters: tuple[str, ...]) -> tuple[Part, ...]:
        """The parts of a line: operations of consumed meters, the first peak day of held meters."""
        if meters and meters[0] in LEVELS:
            held = [level for level in self.levels if level.meter in meters and level.peak]
            most = max(held, key=lambda level: (level.peak, -level.day.toordinal()), default=None)
            return ({"day": most.day.isoformat(), "quantity": most.peak},) if most else ()
        return _by_operation(item for item in self.used if item.meter in meters)

    def line(self, price: Price, meters: tuple[str, ...], rated: Rated) -> Line:
        return Line(
            meter="+".join(price.meters) if price.together else meters[0],
            since=self.span.since,
            until=self.span.until,
            model=price.model,
            quantity=rated.quantity,
            free=rated.free,
            unit_price=price.one_price,
            per=price.per,
            steps=rated.steps,
            adjusted=rated.adjusted,
            exact=rated.exact,
            amount=rated.amount,
            book=self.book,
            source=price.source,
            confidence=None if price.is_missing else price.confidence,
            made_of=self.made_of(meters),
            is_missing=price.is_missing,
            source_zh=price.source_zh,
        )

    def unpriced(self, meter: str) -> Line:
        made_of = self.made_of((meter,))
        return Line(
            meter=meter,
            since=self.span.since,
            until=self.span.until,
            model=UNPRICED,
            quantity=0,
            free=sum(int(part["quantity"]) for part in made_of),
            unit_price=None,
            per="month" if meter in LEVELS else "contact" if meter == LINK_CONTACTS else "call",
            steps=(),
            adjusted=None,
            exact=Fraction(0),
            amount=NOTHING,
            book=None,
            source="",
            confidence=None,
            made_of=made_of,
        )


_NOTHING_USED = Rated(0, 0, (), None, Fraction(0), NOTHING)


def _is_charged(item: Used, book: PriceBook | None) -> bool:
    """Whether it is charged: refused calls are if the book says so, except calls blocked by a budget."""
    if item.errcode == 0:
        return True
    if item.errcode == BUDGET_BLOCKED:
        return False
    return book is not None and book.price_for(item.meter).refused_charged


def _by_operation(items: Iterable[Used]) -> tuple[Part, ...]:
    """The parts by operation, and for refused calls also by errcode."""
    counted: Counter[tuple[str, int]] = Counter()
    for item in items:
        counted[(item.operation, item.errcode)] += item.quantity
    return tuple(
        {"operation": operation, "quantity": quantity}
        if errcode == 0
        else {"operation": operation, "errcode": errcode, "quantity": quantity}
        for (operation, errcode), quantity in sorted(counted.items())
        if quantity
    )


def _refused_line(spans: list[Span], used: list[Used]) -> Iterator[Line]:
    refused = [
        item for span in spans for item in used if item.day in span and not _is_charged(item, span.book)
    ]
    if refused:
        made_of = _by_operation(refused)
        yield Line(
            meter=REFUSED,
            since=spans[0].since,
            until=spans[-1].until,
            model="per_unit",
            quantity=sum(int(part["quantity"]) for part in made_of),
            free=0,
            unit_price=Decimal(0),
            per="call",
            steps=(),
            adjusted=None,
            exact=Fraction(0),
            amount=NOTHING,
            book=None,
            source="",
            confidence=None,
            made_of=made_of,
        )
