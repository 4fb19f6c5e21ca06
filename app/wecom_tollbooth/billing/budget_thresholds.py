"""When an alert of a budget is due, and how many calls can't reach one yet. Pure functions."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from wecom_tollbooth.billing.price_books import Price, PriceBook

ANY_NUMBER = 10**15
"""The number of calls that fit when no call costs anything on this day."""

BUDGET_BLOCKED = 701063
"""The errcode of a call refused for its budget, which is free under any price book."""

FEN = Decimal("0.01")


def reached(spent: Decimal, budget: Decimal, alerts: Iterable[int]) -> list[int]:
    """The thresholds, percent of the budget, that the spending has reached, in rising order."""
    return sorted(percent for percent in set(alerts) if spent * 100 >= budget * percent)


def calls_that_fit(spent: Decimal, marks: Iterable[Decimal], book: PriceBook | None, lines: int) -> int:
    """How many more calls, of any operation, leave the spending below each of `marks` for certain.

    `spent` is below each of them. `lines` is how many lines of a statement calls can be on: each may be
    rounded down by half a fen now, and up by as much later.
    """
    dearest = dearest_call(book)
    nearest = min(marks, default=None)
    if nearest is None or dearest == 0:
        return ANY_NUMBER
    if dearest is None:
        return 0
    room = Fraction(nearest) - Fraction(spent) - lines * Fraction(FEN)
    # The last call that fits could reach the mark exactly, so it doesn't count.
    return max(0, min(ANY_NUMBER, -(-room // dearest) - 1))


def dearest_call(book: PriceBook | None) -> Fraction | None:
    """The most that one more call can add under `book`, whatever was used before; None: unknown.

    Amounts due once (of a tier, a package, a minimum) are counted as if each call had to pay them.
    """
    if book is None:
        return Fraction(0)
    costs = [_dearest(price) for price in book.prices if not price.is_level]
    return None if None in costs else max((cost for cost in costs if cost is not None), default=Fraction(0))


def _dearest(price: Price) -> Fraction | None:
    units = [tier.unit_price for tier in price.tiers] or [price.unit_price]
    once = [tier.flat_amount for tier in price.tiers] or [price.flat_amount]
    # A tier that makes all units dearer at once has no upper bound for one call.
    if price.model == "volume" and (any(once) or units != sorted(units, reverse=True)):
        return None
    return Fraction(max(units)) + sum(map(Fraction, once)) + Fraction(price.minimum or 0)


def charges_refusals(book: PriceBook | None) -> bool:
    return book is not None and any(price.refused_charged for price in book.prices)
