"""Sums of a statement, exact to the fen, for random books and usage."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.billing.books import rounded
from wecom_tollbooth.billing.ledger import Level, Used
from wecom_tollbooth.billing.price_books import Price, PriceBook, PriceBooks, load_price_books
from wecom_tollbooth.billing.price_books.model import DECIMALS
from wecom_tollbooth.billing.price_books.shapes import PRICE_BELOW
from wecom_tollbooth.billing.rating import rate
from wecom_tollbooth.billing.statements import Statement, make_statement

DAY = date(2026, 8, 14)
OPERATIONS = {"/a": "read", "/b": "read", "/c": "write", "/d": "list"}


# --- the sum ---------------------------------------------------------------------------------------------


def money(below: int) -> st.SearchStrategy[Decimal]:
    return st.builds(
        lambda whole, decimals: Decimal(whole % (below * 10**decimals)).scaleb(-decimals),
        st.integers(0, below * 10**DECIMALS),
        st.integers(0, DECIMALS),
    )


@st.composite
def books(draw: st.DrawFn) -> PriceBook:
    prices = [
        Price((meter,), "per_unit", "call", unit_price=draw(money(PRICE_BELOW)), free=draw(st.integers(0, 9)))
        for meter in sorted(set(OPERATIONS.values()))
    ]
    contacts = Price(
        ("contacts",),
        "per_unit",
        draw(st.sampled_from(["month", "year"])),
        unit_price=draw(money(PRICE_BELOW)),
        free=draw(st.integers(0, 5_000)),
    )
    day = date(2026, 1, 1)
    return PriceBook("drawn", "drawn", "CNY", "drawn", day, (*prices, contacts), "drawn.toml")


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""No deadline, because the machine may be busy."""

quantities = st.integers(1, 10**9)
usages = st.dictionaries(
    st.tuples(st.sampled_from(sorted(OPERATIONS)), st.sampled_from([0, 40003, -1])), quantities
)
levels = st.lists(
    st.builds(Level, st.dates(date(2026, 8, 1), date(2026, 8, 31)), st.just("contacts"), quantities)
)


def statement_of(book: PriceBook, usage: dict[tuple[str, int], int], held: list[Level]) -> Statement:
    used = [Used(DAY, 1, path, OPERATIONS[path], errcode, count) for (path, errcode), count in usage.items()]
    return make_statement("ww1", "2026-08", PriceBooks([book]), used, held)


@UNHURRIED
@given(books(), usages, levels)
def test_the_total_is_the_sum_of_the_lines_and_equals_the_exact_result(
    book: PriceBook, usage: dict[tuple[str, int], int], held: list[Level]
) -> None:
    statement = statement_of(book, usage, held)

    charged: Counter[str] = Counter()
    for (path, errcode), count in usage.items():
        if errcode == 0:
            charged[OPERATIONS[path]] += count
    charged["contacts"] = max((level.peak for level in held), default=0)
    amounts = {}
    for meter, count in charged.items():
        price = book.price_for(meter)
        months = 12 if price.per == "year" else 1
        exact = Fraction(max(0, count - price.free)) * Fraction(str(price.unit_price)) / months
        amounts[meter] = rounded(exact)

    shown = {line.meter: Fraction(str(line.amount)) for line in statement.lines if line.meter != "refused"}
    assert shown == amounts
    assert Fraction(str(statement.total)) == sum(amounts.values())
    assert statement.total == sum((line.amount for line in statement.lines), Decimal(0))
    assert statement.total == statement.total.quantize(Decimal("0.01"))


@UNHURRIED
@given(books(), usages, levels)
def test_parts_add_up_to_their_line_and_every_call_is_on_a_line(
    book: PriceBook, usage: dict[tuple[str, int], int], held: list[Level]
) -> None:
    lines = {line.meter: line for line in statement_of(book, usage, held).lines}
    for line in lines.values():
        assert sum(int(part["quantity"]) for part in line.made_of) == line.quantity + line.free
    calls: Counter[tuple[str, int]] = Counter()
    for meter, line in lines.items():
        for part in line.made_of if meter != "contacts" else ():
            calls[(str(part["operation"]), int(part.get("errcode", 0)))] += int(part["quantity"])
    assert calls == Counter(usage)
    assert ("refused" in lines) == any(errcode for _, errcode in usage)


def test_seventy_million_contacts_cost_seven_million_a_year() -> None:
    """The worked example of the article: a chain of over 20,000 shops pays at least 7,000,000 CNY a year."""
    books = load_price_books("article-toll")
    price = books.books[0].price_for("contacts")
    assert rate(price, 70_000_000).exact * 12 == 7_000_000
    statement = make_statement("ww1", "2026-08", books, [], [Level(DAY, "contacts", 70_000_000)])
    assert statement.total == Decimal("583333.33")


def test_calls_of_a_meter_without_a_price_are_charged_0_and_say_so() -> None:
    books = load_price_books("article-toll")
    charged = make_statement("ww1", "2026-08", books, [Used(DAY, 1, "/x", "gone", 0, 7)], [])
    (line,) = [line for line in charged.lines if line.meter == "gone"]
    assert (line.quantity, line.amount, line.model) == (7, 0, "per_unit")
    assert line.note[1] == "gone has no price in this book: charged 0"
    assert charged.total == 0
    refused = make_statement("ww1", "2026-08", books, [Used(DAY, 1, "/x", "gone", 40003, 1)], [])
    assert refused.total == 0


DAYS_OF_AUGUST = st.integers(2, 31)


@UNHURRIED
@given(books(), usages, st.sets(DAYS_OF_AUGUST, max_size=5), quantities)
def test_splitting_a_month_between_equal_books_changes_no_unit_price(
    book: PriceBook, usage: dict[tuple[str, int], int], changes: set[int], contacts: int
) -> None:
    """Without free units and with constant contacts, the parts of a month add up exactly."""
    book = replace(book, prices=tuple(replace(price, free=0) for price in book.prices))
    days = [date(2026, 8, day) for day in range(1, 32)]
    used = [
        Used(day, 1, path, OPERATIONS[path], errcode, count)
        for day in days
        for (path, errcode), count in usage.items()
    ]
    held = [Level(day, "contacts", contacts) for day in days]
    several = [book, *(replace(book, effective=date(2026, 8, day)) for day in changes)]
    whole = make_statement("ww1", "2026-08", PriceBooks([book]), used, held)
    parts = make_statement("ww1", "2026-08", PriceBooks(several), used, held)
    for line in whole.lines:
        assert sum(part.exact for part in parts.lines if part.meter == line.meter) == line.exact
    lines_of_contacts = [line for line in parts.lines if line.meter == "contacts"]
    assert len(lines_of_contacts) == len(changes) + 1
