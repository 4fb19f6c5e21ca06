"""The sums on a bill: whatever the price, they come to the line's amount."""

import random
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.billing.tariffs import random_price, random_quantity
from wecom_tollbooth.billing.price_books.model import Price, Tier
from wecom_tollbooth.billing.rating import rate
from wecom_tollbooth.billing.renderers.arithmetic import calculation, comes_to
from wecom_tollbooth.sim_api.billing.statement import decimal_text


def line_of(price: Price, quantity: int, days: int = 30) -> dict[str, Any]:
    """The line in JSON for `quantity` in the first days of September, which has 30."""
    rated = rate(price, quantity, days, 30)
    steps = [
        {
            "from": step.from_,
            "to": step.to,
            "quantity": step.quantity,
            "unit_price": f"{step.unit_price:f}",
            "flat": f"{step.flat:f}",
            "amount": decimal_text(step.amount),
        }
        for step in rated.steps
    ]
    return {
        "meter": price.meters[0],
        "since": "2026-09-01",
        "until": date(2026, 9, days).isoformat(),
        "per": price.per,
        "model": price.model,
        "unit_price": None if price.one_price is None else f"{price.one_price:f}",
        "steps": steps,
        "adjusted": rated.adjusted,
        "amount": f"{rated.amount:.2f}",
    }


def value_of(text: str) -> Fraction:
    """What a sum comes to, read as a reader with a calculator reads it."""
    tidy = text.replace(",", "").replace("≈ ", "").replace("−", "-").replace("×", "*").replace("÷", "/")
    assert re.fullmatch(r"[0-9.+*/() -]+", tidy), text
    exact = re.sub(r"[0-9]+(\.[0-9]+)?", lambda found: f"Fraction('{found[0]}')", tidy)
    return Fraction(eval(exact, {"Fraction": Fraction}))


@pytest.mark.parametrize(
    ("price", "quantity", "days", "sum_", "last"),
    [
        (Price(("contacts",), "per_unit", "year", Decimal("0.1")), 400, 30, "400 × 0.1 ÷ 12", ""),
        (Price(("contacts",), "per_unit", "year", Decimal("0.1")), 400, 10, "400 × 0.1 ÷ 12 × 10 ÷ 30", ""),
        (Price(("customer.read",), "per_unit", "call", Decimal("0.002")), 1500, 10, "1,500 × 0.002", ""),
        (
            Price(("seats.base",), "graduated", "year", tiers=(Tier(5, Decimal(5)), Tier(None, Decimal(4)))),
            8,
            30,
            "(5 × 5 + 3 × 4) ÷ 12",
            "(25 + 12) ÷ 12",
        ),
        (
            Price(("customer.read",), "package", "call", Decimal("1.5"), package_size=100),
            250,
            30,
            "3 × 1.5",
            "",
        ),
        (Price(("customer.read",), "flat", "year", flat_amount=Decimal(1200)), 7, 30, "1,200 ÷ 12", ""),
        (
            Price(("customer.read",), "volume", "call", tiers=(Tier(None, Decimal("0.1"), Decimal(3)),)),
            9,
            10,
            "9 × 0.1 + 3 × 10 ÷ 30",
            "",
        ),
        (Price(("customer.read",), "per_unit", "call", Decimal("0.5")), -3, 30, "-3 × 0.5", ""),
    ],
)
def test_the_sum_of_a_line(price: Price, quantity: int, days: int, sum_: str, last: str) -> None:
    calculated = calculation(line_of(price, quantity, days))
    assert (calculated.sum, calculated.last) == (sum_, last)


def test_every_sum_comes_to_the_amount_of_its_line() -> None:
    for number in range(200):
        dice = random.Random(number)
        price, days = random_price(dice), dice.randint(1, 30)
        quantity = random_quantity(dice, price)
        calculated = calculation(line_of(price, quantity, days))
        exact = sum((step.amount for step in rate(price, quantity, days, 30).steps), Fraction(0))
        assert value_of(calculated.sum) == exact, (price, quantity, days)
        if calculated.last and "≈" not in calculated.last:
            assert value_of(calculated.last) == exact
        assert sum((value_of(share) for _, share in calculated.each()), Fraction(0)) == exact


def test_an_amount_without_an_end_is_shown_to_the_fen() -> None:
    assert comes_to("3.3") == "= 3.3"
    assert comes_to("33333.333333333333") == "≈ 33,333.33"
