"""A price book written before a meter existed charges 0 for it, and says so at the start and on the bill."""

import csv
import io
import json
import logging
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.billing.books import as_toml, price_of, shipped_book, write_book
from tests.cli.test_commands import ask, cells
from tests.conftest import Corp, Databases, RunningServer
from wecom_tollbooth import logs
from wecom_tollbooth.billing.price_books import check_meters, read_price_book
from wecom_tollbooth.cli import app
from wecom_tollbooth.counts import FOLDER_VARIABLE
from wecom_tollbooth.families import load_families
from wecom_tollbooth.main import create_app
from wecom_tollbooth.settings import Settings

StartServer = Callable[..., RunningServer]

METERS = {operation.meter for operation in load_families()}
LACKED = ("customer.list", "tag.write")
NOTE_ZH = "这本价目表没有 customer.list 的价格：按 0 计费"
NOTE_EN = "customer.list has no price in this book: charged 0"
LINES = '[[price]]\nmeters = ["customer.list", "tag.write"]\nmodel = "per_unit"\nunit_price = "0"'


def old_book(**changes: Any) -> dict[str, Any]:
    """The shipped book as it would be if LACKED had come later."""
    book = shipped_book() | {"name": "old", **changes}
    for meter in LACKED:
        book["price"].remove(price_of(book, meter))
    return book


@pytest.fixture
def old(tmp_path: Path) -> str:
    return write_book(tmp_path / "old.toml", old_book())


@pytest.fixture
def upgraded(start_server: StartServer, old: str) -> Corp:
    """A corp with two calls of a meter that the server's book lacks, and one that it prices."""
    corp = start_server(price_book=old).make_corp(seed="demo")
    wecom = corp.client()
    for _ in range(2):
        wecom.get("externalcontact/list", userid="zhangsan")
    wecom.post("externalcontact/get_corp_tag_list")
    return corp


def start_log(databases: Databases, caplog: pytest.LogCaptureFixture, price_book: str) -> list[Any]:
    """What a start under the book writes to the log."""
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        url = databases.new_url(migrated=True)
        create_app(Settings(database_url=url, price_book=price_book)).state.server.close()
    return caplog.records


def test_the_start_says_once_which_lines_to_add(
    databases: Databases, caplog: pytest.LogCaptureFixture, old: str, tmp_path: Path
) -> None:
    later = write_book(tmp_path / "later.toml", old_book(name="later", effective=date(2026, 9, 8)))
    (record,) = start_log(databases, caplog, f"{later},{old}")
    shown = logs.TextFormatter().format(record)
    for place, name in ((old, "old"), (later, "later")):
        assert f"{place}: 价目表 {name} 没有 customer.list、tag.write 的价格" in shown
        assert f"the price book {name} has no price for customer.list, tag.write: charged 0. Add " in shown
    assert shown.count(f"\n{LINES}\n") == 2
    assert json.loads(logs.JsonFormatter().format(record))["message"] in shown


