"""Estimates: what a corp of a given size will pay in twelve months, under any price books.

They need no server: usage is spread evenly over the days of each month and priced like a statement.
"""

import calendar
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from wecom_tollbooth.billing.ledger import Level, Used
from wecom_tollbooth.billing.meters import CONTACTS, LINK_CONTACTS, SEATS_BASE, SEATS_INTEROP
from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.rating import rounded
from wecom_tollbooth.billing.statements import make_statement

MONTHS = 12
GROUPS = ("contacts", "links", "calls", "seats")
_GROUP = {CONTACTS: "contacts", LINK_CONTACTS: "links", SEATS_BASE: "seats", SEATS_INTEROP: "seats"}


@dataclass(frozen=True)
class Plan:
    """A corp in its first month, `since` ("YYYY-MM").

    `new_contacts` come each month, a share `via_links` of them through acquisition links. `calls` are the
    calls per contact and month, by meter. Contacts, new contacts and calls grow by the share `growth` a
    month; without growth the new contacts replace as many who leave. The number of seats doesn't change.
    """

    since: str
    contacts: int
    new_contacts: int = 0
    via_links: Fraction = Fraction(0)
    calls: Mapping[str, Fraction] = field(default_factory=dict)
    seats_base: int = 0
    seats_interop: int = 0
    growth: Fraction = Fraction(0)


@dataclass(frozen=True)
class Month:
    """One month; `amounts` by group (contacts, links, calls, seats) are sums of statement lines."""

    month: str
    contacts: int
    new_contacts: int
    link_contacts: int
    calls: int
    amounts: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.amounts.values(), Decimal("0.00"))


@dataclass(frozen=True)
class Estimate:
    """Twelve months under `books`.

    `year` has the exact sum of the months by group, rounded once, so it can differ from the sum of the bills
    by some fen.
    """

    books: PriceBooks
    months: tuple[Month, ...]
    year: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.year.values(), Decimal("0.00"))


def estimate(plan: Plan, books: PriceBooks) -> Estimate:
    """Twelve months of `plan` under `books`."""
    months = []
    exact = dict.fromkeys(GROUPS, Fraction(0))
    for place, month in enumerate(_months(plan.since)):
        size = (1 + plan.growth) ** place
        contacts, new = _whole(plan.contacts * size), _whole(plan.new_contacts * size)
        links = _whole(new * plan.via_links)
        calls = {meter: _whole(contacts * each) for meter, each in plan.calls.items()}
        used = [*_spread(month, LINK_CONTACTS, links)]
        for meter, quantity in calls.items():
            used += _spread(month, meter, quantity)
        held = {CONTACTS: contacts, SEATS_BASE: plan.seats_base, SEATS_INTEROP: plan.seats_interop}
        levels = [Level(day, meter, peak) for day in _days(month) for meter, peak in held.items()]
        amounts = dict.fromkeys(GROUPS, Decimal("0.00"))
        for line in make_statement("", month, books, used, levels).lines:
            group = _GROUP.get(line.meter, "calls")
            amounts[group] += line.amount
            exact[group] += line.exact
        months.append(Month(month, contacts, new, links, sum(calls.values()), amounts))
    year = {group: rounded(sum_.numerator, sum_.denominator) for group, sum_ in exact.items()}
    return Estimate(books, tuple(months), year)


def _months(since: str) -> Iterator[str]:
    year, month = map(int, since.split("-"))
    for place in range(month - 1, month - 1 + MONTHS):
        yield f"{year + place // 12:04}-{place % 12 + 1:02}"


def _days(month: str) -> list[date]:
    first = date.fromisoformat(f"{month}-01")
    return [first.replace(day=day + 1) for day in range(calendar.monthrange(first.year, first.month)[1])]


def _spread(month: str, meter: str, quantity: int) -> Iterator[Used]:
    """Spreads `quantity` over the days of the month, as evenly as whole numbers allow."""
    days = _days(month)
    for place, day in enumerate(days, 1):
        share = quantity * place // len(days) - quantity * (place - 1) // len(days)
        if share:
            yield Used(day, 0, "estimate", meter, 0, share)


def _whole(exact: Fraction | int) -> int:
    """Rounds half up."""
    return math.floor(exact + Fraction(1, 2))
