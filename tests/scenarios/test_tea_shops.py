"""A month of a chain of tea shops under each price model, and under changing price books.

Twelve shops; 9,000 customers at the start of September 2026 and 9,600 at its end. The tills read whoever
orders, 39,000 times in all, of which 1,500 are refused.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import ask, cells
from tests.conftest import Corp, RunningServer
from wecom_tollbooth.billing.ledger import Level, Used
from wecom_tollbooth.billing.price_books import PriceBooks, read_price_book
from wecom_tollbooth.billing.statements import Line, Statement, make_statement

READ = "/cgi-bin/externalcontact/get"
CUSTOMERS_AT_FIRST, A_DAY, READS_A_DAY, REFUSED_A_DAY = 9_000, 20, 1_250, 50
DAYS = [date(2026, 9, 1) + timedelta(days=day) for day in range(30)]

USED = [
    item
    for day in DAYS
    for item in (
        Used(day, 1_000_002, READ, "customer.read", 0, READS_A_DAY),
        Used(day, 1_000_002, READ, "customer.read", 84061, REFUSED_A_DAY),
        Used(day, 0, "acquisition link", "link_contacts", 0, 3),
    )
]
HELD = [Level(day, "contacts", CUSTOMERS_AT_FIRST + A_DAY * day.day) for day in DAYS]
HELD += [Level(day, "seats.interop", 12) for day in DAYS]


def book(*prices: str, effective: str = "2026-01-01", name: str = "tea") -> Any:
    head = (
        f'name = "{name}"\ntitle = "t"\ncurrency = "CNY"\nsource = "A tea shop."\neffective = {effective}\n'
    )
    return read_price_book(head + "\n".join(f"[[price]]\n{price}" for price in prices), f"{name}.toml")


NOTHING_ELSE = (
    'meter = "link_contacts"\nmodel = "per_unit"\nunit_price = "0"',
    'meter = "seats.*"\nmodel = "per_unit"\nunit_price = "0"\nper = "year"',
)
FREE_CONTACTS = 'meter = "contacts"\nmodel = "per_unit"\nunit_price = "0"\nper = "year"'
FREE_CALLS = 'meter = "*"\nmodel = "per_unit"\nunit_price = "0"'


def september(*books: Any) -> Statement:
    return make_statement("wwtea", "2026-09", PriceBooks(books), USED, HELD)


def reads(price: str) -> Line:
    """The line of the reads under a price of calls."""
    statement = september(book(f'meter = "customer.*"\n{price}', FREE_CONTACTS, *NOTHING_ELSE))
    (line,) = (line for line in statement.lines if line.meter.startswith("customer."))
    assert line.quantity + line.free == 37_500 or "refused" in price
    return line


def contacts(price: str) -> Line:
    statement = september(book(FREE_CALLS, f'meter = "contacts"\n{price}', *NOTHING_ELSE))
    return next(line for line in statement.lines if line.meter == "contacts")


def test_per_unit_reads_after_the_first_thousand_cost_a_tenth_of_a_fen() -> None:
    line = reads('model = "per_unit"\nunit_price = "0.001"\nfree = 1000')
    assert (line.free, line.quantity, line.amount) == (1_000, 36_500, Decimal("36.50"))


def test_graduated_reads_cost_less_in_each_tier() -> None:
    line = reads(
        'model = "graduated"\ntiers = [{ up_to = 10000, unit_price = "0.002" }, '
        '{ up_to = 30000, unit_price = "0.001", flat_amount = "5" }, { unit_price = "0.0005" }]'
    )
    assert [step.quantity for step in line.steps] == [10_000, 20_000, 7_500]
    assert [step.amount for step in line.steps] == [20, 25, Decimal("3.75")]
    assert line.amount == Decimal("48.75")


def test_volume_the_last_read_sets_the_price_of_all() -> None:
    line = reads(
        'model = "volume"\ntiers = [{ up_to = 10000, unit_price = "0.002" }, { unit_price = "0.001" }]'
    )
    assert line.amount == Decimal("37.50")


def test_package_reads_are_bought_in_ten_thousands() -> None:
    line = reads('model = "package"\nunit_price = "12"\npackage_size = 10000')
    assert (line.steps[0].to, line.amount) == (40_000, 48)


def test_flat_a_month_costs_the_same_for_any_number_of_reads() -> None:
    flat = 'model = "flat"\nflat_amount = "99"\nper = "month"\ntogether = true'
    statement = september(book(f'meters = ["customer.*", "tag.*"]\n{flat}', FREE_CONTACTS, *NOTHING_ELSE))
    line = statement.lines[0]
    assert (line.meter, line.quantity, line.amount) == ("customer.*+tag.*", 37_500, 99)
    assert (line.title_zh, line.title_en) == ("客户·全部＋标签·全部", "Customers: all + Tags: all")


def test_banded_capacity_the_peak_day_decides_the_band() -> None:
    line = contacts(
        'model = "banded_capacity"\nper = "year"\nfree = 2000\n'
        'bands = [{ up_to = 5000, flat_amount = "500" }, { up_to = 20000, flat_amount = "2000" }]'
    )
    assert (line.free, line.quantity) == (2_000, 7_600)
    assert line.made_of == ({"day": "2026-09-30", "quantity": 9_600},)
    assert line.amount == Decimal("166.67"), "a twelfth of the band of 20,000"


def test_refused_reads_are_free_unless_the_book_charges_them() -> None:
    free = reads('model = "per_unit"\nunit_price = "0.001"')
    charged = reads('model = "per_unit"\nunit_price = "0.001"\nrefused = "charged"')
    assert (free.amount, charged.amount) == (Decimal("37.50"), Decimal("39.00"))
    assert charged.made_of == (
        {"operation": READ, "quantity": 37_500},
        {"operation": READ, "errcode": 84061, "quantity": 1_500},
    )


def test_minimum_and_cap_limit_the_amount() -> None:
    together = 'together = true\nmodel = "per_unit"\nunit_price = "0.001"\n'
    assert (reads(together + 'minimum = "50"').amount, reads(together + 'cap = "30"').amount) == (50, 30)
    assert reads(together + 'minimum = "50"').adjusted == "minimum"


def test_a_price_that_rises_on_the_eleventh_prices_each_day_at_its_own_price() -> None:
    price = 'meter = "*"\nmodel = "per_unit"\nunit_price = "{}"\nfree = 1000'
    contact = 'meter = "contacts"\nmodel = "per_unit"\nunit_price = "{}"\nper = "month"\nfree = 2000'
    cheap = book(price.format("0.001"), contact.format("0.01"), *NOTHING_ELSE, name="cheap")
    dear = book(
        price.format("0.002"), contact.format("0.02"), *NOTHING_ELSE, effective="2026-09-11", name="dear"
    )
    lines = september(cheap, dear).lines
    records = [
        (
            line.meter,
            line.book and line.book.name,
            line.since.day,
            line.until.day,
            line.free,
            line.quantity,
            line.amount,
        )
        for line in lines
        if line.meter in ("customer.read", "contacts")
    ]
    assert records == [
        ("customer.read", "cheap", 1, 10, 334, 12_166, Decimal("12.17")),
        ("customer.read", "dear", 11, 30, 667, 24_333, Decimal("48.67")),
        ("contacts", "cheap", 1, 10, 2_000, 7_200, Decimal("24.00")),
        ("contacts", "dear", 11, 30, 2_000, 7_600, Decimal("101.33")),
    ]


def test_days_before_the_first_book_are_shown_and_not_charged() -> None:
    price = 'meter = "*"\nmodel = "per_unit"\nunit_price = "0.001"'
    late = book(price, FREE_CONTACTS, *NOTHING_ELSE, effective="2026-09-21")
    before, after = (line for line in september(late).lines if line.meter == "customer.read")
    assert (before.model, before.book, before.free, before.amount) == ("unpriced", None, 25_000, 0)
    assert (after.quantity, after.amount) == (12_500, Decimal("12.50"))


def test_a_chain_without_contacts_or_calls_owes_no_flat_amount() -> None:
    flat = 'meter = "*"\nmodel = "flat"\nflat_amount = "99"\nper = "month"\ntogether = true'
    books = PriceBooks([book(flat, FREE_CONTACTS, *NOTHING_ELSE)])
    assert make_statement("wwtea", "2026-09", books, [], []).total == 0


def test_calls_of_august_reversed_in_september_are_refunded() -> None:
    used = [Used(DAYS[3], 1, READ, "customer.read", 0, -200), Used(DAYS[3], 1, "/x", "tag.read", 0, 0)]
    calls = 'meter = "*"\nmodel = "per_unit"\nunit_price = "0.01"\nfree = 1000'
    books = PriceBooks([book(calls, FREE_CONTACTS, *NOTHING_ELSE)])
    statement = make_statement("wwtea", "2026-09", books, used, [])
    assert [(line.meter, line.quantity, line.free, line.amount) for line in statement.lines] == [
        ("customer.read", -200, 0, -2),
        ("contacts", 0, 0, 0),
    ]


# --- at the till -----------------------------------------------------------------------------------------


@pytest.fixture
def dearer(tmp_path: Path) -> Path:
    path = tmp_path / "dearer.toml"
    path.write_text(
        'name = "dearer"\ntitle = "t"\ncurrency = "CNY"\nsource = "What if."\neffective = 2020-01-01\n'
        '[[price]]\nmeter = "*"\nmodel = "package"\nunit_price = "2.50"\npackage_size = 3\n'
        '[[price]]\nmeter = "contacts"\nmodel = "graduated"\nper = "month"\n'
        'tiers = [{ up_to = 10, unit_price = "0.1" }, { unit_price = "0.01", flat_amount = "1" }]\n'
        + "".join(f"[[price]]\n{price}\n" for price in NOTHING_ELSE),
        encoding="utf-8",
    )
    return path


def test_a_bill_can_be_priced_again_with_a_custom_book(
    server: RunningServer, corp: Corp, dearer: Path
) -> None:
    wecom = corp.client()
    for _ in range(4):
        wecom.get("externalcontact/list", userid="zhangsan")
    shown = ask(server, "bill", corp.corpid, "--price-book", str(dearer))
    assert cells(shown, "客户·列表")[1:] == ["4", "2.50", "次 call", "5.00"]
    assert cells(shown, "外部联系人")[1:] == ["40", "阶梯 graduated", "月 month", "2.30"]
    assert cells(shown, "1–10") == ["1–10", "10", "0.1"]
    assert cells(shown, "11+") == ["11+", "30", "0.01 + 1"]
    statement = corp.sim("statement")
    assert cells(shown, "现行价目") == ["现行价目 In force: article-toll", statement["total"]]
    total = Decimal(cells(shown, "合计 Total")[1])
    assert total == Decimal("9.80"), "5.00 of lists, 2.50 of one token, 2.30 of contacts"
    assert cells(shown, "差额 Difference")[1] == f"{total - Decimal(statement['total'])}"


def test_a_bad_book_is_reported_with_its_position(corp: Corp) -> None:
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/statement", json={"price_books": ["wecom-2025", "x = 1"]}
    )
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("price_books 2: x: no such key; a book has currency, ")
