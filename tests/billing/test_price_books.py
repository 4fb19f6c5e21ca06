"""Price books: shipped ones price every meter; an invalid one stops the start with one line and the fix."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.billing.books import price_of, shipped_book, write_book
from tests.conftest import Databases
from wecom_tollbooth.billing.price_books import (
    check_meters,
    load_price_book,
    load_price_books,
    shipped,
)
from wecom_tollbooth.families import load_families
from wecom_tollbooth.main import create_app
from wecom_tollbooth.settings import Settings, WrongSetting

Change = Callable[[dict[str, Any]], object]


def line_that_stops_the_start(databases: Databases, price_book: str) -> str:
    url = databases.new_url(migrated=False)
    with pytest.raises(WrongSetting) as stopped:
        create_app(Settings(database_url=url, price_book=price_book))
    line = str(stopped.value)
    assert "\n" not in line
    if url.startswith("sqlite:///"):
        assert not Path(url.removeprefix("sqlite:///")).exists(), "a wrong book must not create a database"
    return line


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_book_prices_every_meter_and_no_other(name: str) -> None:
    book = check_meters(load_price_book(name), {operation.meter for operation in load_families()})
    assert book.missing == ()


def test_a_book_can_be_any_toml_file(tmp_path: Path) -> None:
    book = load_price_book(write_book(tmp_path / "mine.toml", {**shipped_book(), "name": "mine"}))
    assert book.name == "mine"
    price = book.price_for("tag.read")
    assert price.unit_price == Decimal("0.0005")
    assert book.effective == date(2015, 1, 1)


def test_an_unknown_name_is_refused_with_the_shipped_names(databases: Databases) -> None:
    line = line_that_stops_the_start(databases, "article-tol")
    assert line == (
        "TOLLBOOTH_PRICE_BOOK: no book is called 'article-tol'; "
        f"use one of {', '.join(shipped())}, or the path of a .toml file"
    )


def test_a_missing_file_is_named(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "nowhere.toml"
    assert line_that_stops_the_start(databases, str(path)) == (
        f"{path}: No such file or directory; give the path of a price book"
    )


def test_broken_toml_is_refused_with_its_line(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('name = "mine"\ntitle = mine\n', encoding="utf-8")
    line = line_that_stops_the_start(databases, str(path))
    assert line.startswith(f"{path}: not valid TOML: ")
    assert "line 2" in line


def test_a_file_that_is_not_utf8_is_refused(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "gbk.toml"
    path.write_bytes('title = "收费站"'.encode("gbk"))
    assert line_that_stops_the_start(databases, str(path)).startswith(f"{path}: not valid TOML: ")


FIRST = {"meter": "credentials", "model": "per_unit", "unit_price": "0"}


def first(**changes: Any) -> Change:
    """Changes the first price, that of "credentials"; None removes a key."""

    def change(book: dict[str, Any]) -> None:
        price = {**FIRST, **changes}
        book["price"][0] = {key: value for key, value in price.items() if value is not None}

    return change


def tiered(*tiers: dict[str, Any], **more: Any) -> Change:
    return first(model="graduated", unit_price=None, tiers=list(tiers), **more)


def banded(*bands: dict[str, Any]) -> Change:
    return first(model="banded_capacity", unit_price=None, bands=list(bands))


MODELS = "per_unit, graduated, volume, package, flat, banded_capacity"
WHOLE = "write a whole number, 0 or more and below 10 to the 15th"
FROM_ONE = "write a whole number, 1 or more and below 10 to the 15th"

BAD: dict[str, tuple[Change, str]] = {
    "misspelt key": (
        lambda book: book.update(currrency="CNY"),
        "currrency: no such key; did you mean currency?",
    ),
    "unknown key": (
        lambda book: book.update(xyz=1),
        "xyz: no such key; a book has currency, effective, name, price, source, source_zh, title",
    ),
    "no prices": (
        lambda book: book.update(price=[]),
        "price: missing; add a table [[price]] for each meter or class of meters",
    ),
    "missing title": (lambda book: book.pop("title"), 'title: missing; write title = "…"'),
    "empty currency": (
        lambda book: book.update(currency=""),
        'currency: missing; write currency = "…"',
    ),
    "no day": (lambda book: book.pop("effective"), "effective: missing; write a day such as 2025-09-08"),
    "a day as text": (
        lambda book: book.update(effective="2025-09-08"),
        "effective: '2025-09-08'; write a day such as 2025-09-08",
    ),
    "a time": (
        lambda book: book.update(effective=datetime(2025, 9, 8, 1, 2, 3)),  # noqa: DTZ001
        "effective: datetime.datetime(2025, 9, 8, 1, 2, 3); write a day such as 2025-09-08",
    ),
    "no meter": (
        first(meter=None),
        'price 1: meter: write meter = "…", or meters = ["…", "customer.*"], and not both',
    ),
    "meter and meters": (
        first(meters=["tag.read"]),
        'price 1: meter: write meter = "…", or meters = ["…", "customer.*"], and not both',
    ),
    "a meter that is not text": (
        first(meter=None, meters=[1]),
        "price 1: meters: [1]; write names in quotes",
    ),
    "a star in the middle": (
        first(meter="cust*.read"),
        "price 1: meter: 'cust*.read'; a class is written such as customer.*, and * is every call",
    ),
    "calls and contacts in one": (
        first(meter=None, meters=["credentials", "contacts"]),
        "price 1: meters: contacts is held and calls are consumed; price them separately",
    ),
    "calls and links in one": (
        first(meter=None, meters=["credentials", "link_contacts"]),
        "price 1: meters: link_contacts are not calls; price them separately",
    ),
    "unknown model": (first(model="per_seat"), f"price 1: model: 'per_seat'; write one of {MODELS}"),
    "no model": (first(model=None), f"price 1: model: missing; write one of {MODELS}"),
    "a key of another model": (
        first(package_size=10),
        "price 1: package_size: no such key; a per_unit price has cap, confidence, free, meter, meters, "
        "minimum, model, per, refused, source, source_zh, together, unit_price",
    ),
    "no price": (first(unit_price=None), 'price 1: unit_price: missing; write unit_price = "0.002"'),
    "negative price": (
        first(unit_price="-0.01"),
        "price 1: unit_price: '-0.01'; it must be 0 or more and below 1000000",
    ),
    "infinite price": (
        first(unit_price="Infinity"),
        "price 1: unit_price: 'Infinity'; it must be 0 or more and below 1000000",
    ),
    "price too large": (
        first(unit_price="1e999999"),
        "price 1: unit_price: '1e999999'; it must be 0 or more and below 1000000",
    ),
    "too many decimals": (
        first(unit_price="0.0000000000001"),
        "price 1: unit_price: '0.0000000000001'; use at most 12 decimals",
    ),
    "float price": (first(unit_price=0.01), 'price 1: unit_price: 0.01; write it as text, such as "0.002"'),
    "price that is not a number": (
        first(unit_price="cheap"),
        "price 1: unit_price: 'cheap' is not a number; write text such as \"0.002\"",
    ),
    "negative free units": (first(free=-1), f"price 1: free: -1; {WHOLE}"),
    "half a free unit": (first(free=0.5), f"price 1: free: 0.5; {WHOLE}"),
    "a boolean as free units": (first(free=True), f"price 1: free: True; {WHOLE}"),
    "minimum above cap": (
        first(minimum="2", cap="1"),
        "price 1: minimum: 2 is above the cap 1; lower it, or raise the cap",
    ),
    "a minimum of several meters": (
        first(meter="*", minimum="2"),
        "price 1: minimum: it is due once, but for which meter? write together = true, or one meter",
    ),
    "a call per year": (first(per="year"), "price 1: per: 'year'; write one of call"),
    "contacts without per": (
        lambda book: price_of(book, "contacts").pop("per"),
        "price 5: per: missing; write one of month, year",
    ),
    "contacts per decade": (
        lambda book: price_of(book, "contacts").update(per="decade"),
        "price 5: per: 'decade'; write one of month, year",
    ),
    "seats together": (
        lambda book: book["price"][6].update(together=True),
        "price 7: together: contacts and seats are not counted together; price each separately",
    ),
    "refused neither free nor charged": (
        first(refused="no"),
        "price 1: refused: 'no'; write one of free, charged",
    ),
    "charged refused contacts": (
        lambda book: price_of(book, "link_contacts").update(refused="charged"),
        "price 6: refused: only calls are refused; remove it",
    ),
    "together as text": (first(together="yes"), "price 1: together: 'yes'; write true or false"),
    "unknown confidence": (
        first(confidence="sure"),
        "price 1: confidence: 'sure'; write one of high, medium, low, assumption",
    ),
    "no tiers": (
        tiered(),
        "price 1: tiers: missing; write tiers = [{ … }, …] with flat_amount, unit_price, up_to",
    ),
    "a last tier with an end": (
        tiered({"up_to": 5, "unit_price": "1"}),
        "price 1: tiers 1: up_to: 5; the last tier has no end, so leave it out",
    ),
    "a tier without end before the last": (
        tiered({"unit_price": "1"}, {"unit_price": "2"}),
        f"price 1: tiers 1: up_to: missing; {FROM_ONE}",
    ),
    "tiers out of order": (
        tiered({"up_to": 9, "unit_price": "1"}, {"up_to": 5, "unit_price": "1"}, {"unit_price": "1"}),
        "price 1: tiers 2: up_to: 5 is not above 9; list them from lowest to highest",
    ),
    "two tiers with one end": (
        tiered({"up_to": 5, "unit_price": "1"}, {"up_to": 5, "unit_price": "1"}, {"unit_price": "1"}),
        "price 1: tiers 2: up_to: 5 is not above 5; list them from lowest to highest",
    ),
    "a tier without a price": (
        tiered({"up_to": 5}, {"unit_price": "1"}),
        'price 1: tiers 1: unit_price: missing; write unit_price = "0.002"',
    ),
    "a negative tier": (
        tiered({"up_to": 5, "unit_price": "1", "flat_amount": "-1"}, {"unit_price": "1"}),
        "price 1: tiers 1: flat_amount: '-1'; it must be 0 or more and below 1000000000000",
    ),
    "an unknown key of a tier": (
        tiered({"unit_price": "1", "upto": 3}),
        "price 1: tiers 1: upto: no such key; did you mean up_to?",
    ),
    "a band of size 0": (
        banded({"up_to": 0, "flat_amount": "1"}),
        f"price 1: bands 1: up_to: 0; {FROM_ONE}",
    ),
    "bands out of order": (
        banded({"up_to": 2, "flat_amount": "1"}, {"up_to": 1, "flat_amount": "1"}),
        "price 1: bands 2: up_to: 1 is not above 2; list them from lowest to highest",
    ),
    "a package without its size": (first(model="package"), f"price 1: package_size: missing; {FROM_ONE}"),
    "missing contacts": (
        lambda book: book["price"].remove(price_of(book, "contacts")),
        "price: 'contacts' has no price; add [[price]] with meter = \"contacts\", "
        'model = "per_unit" and unit_price = "0" and per = "year"',
    ),
    "missing links": (
        lambda book: book["price"].remove(price_of(book, "link_contacts")),
        "price: 'link_contacts' has no price; add [[price]] with meter = \"link_contacts\", "
        'model = "per_unit" and unit_price = "0"',
    ),
    "missing seats": (
        lambda book: book["price"][6].update(meters=["seats.base"]),
        "price: 'seats.interop' has no price; add [[price]] with meter = \"seats.interop\", "
        'model = "per_unit" and unit_price = "0" and per = "year"',
    ),
    "misspelt meter": (
        lambda book: price_of(book, "tag.read").update(meter="tag.raed"),
        "price 8: meter 'tag.raed' is not known; did you mean 'tag.read'?",
    ),
    "unknown meter": (
        first(meter=None, meters=["credentials", "xxxxxxxx"]),
        "price 1: meter 'xxxxxxxx' is not known; remove it",
    ),
    "a meter priced twice": (
        first(meter="*"),
        "price 4: 'customer.list' is priced by price 1 already; name each meter once",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_book_stops_the_start_with_file_key_and_fix(
    databases: Databases, tmp_path: Path, case: str
) -> None:
    change, line = BAD[case]
    book = shipped_book()
    change(book)
    path = write_book(tmp_path / "bad.toml", book)
    assert line_that_stops_the_start(databases, path) == f"{path}: {line}"


# --- books that follow each other ------------------------------------------------------------------------


def book_file(folder: Path, name: str, **changes: Any) -> str:
    return write_book(folder / f"{name}.toml", {**shipped_book(), "name": name, **changes})


def test_several_books_are_listed_with_commas_in_any_order(tmp_path: Path) -> None:
    late = book_file(tmp_path, "late", effective=date(2026, 9, 8))
    books = load_price_books(f"{late}, article-toll")
    assert books.names == "article-toll, late"
    on = [date(2014, 12, 31), date(2015, 1, 1), date(2026, 9, 7), date(2026, 9, 8)]
    names = [book.name if book else None for book in map(books.on, on)]
    assert names == [None, "article-toll", "article-toll", "late"]


def test_a_month_is_split_into_the_days_of_each_book(tmp_path: Path) -> None:
    late = book_file(tmp_path, "late", effective=date(2026, 9, 8))
    spans = load_price_books(f"{late},article-toll").spans("2026-09")
    assert [(span.since.day, span.until.day, span.days, span.days_of_month) for span in spans] == [
        (1, 7, 7, 30),
        (8, 30, 23, 30),
    ]
    (whole,) = load_price_books(late).spans("2026-08")
    assert (whole.book, whole.days) == (None, 31)


def test_two_books_of_one_day_stop_the_start(databases: Databases, tmp_path: Path) -> None:
    path = book_file(tmp_path, "twin")
    line = line_that_stops_the_start(databases, f"article-toll,{path}")
    assert line.startswith(f"{path}: effective: 2015-01-01 is also the day of ")
    assert line.endswith("article-toll.toml; give each book its own day, or leave one out")


def test_two_currencies_stop_the_start(databases: Databases, tmp_path: Path) -> None:
    path = book_file(tmp_path, "dollars", currency="USD", effective=date(2026, 1, 1))
    line = line_that_stops_the_start(databases, f"article-toll,{path}")
    assert line.startswith(f"{path}: currency: 'USD', but ")
    assert line.endswith("has 'CNY'; use one currency for all books")


def test_a_setting_with_only_commas_is_refused(databases: Databases) -> None:
    assert line_that_stops_the_start(databases, " , ").startswith("TOLLBOOTH_PRICE_BOOK: empty; write ")
