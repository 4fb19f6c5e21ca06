"""Statements: what a corp owes for a month, line by line, and what each line is made of.

A statement is worked out from quantities and a price book whenever it is asked for; nothing of it is stored.
Money is Decimal: exact up to one rounding a line, half up to the fen. The total is the sum of the lines.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from app.billing.ledger import Used
from app.billing.meters import CONTACTS, REFUSED, titles
from app.billing.price_books import PriceBook

FEN = Decimal("0.01")
DIGITS = 60
"""Of a calculation. A price has 18 digits at most, so that a product is exact, and a twelfth that is not
comes nowhere near the half fen on the other side."""

Part = dict[str, str | int]


class UnpricedCalls(Exception):
    """The ledger has charged calls of a meter that the book does not price. Its text is one sentence."""


@dataclass(frozen=True)
class Line:
    """`quantity` times `unit_price`; a price per year counts a twelfth for the month.

    `free` ones were used on top of the quantity and are not charged. `made_of` adds up to both together.
    """

    meter: str
    quantity: int
    free: int
    unit_price: Decimal
    per: Literal["call", "month", "year"]
    amount: Decimal
    made_of: tuple[Part, ...]

    @property
    def title_zh(self) -> str:
        return titles(self.meter)[0]

    @property
    def title_en(self) -> str:
        return titles(self.meter)[1]


@dataclass(frozen=True)
class Statement:
    corp_id: str
    month: str
    book: PriceBook
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        with localcontext(prec=DIGITS):
            return sum((line.amount for line in self.lines), Decimal("0.00"))


def make_statement(
    corp_id: str, month: str, book: PriceBook, used: Iterable[Used], contacts: Mapping[str, int]
) -> Statement:
    """The statement of `month` from the calls `used` in it and the `contacts` followed in it, by member.

    A line for each meter with charged calls, one for contacts, and one for refused calls where there were
    some. Raises UnpricedCalls for a meter that the book lacks.
    """
    used = list(used)
    lines = [*_call_lines(book, used), _contact_line(book, contacts), *_refused_line(used)]
    return Statement(corp_id, month, book, tuple(lines))


def price_of(quantity: int, unit_price: Decimal, months: int = 1) -> Decimal:
    """`quantity` at a price that pays for `months`, for one month: rounded half up to the fen."""
    with localcontext(prec=DIGITS):
        return (quantity * unit_price / months).quantize(FEN, ROUND_HALF_UP)


def _call_lines(book: PriceBook, used: list[Used]) -> Iterable[Line]:
    parts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item in used:
        if item.charged:
            parts[item.meter][item.operation] += item.quantity
    for meter, operations in sorted(parts.items()):
        if meter not in book.calls:
            raise UnpricedCalls(
                f"the ledger has calls of the meter {meter!r}, which the price book {book.name!r} lacks"
            )
        price, quantity = book.price_per_call(meter), sum(operations.values())
        yield Line(
            meter=meter,
            quantity=quantity,
            free=0,
            unit_price=price,
            per="call",
            amount=price_of(quantity, price),
            made_of=tuple(
                {"operation": operation, "quantity": calls} for operation, calls in sorted(operations.items())
            ),
        )


def _contact_line(book: PriceBook, contacts: Mapping[str, int]) -> Line:
    followed = sum(contacts.values())
    free = min(followed, book.contacts_free)
    return Line(
        meter=CONTACTS,
        quantity=followed - free,
        free=free,
        unit_price=book.contact_price,
        per=book.contact_period,
        amount=price_of(followed - free, book.contact_price, book.contact_months),
        made_of=tuple({"userid": userid, "quantity": count} for userid, count in sorted(contacts.items())),
    )


def _refused_line(used: list[Used]) -> Iterable[Line]:
    refused: Counter[tuple[str, int]] = Counter()
    for item in used:
        if not item.charged:
            refused[(item.operation, item.errcode)] += item.quantity
    if refused:
        yield Line(
            meter=REFUSED,
            quantity=refused.total(),
            free=0,
            unit_price=Decimal(0),
            per="call",
            amount=Decimal("0.00"),
            made_of=tuple(
                {"operation": operation, "errcode": errcode, "quantity": calls}
                for (operation, errcode), calls in sorted(refused.items())
            ),
        )
