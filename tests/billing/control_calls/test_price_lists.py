"""What the console's toll page asks: price books, estimates, the sum of a line, one record."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.billing.books import as_toml, price_of, shipped_book, write_book
from tests.cli.test_commands import run
from tests.conftest import Corp, RunningServer, WeCom

StartServer = Callable[..., RunningServer]


def estimated(server: RunningServer, **asked: Any) -> dict[str, Any]:
    answer = server.sim.post("/estimate", json=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_price_books_in_force_come_first(server: RunningServer) -> None:
    books = server.sim.get("/price-books").json()["price_books"]
    assert [(book["name"], book["configured"], book["in_force"]) for book in books] == [
        ("article-toll", True, True),
        ("wecom-2022", False, False),
        ("wecom-2025", False, False),
    ]
    (seats,) = [price for price in books[2]["prices"] if price["meters"] == ["seats.base"]]
    assert (seats["titles_zh"], seats["titles_en"]) == (["基础账号"], ["Seats: base"])
    assert (seats["model"], seats["unit_price"], len(seats["tiers"])) == ("graduated", None, 5)
    assert seats["tiers"][0] == {"up_to": 5, "unit_price": "5", "flat_amount": "0"}
    assert seats["source_zh"].startswith("基础账号，未核实")


def test_of_books_that_follow_each_other_the_latest_is_in_force(start_server: StartServer) -> None:
    server = start_server(price_book="wecom-2022,wecom-2025")
    books = server.sim.get("/price-books").json()["price_books"]
    assert [(book["name"], book["configured"], book["in_force"]) for book in books] == [
        ("wecom-2022", True, False),
        ("wecom-2025", True, True),
        ("article-toll", False, False),
    ]


def test_a_file_with_the_name_of_a_shipped_book_is_not_taken_for_it(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(price_book=write_book(tmp_path / "mine.toml", shipped_book()))
    books = server.sim.get("/price-books").json()["price_books"]
    assert [(book["name"], book["shipped"], book["in_force"]) for book in books[:2]] == [
        ("article-toll", False, True),
        ("article-toll", True, False),
    ]


def test_an_estimate_is_that_of_the_command(server: RunningServer) -> None:
    asked = {"contacts": 5000, "new_contacts": 100, "via_links": "0.3", "calls": {"customer.read": "2.5"}}
    books = ["article-toll", "wecom-2022, wecom-2025"]
    made = estimated(server, **asked, growth="0.02", seats_base=12, since="2025-08", price_books=books)
    options = "--contacts 5000 --new-contacts 100 --via-links 0.3 --calls customer.read=2.5 --growth 0.02"
    options += " --seats-base 12 --since 2025-08 --json --price-book article-toll --price-book"
    printed = run("estimate", *options.split(), "wecom-2022,wecom-2025")
    assert made == json.loads(printed.stdout)
    assert [len(one["months"]) for one in made["estimates"]] == [12, 12]


def test_an_estimate_without_books_uses_those_in_force_from_the_clocks_month(server: RunningServer) -> None:
    made = estimated(server, contacts=400)
    assert [one["price_book"] for one in made["estimates"]] == ["article-toll"]
    assert (
        estimated(server, contacts=400, price_books=["", "wecom-2025"])["estimates"][0]
        == made["estimates"][0]
    )
    assert made["since"] == server.sim.get("/usage").json()["month"]
    book = shipped_book()
    price_of(book, "contacts")["unit_price"] = "0.2"
    (dearer,) = estimated(server, contacts=400, price_books=[as_toml(book)])["estimates"]
    assert Decimal(dearer["year"]["contacts"]) == 2 * Decimal(made["estimates"][0]["year"]["contacts"]) > 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"contacts": -1}, "contacts"),
        ({"contacts": 1, "via_links": "1.1"}, "via_links"),
        ({"contacts": 1, "growth": "1e999999"}, "growth"),
        ({"contacts": 1, "growth": "1e-999999"}, "growth"),
        ({"contacts": 1, "calls": {"customer.reed": 1}}, "'customer.reed' is not a meter of calls"),
        ({"contacts": 1, "calls": {"customer.read": "NaN"}}, "calls"),
        ({"contacts": 1, "since": "2026-13"}, "2026-13"),
        ({"contacts": 1, "price_books": ["nobody"]}, "no book is called 'nobody'"),
        ({"contacts": 1, "price_books": ["article-toll,article-toll"]}, "is also the day of"),
    ],
)
def test_a_wrong_estimate_is_refused(server: RunningServer, wrong: dict[str, Any], said: str) -> None:
    answer = server.sim.post("/estimate", json=wrong)
    assert (answer.status_code, said in answer.text) == (422, True), answer.text


def test_a_line_has_its_sum_and_a_record_an_address(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", userid="zhangsan")
    lines = {line["meter"]: line["sum"] for line in corp.sim("statement")["lines"]}
    assert lines["customer.list"] == "1 × 0.002"
    assert lines["contacts"].endswith(" × 0.1 ÷ 12")
    (record,) = corp.sim("ledger", meter="customer.list")["records"]
    assert corp.sim(f"ledger/{record['id']}") == record
    for unknown, status in ((record["id"] + 10**9, 404), ("x", 422)):
        answer = corp.server.sim.get(f"/corps/{corp.corpid}/ledger/{unknown}")
        assert answer.status_code == status