def test_the_lines_to_add_make_the_book_complete(
    databases: Databases, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    text = f"{as_toml(old_book())}\n{LINES}"
    assert check_meters(read_price_book(text, "old"), METERS).missing == ()
    path = tmp_path / "completed.toml"
    path.write_text(text, encoding="utf-8")
    assert start_log(databases, caplog, str(path)) == []


def test_workers_leave_the_warning_to_the_process_that_starts_them(
    databases: Databases,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert start_log(databases, caplog, old) == []


def test_the_bill_charges_0_and_says_so(upgraded: Corp) -> None:
    statement = upgraded.sim("statement")
    lines = {line["meter"]: line for line in statement["lines"]}
    line = lines["customer.list"]
    assert (line["quantity"], line["unit_price"], line["amount"]) == (2, "0", "0.00")
    assert (line["note_zh"], line["note_en"]) == (NOTE_ZH, NOTE_EN)
    assert line["made_of"] == [{"operation": "/cgi-bin/externalcontact/list", "quantity": 2}]
    assert lines["tag.read"]["note_en"] == lines["tag.read"]["note_zh"] == ""
    (note,) = statement["notes"]
    assert (note["price_book"], note["meters"], note["lines"]) == ("old", list(LACKED), LINES)
    assert upgraded.server.sim.get("/statement").json()["corps"][0]["notes"] == [note]


def test_a_bill_under_complete_books_has_no_notes(corp: Corp) -> None:
    assert corp.sim("statement")["notes"] == []


def test_another_book_that_lacks_a_meter_can_price_the_month(corp: Corp) -> None:
    corp.client().get("externalcontact/list", userid="zhangsan")
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/statement", json={"price_books": [as_toml(old_book())]}
    ).json()
    assert [note["price_book"] for note in answer["notes"]] == ["old"]
    assert answer["compared"]["difference"] == "0.00"


def test_the_page_the_csv_and_the_terminal_say_it_in_both_languages(upgraded: Corp) -> None:
    path = f"/corps/{upgraded.corpid}/statement"
    said = {
        "zh": (NOTE_ZH, "0（未定价）", "没有 customer.list、tag.write 的价格"),
        "en": (NOTE_EN, "0 (no price)", "has no price for customer.list, tag.write"),
    }
    for lang, texts in said.items():
        page = upgraded.server.sim.get(path, params={"format": "html", "lang": lang}).text
        for text in (*texts, "unit_price = &#34;0&#34;"):
            assert text in page
    table = upgraded.server.sim.get(path, params={"format": "csv"}).text.removeprefix("\ufeff")
    notes = {
        row["meter"]: (row["note_zh"], row["note_en"])
        for row in csv.DictReader(io.StringIO(table, newline=""))
    }
    assert notes["customer.list"] == (NOTE_ZH, NOTE_EN)
    assert notes["tag.read"] == ("", "")
    for words in (("bill", upgraded.corpid), ("bill", "--all")):
        shown = ask(upgraded.server, *words)
        assert "0（未定价 no price）" in cells(shown, "客户·列表")
        assert "没有 customer.list、tag.write 的价格：按 0 计费" in shown
        assert "has no price for customer.list, tag.write: charged 0" in shown
        assert LINES in shown


def test_the_price_list_says_it(upgraded: Corp) -> None:
    operations = upgraded.server.sim.get("/operations").json()["operations"]
    unpriced = {one["meter"] for one in operations if not one["priced"]}
    assert unpriced == set(LACKED)
    assert {one["price"] for one in operations if one["meter"] in LACKED} == {"0"}
    assert "0（未定价 no price）" in ask(upgraded.server, "operations", "externalcontact/list")
    document = httpx.get(f"{upgraded.server.base_url}/openapi.json", timeout=60).json()
    described = document["paths"]["/cgi-bin/externalcontact/list"]["get"]["description"]
    assert f"{NOTE_ZH} / {NOTE_EN}" in described


def test_a_budget_is_watched_under_a_book_that_lacks_a_meter(upgraded: Corp) -> None:
    set_ = upgraded.server.sim.put(f"/corps/{upgraded.corpid}/budget", json={"amount": "100"})
    assert set_.status_code == 200, set_.text
    upgraded.client().get("externalcontact/list", userid="zhangsan")
    assert upgraded.sim("budget")["spent"] == upgraded.sim("statement")["total"]


def test_an_estimate_says_it(old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["estimate", "--contacts", "10", "--calls", "customer.list=3", "--price-book", old]
    shown = CliRunner().invoke(app, words)
    assert "has no price for customer.list, tag.write: charged 0" in shown.output
    assert LINES in shown.output
    (one,) = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["estimates"]
    assert [note["lines"] for note in one["notes"]] == [LINES]
    assert tomllib.loads(LINES)["price"]
    rows = CliRunner().invoke(app, [*words, "--csv"])
    assert len(rows.stdout.splitlines()) == 13
    assert LINES in rows.stderr
