"""The shipped price books match their sources."""

from datetime import date
from decimal import Decimal

import pytest

from tests.conftest import Corp
from wecom_tollbooth.billing.ledger import Level, Used
from wecom_tollbooth.billing.price_books import load_price_book, load_price_books, shipped
from wecom_tollbooth.billing.statements import Line, make_statement

AUGUST, SEPTEMBER = date(2025, 8, 14), date(2025, 9, 20)


def a_year(book: str, meter: str, quantity: int) -> Decimal:
    """Twelve times the monthly amount, exact in fractions."""
    line = line_of(book, Level(date(2026, 8, 14), meter, quantity))
    twelve = line.exact * 12
    assert twelve.denominator == 1
    return Decimal(twelve.numerator)


def line_of(book: str, level: Level) -> Line:
    statement = make_statement("ww1", "2026-08", load_price_books(book), [], [level])
    return next(line for line in statement.lines if line.meter == level.meter)


@pytest.mark.parametrize(
    ("contacts", "yuan"), [(2_000, 0), (6_000, 500), (8_000, 2_000), (70_000_000, 7_000_000)]
)
def test_the_scale_of_contacts_is_bought_in_bands(contacts: int, yuan: int) -> None:
    assert a_year("wecom-2025", "contacts", contacts) == yuan


@pytest.mark.parametrize("book", ["wecom-2022", "wecom-2025"])
@pytest.mark.parametrize(("seats", "yuan"), [(5, 250), (8, 370), (200, 8_050), (1_000, 27_050)])
def test_accounts_are_priced_by_band(book: str, seats: int, yuan: int) -> None:
    assert a_year(book, "seats.interop", seats) == yuan
    assert a_year(book, "seats.base", seats) * 10 == yuan


def test_a_contact_through_a_link_costs_a_yuan_since_2025() -> None:
    used = [Used(day, 1, "act", "link_contacts", 0, 30) for day in (AUGUST, SEPTEMBER)]
    books = load_price_books("wecom-2022,wecom-2025")
    totals = [make_statement("ww1", month, books, used, []).total for month in ("2025-08", "2025-09")]
    assert totals == [0, 30]


@pytest.mark.parametrize("name", shipped())
def test_every_price_has_a_source_and_a_confidence(name: str) -> None:
    for price in load_price_book(name).prices:
        assert len(price.source) > 20
        assert price.confidence in ("medium", "low", "assumption"), "no official price page could be read"
        assert price.source != load_price_book(name).source


def test_a_month_can_be_priced_with_a_shipped_book_that_is_not_in_force(corp: Corp) -> None:
    corp.client()
    there = corp.sim("statement", price_book="wecom-2022, wecom-2025")
    assert there["price_book"] == "wecom-2022, wecom-2025"
    in_force = corp.sim("statement")
    assert there["compared"] == {
        "price_book": "article-toll",
        "currency": "CNY",
        "total": in_force["total"],
        "difference": f"{Decimal(there['total']) - Decimal(in_force['total']):f}",
    }
    refused = corp.server.sim.get(f"/corps/{corp.corpid}/statement", params={"price_book": "../x"})
    assert refused.status_code == 422
    assert refused.json()["error"].startswith("price_book: no book is called '../x'; use article-toll, wecom")
