"""Rating: what a quantity costs under a price, exact, and rounded once.

It reckons in whole atoms of money, as many to a yuan as a price has decimals, times the days and months that
it is divided by; so nothing is lost before the one rounding, half up to the fen.

Where a price was in force on some days of a month only, it rates those days alone. Of what is used up
(calls), counts - free ones, ends of tiers and bands - shrink in proportion of the days, up to the next whole
one, and so do amounts of a month - flat amounts, minimum, cap, the price of a band; prices of a unit and of a
package stay. Of what is held (contacts, seats), counts stay, as they do not grow with time, and all money
shrinks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from wecom_tollbooth.billing.price_books.model import DECIMALS, Price, Tier

FEN = 100


@dataclass(frozen=True)
class Step:
    """The units above `from_` up to and with `to` (None: no end): `quantity` of them at `unit_price` each.

    A package and a band are bought whole: then `flat` has the price of all that were bought. `amount` is
    what the step adds to the month, exact.
    """

    from_: int
    to: int | None
    quantity: int
    unit_price: Decimal
    flat: Decimal
    amount: Fraction


@dataclass(frozen=True)
class Rated:
    """`quantity` was charged and `free` was not; `exact` is the sum of the steps, raised or capped.

    `amount` is `exact`, rounded half up to the fen.
    """

    quantity: int
    free: int
    steps: tuple[Step, ...]
    adjusted: Literal["minimum", "cap"] | None
    exact: Fraction
    amount: Decimal


def rate(price: Price, quantity: int, days: int = 1, of: int = 1) -> Rated:
    """What `quantity` costs for a month, or for `days` `of` its days.

    Below 0, where more was reversed than used, as many are paid back, without any free ones.
    """
    part = _PartOfMonth(price, days, of)
    free = max(0, min(quantity, part.count(price.free)))
    charged = quantity - free
    steps = _MODELS[price.model](price, abs(charged), part)
    if charged < 0 and price.model != "flat":
        steps = [_paid_back(step) for step in steps]
    atoms = sum(step_atoms for _, step_atoms in steps)
    adjusted: Literal["minimum", "cap"] | None = None
    if price.minimum is not None and atoms < (least := part.amount(price.minimum)):
        atoms, adjusted = least, "minimum"
    if price.cap is not None and atoms > (most := part.amount(price.cap)):
        atoms, adjusted = most, "cap"
    return Rated(
        quantity=charged,
        free=free,
        steps=tuple(
            Step(*step, amount=Fraction(step_atoms, part.atoms_of_one)) for step, step_atoms in steps
        ),
        adjusted=adjusted,
        exact=Fraction(atoms, part.atoms_of_one),
        amount=rounded(atoms, part.atoms_of_one),
    )


def rounded(atoms: int, atoms_of_one: int) -> Decimal:
    """Half up to the fen."""
    fen = (2 * FEN * atoms + atoms_of_one) // (2 * atoms_of_one)
    return Decimal(fen).scaleb(-2)


_Step = tuple[int, int | None, int, Decimal, Decimal]
_Steps = list[tuple[_Step, int]]
"""A step without its amount, and the atoms of that."""


def _paid_back(step: tuple[_Step, int]) -> tuple[_Step, int]:
    (begin, end, quantity, unit_price, flat), atoms = step
    return (begin, end, -quantity, unit_price, -flat), -atoms


class _PartOfMonth:
    """How counts and money of a price count for `days` of a month that has `of`."""

    def __init__(self, price: Price, days: int, of: int) -> None:
        self._held = price.is_level
        self._days, self._of = days, of
        self.atoms_of_one = 10**DECIMALS * of * price.months

    def count(self, whole: int) -> int:
        return whole if self._held else -(-whole * self._days // self._of)

    def amount(self, money: Decimal) -> int:
        """Atoms of what is paid for the whole month."""
        return _atoms(money) * self._days

    def each(self, money: Decimal) -> int:
        """Atoms of what is paid for one unit or package."""
        return _atoms(money) * (self._days if self._held else self._of)


def _atoms(money: Decimal) -> int:
    """Of a whole month, in the 10 to the 12th part of a yuan."""
    _, digits, exponent = money.as_tuple()
    coefficient = int("".join(map(str, digits)) or "0")
    return coefficient * int(10 ** (DECIMALS + int(exponent)))


NOTHING = Decimal(0)


def _per_unit(price: Price, charged: int, part: _PartOfMonth) -> _Steps:
    if not charged:
        return []
    return [((0, None, charged, price.unit_price, NOTHING), charged * part.each(price.unit_price))]


def _graduated(price: Price, charged: int, part: _PartOfMonth) -> _Steps:
    steps: _Steps = []
    begin = 0
    for tier in price.tiers:
        end = charged if tier.up_to is None else part.count(tier.up_to)
        if inside := max(0, min(charged, end) - begin):
            steps.append(_in_tier(tier, begin, inside, part))
        begin = max(begin, end)
    return steps


def _volume(price: Price, charged: int, part: _PartOfMonth) -> _Steps:
    begin = 0
    for tier in price.tiers if charged else ():
        if tier.up_to is None or charged <= part.count(tier.up_to):
            return [_in_tier(tier, begin, charged, part)]
        begin = part.count(tier.up_to)
    return []


def _in_tier(tier: Tier, begin: int, inside: int, part: _PartOfMonth) -> tuple[_Step, int]:
    end = None if tier.up_to is None else part.count(tier.up_to)
    atoms = inside * part.each(tier.unit_price) + part.amount(tier.flat_amount)
    return (begin, end, inside, tier.unit_price, tier.flat_amount), atoms


def _package(price: Price, charged: int, part: _PartOfMonth) -> _Steps:
    packages = -(-charged // price.package_size)
    if not packages:
        return []
    step = (0, packages * price.package_size, charged, NOTHING, packages * price.unit_price)
    return [(step, packages * part.each(price.unit_price))]


def _flat(price: Price, charged: int, part: _PartOfMonth) -> _Steps:
    return [((0, None, charged, NOTHING, price.flat_amount), part.amount(price.flat_amount))]


def _banded_capacity(price: Price, charged: int, part: _PartOfMonth) -> _Steps:
    """The largest band as often as it is filled, and the smallest one that covers the rest."""
    steps: _Steps = []
    bands = [(part.count(band.up_to), band) for band in price.tiers if band.up_to is not None]
    size, largest = bands[-1]
    whole, rest = divmod(charged, size)
    if whole:
        step = (0, whole * size, whole * size, NOTHING, whole * largest.flat_amount)
        steps.append((step, whole * part.amount(largest.flat_amount)))
    if rest:
        size_of_rest, band = next((size, band) for size, band in bands if size >= rest)
        begin = whole * size
        step = (begin, begin + size_of_rest, rest, NOTHING, band.flat_amount)
        steps.append((step, part.amount(band.flat_amount)))
    return steps


_MODELS: dict[str, Callable[[Price, int, _PartOfMonth], _Steps]] = {
    "per_unit": _per_unit,
    "graduated": _graduated,
    "volume": _volume,
    "package": _package,
    "flat": _flat,
    "banded_capacity": _banded_capacity,
}
