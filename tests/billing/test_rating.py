"""The rating engine agrees with an oracle in fractions, and each model prices as documented."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tests.billing.tariffs import check_agreement
from wecom_tollbooth.billing.price_books import Price, Tier
from wecom_tollbooth.billing.rating import rate

EXAMPLES = 2_000


def test_random_tariffs_equal_the_result_in_fractions() -> None:
    check_agreement(seed=20250908, how_many=EXAMPLES, each_more_than=50)


def tiers(*written: tuple[int | None, str]) -> tuple[Tier, ...]:
    return tuple(Tier(up_to, Decimal(price)) for up_to, price in written)


CALLS = ("customer.read",)
SEATS = Price(
    CALLS, "graduated", "call", tiers=tiers((5, "50"), (200, "40"), (500, "30"), (1000, "20"), (None, "10"))
)


@pytest.mark.parametrize(("seats", "amount"), [(5, 250), (8, 370), (200, 8050), (1000, 27050)])
def test_graduated_prices_each_unit_by_its_own_tier(seats: int, amount: int) -> None:
    rated = rate(SEATS, seats)
    assert rated.amount == amount
    assert sum(step.amount for step in rated.steps) == amount


def test_the_steps_of_a_graduated_price_show_their_ranges() -> None:
    first, second = rate(SEATS, 8).steps
    assert (first.from_, first.to, first.quantity, first.unit_price, first.amount) == (0, 5, 5, 50, 250)
    assert (second.from_, second.to, second.quantity, second.unit_price, second.amount) == (
        5,
        200,
        3,
        40,
        120,
    )


def test_volume_prices_all_units_by_the_tier_of_the_last_one() -> None:
    price = Price(CALLS, "volume", "call", tiers=tiers((100, "0.02"), (None, "0.01")))
    assert [rate(price, quantity).amount for quantity in (0, 100, 101)] == [0, 2, Decimal("1.01")]


def test_a_band_is_bought_whole_and_the_largest_as_often_as_needed() -> None:
    bands = (Tier(5_000, flat_amount=Decimal(500)), Tier(20_000, flat_amount=Decimal(2_000)))
    price = Price(("contacts",), "banded_capacity", "year", tiers=bands, free=2_000)
    a_year = {held: rate(price, held).exact * 12 for held in (2_000, 2_001, 6_000, 8_000, 22_000, 35_000)}
    assert a_year == {2_000: 0, 2_001: 500, 6_000: 500, 8_000: 2_000, 22_000: 2_000, 35_000: 4_000}


@pytest.mark.parametrize(
    ("quantity", "price", "per", "amount"),
    [
        (0, "0.1", "year", "0.00"),
        (1, "0.005", "month", "0.01"),
        (1, "0.004999999999", "month", "0.00"),
        (3, "0.005", "month", "0.02"),
        (5, "0.005", "month", "0.03"),
        (3, "0.1", "year", "0.03"),
        (1, "0.1", "year", "0.01"),
        (1, "0.059999999999", "year", "0.00"),
        (1, "0.060000000000", "year", "0.01"),
        (999_999_999_999, "999999.999999999999", "month", "999999999998999999.00"),
        (2_000, "0.0005", "month", "1.00"),
    ],
)
def test_a_line_is_rounded_once_half_up_to_the_fen(quantity: int, price: str, per: str, amount: str) -> None:
    held = Price(("contacts",), "per_unit", per, unit_price=Decimal(price))  # type: ignore[arg-type]
    assert str(rate(held, quantity).amount) == amount


def test_minimum_and_cap_are_named_as_adjustments() -> None:
    price = Price(
        CALLS, "per_unit", "call", unit_price=Decimal(1), minimum=Decimal(10), cap=Decimal(20), free=5
    )
    amounts = [(rate(price, quantity).amount, rate(price, quantity).adjusted) for quantity in (0, 15, 20, 30)]
    assert amounts == [(10, "minimum"), (10, None), (15, None), (20, "cap")]


def test_ten_of_thirty_days_get_a_third_of_free_units_and_amounts() -> None:
    calls = Price(CALLS, "per_unit", "call", unit_price=Decimal("0.01"), free=1_000)
    rated = rate(calls, 1_000, 10, 30)
    assert (rated.free, rated.quantity, rated.amount) == (334, 666, Decimal("6.66"))
    held = Price(("contacts",), "per_unit", "month", unit_price=Decimal("0.01"), free=400)
    rated = rate(held, 1_000, 10, 30)
    assert (rated.free, rated.quantity, rated.exact) == (400, 600, Fraction(2))


def test_reversed_usage_is_refunded() -> None:
    price = Price(CALLS, "per_unit", "call", unit_price=Decimal("0.005"), free=10)
    assert [str(rate(price, quantity).amount) for quantity in (-1, -2, -3)] == ["0.00", "-0.01", "-0.01"]
    rated = rate(SEATS, -8)
    assert (rated.quantity, rated.free, rated.amount) == (-8, 0, -370)
    assert [step.quantity for step in rated.steps] == [-5, -3]
