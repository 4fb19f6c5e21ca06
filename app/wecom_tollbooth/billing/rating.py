"""Rating: the exact cost of a quantity under a price, rounded once.

Money is calculated in integer atoms: a yuan has 10**DECIMALS of them, times the days and months it is divided
by. So nothing is lost before the only rounding, half up to the fen.

Where a price was in force on only some days of a month, those days are rated alone. For consumed meters
(calls) the counts (free units, ends of tiers and bands) are prorated by days and rounded up; so are the
amounts per month (flat amount, minimum, cap, price of a band), without rounding; prices of a unit or package
stay the same. For held meters (contacts, seats) counts stay the same, because they don't grow with time, and
all money is prorated.
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
    """The units above `from_` up to and including `to` (None: no end), `quantity` of them, at `unit_price`.

    Packages and bands are bought whole; then `flat` is their price. `amount` is what the step adds to the
    month, exact.
    """

    from_: int
    to: int | None
    quantity: int
    unit_price: Decimal
    flat: Decimal
    amount: Fraction


@dataclass(frozen=True)
class Rated:
    """The cost of a quantity, of which `quantity` was charged and `free` was not.

    `exact` is the sum of the steps, after minimum and cap; `amount` is `exact` rounded half up to the fen.
    """

    quantity: int
    free: int
    steps: tuple[Step, ...]
    adjusted: Literal["minimum", "cap"] | None
    exact: Fraction
    amount: Decimal


def rate(price: Price, quantity: int, days: int = 1, of: int = 1) -> Rated:
    """The cost of `quantity` in a month, or in `days` of the month's `of` days.

    A negative quantity (more reversals than usage) is refunded, without free units.
    """
    part = _PartOfMonth(price, days, of)
    free = max(0, min(quantity, part.count(price.free)))
    charged = quantity - free
    steps = _MODELS[price.model](price, abs(charged), part)
    if charged < 0 and price.model != "flat":
        steps = [_refunded(step) for step in steps]
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
    """The amount in yuan, rounded half up to the fen."""
    fen = (2 * FEN * atoms + atoms_of_one) // (2 * atoms_of_one)
    return Decimal(fen).scaleb(-2)


_Step = tuple[int, int | None, int, Decimal, Decimal]
_Steps = list[tuple[_Step, int]]
"""Steps without their amount, each with the atoms of that amount."""


def _refunded(step: tuple[_Step, int]) -> tuple[_Step, int]:
    (begin, end, quantity, unit_price, flat), atoms = step
    return (begin, end, -quantity, unit_price, -flat), -atoms


class _PartOfMonth:
    """Prorates counts and money of a price to `days` of a month that has `of` days."""

    def __init__(self, price: Price, days: int, of: int) -> None:
        self._held = price.is_level
        self._days, self._of = days, of
        self.atoms_of_one = 10**DECIMALS * of * price.months

    def count(self, whole: int) -> int:
        return whole if self._held else -(-whole * self._days // self._of)

    def amount(self, money: Decimal) -> int:
        """Atoms of money that is due for a whole month."""
        return _atoms(money) * self._days

    def each(self, money: Decimal) -> int:
        """Atoms of money that is due for one unit or package."""
        return _atoms(money) * (self._days if self._held else self._of)


def _atoms(money: Decimal) -> int:
    """Money in units of 10**-12 yuan, for a whole month."""
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
    """Buys the largest band as often as it is filled, and the smallest one that covers the rest."""
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
