"""The cost of twelve months: the rating engine applied to a plan instead of a ledger."""

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from wecom_tollbooth.billing.estimate import Plan, estimate
from wecom_tollbooth.billing.price_books import load_price_books
from wecom_tollbooth.cli import app

ARTICLE = load_price_books("article-toll")


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def estimate_output(*words: str) -> Any:
    done = CliRunner().invoke(app, ["estimate", *words])
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: str) -> str:
    done = CliRunner().invoke(app, ["estimate", *words])
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr.strip()


def test_seventy_million_contacts_are_seven_million_a_year_to_the_fen() -> None:
    made = estimate(Plan("2026-01", 70_000_000), ARTICLE)
    assert made.year["contacts"] == made.total == 7_000_000
    assert sum(month.total for month in made.months) == Decimal("6999999.96"), "twelve bills, each rounded"


def test_contacts_and_calls_grow_and_seats_do_not() -> None:
    plan = Plan(
        "2025-11",
        contacts=1_000,
        new_contacts=100,
        via_links=Fraction(1, 2),
        calls={"customer.read": Fraction(3)},
        seats_interop=8,
        growth=Fraction(1, 10),
    )
    made = estimate(plan, load_price_books("wecom-2025"))
    assert [month.month for month in made.months[:3]] == ["2025-11", "2025-12", "2026-01"]
    sizes = [(m.contacts, m.new_contacts, m.link_contacts, m.calls) for m in made.months[:3]]
    assert sizes == [(1_000, 100, 50, 3_000), (1_100, 110, 55, 3_300), (1_210, 121, 61, 3_630)]
    assert [month.amounts["links"] for month in made.months[:3]] == [50, 55, 61]
    assert {month.amounts["seats"] for month in made.months} == {Decimal("30.83")}
    assert made.year["seats"] == 370


def test_a_book_that_begins_during_the_year_applies_from_its_month() -> None:
    plan = Plan("2025-07", contacts=8_000, new_contacts=30, via_links=Fraction(1))
    months = estimate(plan, load_price_books("wecom-2022,wecom-2025")).months
    assert [month.amounts["links"] for month in months[:4]] == [0, 0, 23, 30]
    assert [month.amounts["contacts"] for month in months[:4]] == [0, 0, Decimal("127.78"), Decimal("166.67")]


def test_json_csv_table_and_chart_have_the_same_figures() -> None:
    words = (
        "--contacts",
        "5000",
        "--calls",
        "customer.read=2",
        "--calls",
        "tag.write=0.5",
        "--growth",
        "0.05",
    )
    books = ("--price-book", "article-toll", "--price-book", "wecom-2025")
    made = json.loads(estimate_output(*words, *books, "--json", "--plot", "plot.svg"))["estimates"]
    assert [one["price_book"] for one in made] == ["article-toll", "wecom-2025"]
    rows = list(csv.DictReader(io.StringIO(estimate_output(*words, *books, "--csv"))))
    months = [month for one in made for month in one["months"]]
    assert len(rows) == len(months) == 24
    shown = estimate_output(*words, *books)
    for row, month in zip(rows, months, strict=True):
        assert (row["month"], row["total"], row["calls"]) == (
            month["month"],
            month["total"],
            month["amounts"]["calls"],
        )
        assert f"{Decimal(month['total']):,.2f}" in shown
        assert sum(map(Decimal, month["amounts"].values())) == Decimal(month["total"])
    plot = ElementTree.fromstring(Path("plot.svg").read_text(encoding="utf-8"))
    bars = [tip.text for tip in plot.iter("{http://www.w3.org/2000/svg}title")]
    assert len(bars) == 24 * 4
    assert f"article-toll 2026-01 contacts: {made[0]['months'][0]['amounts']['contacts']} CNY" in bars


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--via-links", "2"), "--via-links: '2'; write a number from 0 to 1, such as 0.3"),
        (("--growth", "-0.1"), "--growth: '-0.1'; write a number from 0 to 10, such as 0.3"),
        (("--growth", "1e999999"), "--growth: '1e999999'; write a number from 0 to 10, such as 0.3"),
        (
            ("--calls", "customer.read"),
            "--calls customer.read: ''; write a number from 0 to 100000, such as 0.3",
        ),
        (("--calls", "contacts=1"), "--calls: 'contacts' is not a meter of calls; use one of "),
        (
            ("--since", "2026"),
            "--since: '2026' is not a month from 1900-01 to 2199-12; write YYYY-MM, such as 2026-01",
        ),
        (("--price-book", "wecom-2023"), "TOLLBOOTH_PRICE_BOOK: no book is called 'wecom-2023'; use one of "),
        (("--plot", "plot.png"), "--plot: plot.png: use a name that ends in .svg"),
        (
            ("--plot", "nowhere/plot.svg"),
            "--plot: nowhere/plot.svg: No such file or directory; use a writable file",
        ),
    ],
)
def test_wrong_options_are_reported_in_one_line(words: tuple[str, ...], line: str) -> None:
    assert refused("--contacts", "10", *words).startswith(f"tollbooth: {line}")
