"""Price books: the shipped ones are whole, and a bad one stops the start with one line that says the mend."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.billing.price_books import load_price_book, refuse_unpriced_meters, shipped
from app.gateway.operation import load_families
from app.main import create_app
from app.settings import Settings, WrongSetting
from tests.books import shipped_book, write_book
from tests.conftest import Databases

Change = Callable[[dict[str, Any]], object]


def line_that_stops_the_start(databases: Databases, price_book: str) -> str:
    url = databases.new_url(migrated=False)
    with pytest.raises(WrongSetting) as stopped:
        create_app(Settings(database_url=url, price_book=price_book))
    line = str(stopped.value)
    assert "\n" not in line
    if url.startswith("sqlite:///"):
        assert not Path(url.removeprefix("sqlite:///")).exists(), "a wrong book must not make a database"
    return line


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_book_prices_every_meter_and_no_other(name: str) -> None:
    refuse_unpriced_meters(load_price_book(name), {operation.meter for operation in load_families()})


def test_a_book_can_be_any_toml_file(tmp_path: Path) -> None:
    book = load_price_book(write_book(tmp_path / "mine.toml", {**shipped_book(), "name": "mine"}))
    assert book.name == "mine"
    assert book.price_per_call("tag.read") == Decimal(shipped_book()["calls"]["tag.read"])


def test_a_book_that_is_not_shipped_is_answered_with_those_that_are(databases: Databases) -> None:
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


def test_broken_toml_is_told_with_its_line(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('name = "mine"\ntitle = mine\n', encoding="utf-8")
    line = line_that_stops_the_start(databases, str(path))
    assert line.startswith(f"{path}: no good TOML: ")
    assert "line 2" in line


def test_a_file_that_is_not_utf8_is_told(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "gbk.toml"
    path.write_bytes('title = "收费站"'.encode("gbk"))
    assert line_that_stops_the_start(databases, str(path)).startswith(f"{path}: no good TOML: ")


BAD: dict[str, tuple[Change, str]] = {
    "unknown key": (
        lambda book: book.update(currrency="CNY"),
        "currrency: no such key; a book has calls, contacts, currency, name, source, title",
    ),
    "missing title": (lambda book: book.pop("title"), 'title: missing or no text; write title = "…"'),
    "empty currency": (
        lambda book: book.update(currency=""),
        'currency: missing or no text; write currency = "…"',
    ),
    "no calls": (
        lambda book: book.pop("calls"),
        "calls: missing; add a table [calls] with a price for each meter",
    ),
    "no contacts": (
        lambda book: book.pop("contacts"),
        'contacts: missing; add [contacts] with price, per = "year" and free',
    ),
    "unknown key of contacts": (
        lambda book: book["contacts"].update(prise="0.1"),
        "contacts.prise: no such key; use free, per, price",
    ),
    "negative price": (
        lambda book: book["calls"].update({"tag.read": "-0.01"}),
        "calls.\"tag.read\": '-0.01'; a price is 0 or more and below 1000000",
    ),
    "negative price of a contact": (
        lambda book: book["contacts"].update(price="-1"),
        "contacts.price: '-1'; a price is 0 or more and below 1000000",
    ),
    "infinite price": (
        lambda book: book["calls"].update({"tag.read": "Infinity"}),
        "calls.\"tag.read\": 'Infinity'; a price is 0 or more and below 1000000",
    ),
    "price out of reason": (
        lambda book: book["calls"].update({"tag.read": "1e6"}),
        "calls.\"tag.read\": '1e6'; a price is 0 or more and below 1000000",
    ),
    "too many decimals": (
        lambda book: book["calls"].update({"tag.read": "0.0000000000001"}),
        "calls.\"tag.read\": '0.0000000000001'; a price has at most 12 decimals",
    ),
    "float price": (
        lambda book: book["calls"].update({"tag.read": 0.01}),
        'calls."tag.read": 0.01; write the price as text, such as "0.002"',
    ),
    "price that is no number": (
        lambda book: book["calls"].update({"tag.read": "cheap"}),
        'calls."tag.read": \'cheap\' is no number; write such as "0.002"',
    ),
    "wrong per": (
        lambda book: book["contacts"].update(per="decade"),
        'contacts.per: \'decade\'; write "month" or "year"',
    ),
    "fewer than no free contacts": (
        lambda book: book["contacts"].update(free=-1),
        "contacts.free: -1; write a whole number, 0 or more",
    ),
    "missing meter": (
        lambda book: book["calls"].pop("tag.read"),
        'calls."tag.read": no price; add "tag.read" = "0"',
    ),
    "misspelt meter": (
        lambda book: book["calls"].update({"tag.raed": book["calls"].pop("tag.read")}),
        "calls.\"tag.raed\": no operation has this meter; did you mean 'tag.read'?",
    ),
    "meter of nothing": (
        lambda book: book["calls"].update({"xxxxxxxx": "1"}),
        'calls."xxxxxxxx": no operation has this meter; remove it',
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_book_stops_the_start_with_file_key_and_mend(
    databases: Databases, tmp_path: Path, case: str
) -> None:
    change, line = BAD[case]
    book = shipped_book()
    change(book)
    path = write_book(tmp_path / "bad.toml", book)
    assert line_that_stops_the_start(databases, path) == f"{path}: {line}"


def test_a_meter_without_quotes_is_told_from_a_price(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    text = Path(write_book(path, shipped_book())).read_text(encoding="utf-8")
    path.write_text(text.replace('"tag.read"', "tag.read"), encoding="utf-8")
    assert line_that_stops_the_start(databases, str(path)) == (
        f'{path}: calls."tag": a table; a meter is written in quotes: "customer.read" = "0.002"'
    )
