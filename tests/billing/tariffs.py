"""Random tariffs and usages, and an oracle in fractions that is independent of billing/rating.py.

It implements docs/price-books.md and shares only the data model of prices with the program.
"""

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from wecom_tollbooth.billing.price_books import Price, Tier
from wecom_tollbooth.billing.price_books.model import Model, Per
from wecom_tollbooth.billing.rating import rate

PERIODS: tuple[Per, ...] = ("month", "year")
MODELS: tuple[Model, ...] = ("per_unit", "graduated", "volume", "package", "flat", "banded_capacity")
LEVEL, CALLS = "contacts", "customer.read"


def random_money(dice: random.Random, below: int) -> Decimal:
    decimals = dice.choice((0, 1, 2, 3, 4, 12))
    return Decimal(dice.randrange(below * 10**decimals)).scaleb(-decimals)


def random_count(dice: random.Random, least: int = 0) -> int:
    return max(least, dice.randrange(10 ** dice.randint(0, 9)))


def random_ends(dice: random.Random, how_many: int) -> list[int]:
    ends = {random_count(dice, 1) for _ in range(how_many)}
    return sorted(ends)


def random_price(dice: random.Random) -> Price:
    model = dice.choice(MODELS)
    held = dice.random() < 0.5
    per: Per = dice.choice(PERIODS) if held or model == "flat" else "call"
    tiers: tuple[Tier, ...] = ()
    if model in ("graduated", "volume"):
        tiers = tuple(
            Tier(
                end, random_money(dice, 100), random_money(dice, 1000) if dice.random() < 0.3 else Decimal(0)
            )
            for end in (*random_ends(dice, dice.randint(0, 5)), None)
        )
    if model == "banded_capacity":
        ends = random_ends(dice, dice.randint(1, 5))
        tiers = tuple(Tier(end, flat_amount=random_money(dice, 100_000)) for end in ends)
    least, most = sorted((random_money(dice, 10_000), random_money(dice, 10_000_000)))
    return Price(
        meters=(LEVEL if held else CALLS,),
        model=model,
        per=per,
        unit_price=random_money(dice, 1000) if model in ("per_unit", "package") else Decimal(0),
        flat_amount=random_money(dice, 100_000) if model == "flat" else Decimal(0),
        tiers=tiers,
        package_size=random_count(dice, 1) if model == "package" else 1,
        free=random_count(dice) if model != "flat" and dice.random() < 0.5 else 0,
        minimum=least if dice.random() < 0.2 else None,
        cap=most if dice.random() < 0.2 else None,
    )


def random_quantity(dice: random.Random, price: Price) -> int:
    """A quantity, often next to the end of a tier, where mistakes are likely."""
    ends = [tier.up_to for tier in price.tiers if tier.up_to] + [price.package_size]
    if dice.random() < 0.5:
        return max(0, price.free + dice.choice(ends) * dice.randint(1, 3) + dice.randint(-1, 1))
    return random_count(dice) * (-1 if dice.random() < 0.1 else 1)


def expected(price: Price, quantity: int, days: int, of: int) -> Fraction:
    """The exact amount."""
    share = Fraction(days, of)
    held = price.meters == (LEVEL,)

    def count(whole: int) -> int:
        return whole if held else math.ceil(whole * share)

    def whole(money: Decimal) -> Fraction:
        return Fraction(str(money)) * share / (12 if price.per == "year" else 1)

    def unit(money: Decimal) -> Fraction:
        return whole(money) if held else Fraction(str(money))

    if quantity < 0 and price.model != "flat":
        used = replace(price, free=0, minimum=None, cap=None)
        return bounded(price, -expected(used, -quantity, days, of), whole)
    n = max(0, quantity - count(price.free))
    ends = [math.inf if tier.up_to is None else count(tier.up_to) for tier in price.tiers]
    amount = Fraction(0)
    if price.model == "per_unit":
        amount = n * unit(price.unit_price)
    elif price.model == "package":
        amount = math.ceil(Fraction(n, price.package_size)) * unit(price.unit_price)
    elif price.model == "flat":
        amount = whole(price.flat_amount)
    elif price.model == "volume" and n:
        tier = next(tier for tier, end in zip(price.tiers, ends, strict=True) if n <= end)
        amount = Fraction(n) * unit(tier.unit_price) + whole(tier.flat_amount)
    elif price.model == "graduated":
        for tier, low, high in zip(price.tiers, [0, *ends], ends, strict=False):
            if n > low and high > low:
                amount += Fraction(min(n, high) - low) * unit(tier.unit_price) + whole(tier.flat_amount)
    elif price.model == "banded_capacity":
        while n > 0:
            place = next((place for place, end in enumerate(ends) if n <= end), len(ends) - 1)
            times = max(1, int(n // ends[place]))
            amount += times * whole(price.tiers[place].flat_amount)
            n -= times * int(ends[place])
    return bounded(price, amount, whole)


def bounded(price: Price, amount: Fraction, whole: Callable[[Decimal], Fraction]) -> Fraction:
    if price.minimum is not None:
        amount = max(amount, whole(price.minimum))
    if price.cap is not None:
        amount = min(amount, whole(price.cap))
    return amount


def to_the_fen(exact: Fraction) -> Fraction:
    return Fraction(math.floor(exact * 100 + Fraction(1, 2)), 100)


def compare(seed: int, how_many: int) -> Counter[str]:
    """Prices random usages with both and asserts that they agree; returns the number of runs by model."""
    dice = random.Random(seed)
    ran: Counter[str] = Counter()
    for _ in range(how_many):
        price = random_price(dice)
        quantity = random_quantity(dice, price)
        of = dice.choice((28, 29, 30, 31))
        days = of if dice.random() < 0.5 else dice.randint(1, of)
        rated = rate(price, quantity, days, of)
        exact = expected(price, quantity, days, of)
        assert rated.exact == exact, (price, quantity, days, of)
        assert Fraction(str(rated.amount)) == to_the_fen(exact), (price, quantity, days, of)
        steps = sum((step.amount for step in rated.steps), Fraction(0))
        assert (steps == exact) is (rated.adjusted is None), (price, quantity, days, of)
        assert rated.quantity + rated.free == quantity
        assert price.model == "flat" or sum(step.quantity for step in rated.steps) == rated.quantity
        ran[price.model] += 1
        ran["more reversed than used"] += quantity < 0
        ran["part of a month"] += days < of
        ran[rated.adjusted or "not adjusted"] += 1
    return ran


def check_agreement(*, seed: int, how_many: int, each_more_than: int) -> None:
    """`how_many` random tariffs agree, and each kind of case came up more than `each_more_than` times."""
    ran = compare(seed=seed, how_many=how_many)
    print(f"{how_many} random tariffs agreed: {dict(ran)}")
    assert sum(ran[model] for model in MODELS) == how_many
    kinds = (*MODELS, "minimum", "cap", "part of a month", "more reversed than used")
    assert min(ran[kind] for kind in kinds) > each_more_than, ran
