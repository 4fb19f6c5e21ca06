"""A statement as HTML, as CSV and in the terminal has the same figures, and escapes all names."""

import csv
import io
import json
import re
import shlex
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.billing.books import as_toml, price_of, shipped_book, write_book
from tests.cli.test_commands import ask, failure, run
from tests.conftest import Corp, RunningServer, WeCom
from tests.project.markdown import DOCS, blocks
from tests.providers import Provider
from wecom_tollbooth.billing.renderers import wording
from wecom_tollbooth.billing.renderers.statement_csv import COLUMNS

StartServer = Callable[..., RunningServer]

NASTY = "<script>alert(1)</script>\"'& 𠮷野家 👩‍👩‍👧 龘 {{ 7*7 }} [red]"


def tiered_book() -> dict[str, Any]:
    """The shipped book with tiers for customer.list, packages of tokens and bands of contacts."""
    book = shipped_book()
    book["name"] = "tiered"
    tiers = [
        {"up_to": 2, "unit_price": "0.5"},
        {"up_to": 4, "unit_price": "0.25"},
        {"unit_price": "0.1", "flat_amount": "3"},
    ]
    source = {"source": "The <i>tiers</i> of a test", "confidence": "low"}
    changes: dict[str, dict[str, Any]] = {
        "customer.list": {"model": "graduated", "tiers": tiers, **source},
        "credentials": {"model": "package", "package_size": 10, "unit_price": "1"},
        "contacts": {
            "model": "banded_capacity",
            "per": "year",
            "free": 10,
            "bands": [{"up_to": 100, "flat_amount": "1200"}],
        },
    }
    for meter, changed in changes.items():
        price = price_of(book, meter)
        price.clear()
        price.update(meter=meter, **changed)
    return book


class Page(HTMLParser):
    """A parsed page: its elements, its text, and the cells of its rows with whitespace collapsed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open = 0
        self._cell = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open += tag == "details"
        if self._open:
            return
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._open -= tag == "details"
        if not self._open and tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell and (not self._open or not self.rows[-1][0]):
            self.rows[-1][-1] += data.strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(server: RunningServer, path: str, **params: Any) -> Page:
    answer = server.sim.get(path, params={"format": "html", **params})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return Page(answer.text)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.fixture
def tiered(start_server: StartServer, tmp_path: Path) -> Corp:
    """A corp named NASTY with seven calls of customer.list, charged by tiers, packages and bands."""
    book = write_book(tmp_path / "tiered.toml", tiered_book())
    corp = start_server(price_book=book).make_corp(seed="demo", name=NASTY)
    wecom = corp.client()
    for _ in range(7):
        wecom.get("externalcontact/get_follow_user_list")
    wecom.get("externalcontact/list", userid="nobody")
    return corp


def test_the_page_has_each_line_with_its_figures_and_the_total(corp: Corp, wecom: WeCom) -> None:
    for _ in range(3):
        wecom.get("externalcontact/list", userid="zhangsan")
    statement = corp.sim("statement")
    page = page_of(corp.server, f"/corps/{corp.corpid}/statement")
    shown = [[cell for cell in row if cell] for row in page.rows]
    for line in statement["lines"]:
        (row,) = [row for row in shown if row and row[0].startswith(line["title_zh"])]
        assert f"{line['quantity']:,}" in row
        assert row[-1] == line["amount"]
    assert ["合计", statement["total"]] in shown
    for word in (corp.corpid, statement["month"], "article-toll", f"{statement['total']} CNY"):
        assert word in page.text


def test_the_page_loads_nothing_and_runs_nothing(tiered: Corp) -> None:
    page = page_of(tiered.server, f"/corps/{tiered.corpid}/statement")
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base"})
    assert [name for _, attributes in page.tags for name in attributes if name.startswith("on")] == []
    assert [name for _, attributes in page.tags for name in attributes if name in ("src", "srcset")] == []
    (links, style) = page.all("a"), page.text
    assert all(str(link["href"]).startswith(f"{tiered.server.base_url}/_sim/corps/") for link in links)
    assert "@import" not in style
    assert "url(" not in style
    assert "@media print" in style
    assert "size: A4" in style


def test_html_in_names_and_sources_is_escaped(tiered: Corp) -> None:
    text = tiered.server.sim.get(f"/corps/{tiered.corpid}/statement", params={"format": "html"}).text
    page = Page(text)
    assert NASTY in page.text
    assert "The <i>tiers</i> of a test" in page.text
    assert "<script" not in text
    assert "<i>" not in text
    whole = tiered.server.sim.get("/statement", params={"format": "html"}).text
    assert "<script" not in whole
    assert NASTY in Page(whole).text


def test_a_line_expands_to_its_tiers_source_and_operations(tiered: Corp) -> None:
    page = page_of(tiered.server, f"/corps/{tiered.corpid}/statement")
    statement = tiered.sim("statement")
    assert len(page.all("details")) == len(page.all("summary")) == len(statement["lines"])
    (line,) = [line for line in statement["lines"] if line["meter"] == "customer.list"]
    assert [step["quantity"] for step in line["steps"]] == [2, 2, 3]
    for word in ("1–2", "2 × 0.5", "3–4", "2 × 0.25", "5+", "3 × 0.1 + 3", "1 + 0.5 + 3.3"):
        assert word in page.text
    assert "2 × 0.5 + 2 × 0.25 + 3 × 0.1 + 3 = 4.80" in re.sub(r"\s+", " ", page.text)
    assert "/cgi-bin/externalcontact/get_follow_user_list" in page.text
    hrefs = [str(link["href"]) for link in page.all("a")]
    assert [href for href in hrefs if "/ledger?" in href and "meter=customer.list" in href]
    (calls,) = [href for href in hrefs if "calls?path=" in href and "get_follow_user_list" in href]
    assert len(tiered.server.sim.get(calls).json()["calls"]) == 7


@pytest.mark.parametrize(
    ("lang", "accepted", "shown", "title", "source"),
    [
        ("zh", "en", "zh-CN", "外部联系人", "每位联系人每年约 0.1 元"),
        ("en", "zh", "en", "External contacts", "About 0.1 CNY a contact and year"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en", "External contacts", "About 0.1 CNY a contact and year"),
        (None, "", "zh-CN", "外部联系人", "每位联系人每年约 0.1 元"),
    ],
)
def test_the_page_is_in_the_readers_language_and_marked_as_simulated(
    corp: Corp, lang: str | None, accepted: str, shown: str, title: str, source: str
) -> None:
    params = {"format": "html"} | ({"lang": lang} if lang else {})
    address = f"/corps/{corp.corpid}/statement"
    text = corp.server.sim.get(address, params=params, headers={"Accept-Language": accepted}).text
    page = Page(text)
    assert page.all("html") == [{"lang": shown}]
    for there in (title, source, "模拟账单", "imulated bill"):
        assert there in page.text
    others = {"外部联系人", "每位联系人", "External contacts", "About 0.1 CNY"}
    assert not [word for word in others if word in page.text and word not in title + source]
    # On paper it is in the margins of each page, and across it.
    print_rules = text.partition("@page")[2]
    assert print_rules.partition("}\n@media print")[0].count("模拟账单") == 2
    assert ".stamp { display: block; position: fixed;" in print_rules
    (other,) = [link for link in page.all("a") if link.get("hreflang")]
    assert Page(corp.server.sim.get(str(other["href"])).text).all("html") == [{"lang": other["hreflang"]}]


def test_a_yearly_price_is_a_sum_that_a_reader_can_check(start_server: StartServer, tmp_path: Path) -> None:
    corp = start_server().make_corp(seed="scrm-400")
    page = page_of(corp.server, f"/corps/{corp.corpid}/statement", lang="en")
    text = re.sub(r"\s+", " ", page.text)
    assert "400 × 0.1 ÷ 12 ≈ 3.33" in text
    assert "÷ 12: the price is for a year; each month is charged a twelfth." in text
    assert "3.333" not in text
    (row,) = rows_of(corp.server.sim.get(f"/corps/{corp.corpid}/statement?format=csv").text)[-1:]
    assert (row["meter"], row["steps"]) == ("contacts", "1+: 400 × 0.1 ÷ 12 ≈ 3.33")
    assert row["source_zh"].startswith("每位联系人每年约 0.1 元")


def test_the_rows_of_the_csv_add_up_to_the_total(tiered: Corp) -> None:
    statement = tiered.sim("statement")
    answer = tiered.server.sim.get(f"/corps/{tiered.corpid}/statement", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    name = f"statement-{tiered.corpid}-{statement['month']}.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    rows = rows_of(answer.content.decode())
    assert tuple(rows[0]) == COLUMNS
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(statement["total"]) > 0
    for row, line in zip(rows, statement["lines"], strict=True):
        same = ("meter", "title_zh", "since", "until", "model", "per", "amount")
        assert {key: row[key] for key in same} == {key: line[key] for key in same}
        assert (int(row["quantity"]), int(row["free"])) == (line["quantity"], line["free"])
    assert {row["corp_name"] for row in rows} == {NASTY}
    (tiers,) = [row["steps"] for row in rows if row["meter"] == "customer.list"]
    assert tiers == "1–2: 2 × 0.5 = 1; 3–4: 2 × 0.25 = 0.5; 5+: 3 × 0.1 + 3 = 3.3"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_names_are_never_formulas_in_a_spreadsheet(server: RunningServer, begin: str) -> None:
    name = f'{begin}HYPERLINK("http://127.0.0.1/","x")'
    corp = server.make_corp(name=name)
    answer = server.sim.get(f"/corps/{corp.corpid}/statement", params={"format": "csv"})
    assert {row["corp_name"] for row in rows_of(answer.content.decode())} == {f"'{name}"}


def test_the_terminal_shows_tiers_and_names_without_markup(tiered: Corp) -> None:
    shown = ask(tiered.server, "bill", tiered.corpid)
    assert NASTY in shown
    for start, cells in {"1–2": ["2", "0.5"], "3–4": ["2", "0.25"], "5+": ["3", "0.1 + 3"]}.items():
        (line,) = [line for line in shown.splitlines() if line.strip().startswith(start)]
        assert [cell.strip() for cell in line.split("  ") if cell.strip()][1:] == cells


def test_the_command_writes_each_format_unchanged(server: RunningServer, corp: Corp, tmp_path: Path) -> None:
    path = f"/corps/{corp.corpid}/statement"
    for wanted in ("csv", "html"):
        answered = server.sim.get(path, params={"format": wanted}).content
        file = tmp_path / f"bill.{wanted}"
        assert str(file) in ask(server, "bill", corp.corpid, "--format", wanted, "--out", str(file))
        assert file.read_bytes() == answered
        printed = run("bill", corp.corpid, "--format", wanted, "--url", server.base_url)
        assert printed.stdout_bytes == answered
    english = server.sim.get(path, params={"format": "html", "lang": "en"}).text
    assert ask(server, "bill", corp.corpid, "--format", "html", "--lang", "en") == english
    ask(server, "bill", corp.corpid, "--format", "json", "--out", str(tmp_path / "bill.json"))
    assert json.loads((tmp_path / "bill.json").read_text(encoding="utf-8")) == corp.sim("statement")


def test_a_statement_under_another_book_can_be_html(
    server: RunningServer, corp: Corp, tmp_path: Path
) -> None:
    book = write_book(tmp_path / "tiered.toml", tiered_book())
    page = Page(ask(server, "bill", corp.corpid, "--price-book", book, "--format", "html"))
    other = {"price_books": [as_toml(tiered_book())]}
    compared = server.sim.post(f"/corps/{corp.corpid}/statement", json=other).json()["compared"]
    assert ["现行价目：article-toll", f"{compared['total']} CNY"] in page.rows
    assert ["差额", compared["difference"]] in page.rows


def test_usage_errors_of_bill_are_reported_in_one_line(server: RunningServer, tmp_path: Path) -> None:
    for wrong in (
        ["bill"],
        ["bill", "ww1", "--all"],
        ["bill", "--all", "--provider", "ww1"],
        ["bill", "ww1", "--out", str(tmp_path / "x")],
        ["bill", "--all", "--price-book", "article-toll"],
        ["bill", "ww1", "--lang", "en"],
    ):
        assert failure(*wrong, "--url", server.base_url)[0] == 2
    corp = server.make_corp()
    nowhere = str(tmp_path / "no" / "such.html")
    code, line = failure("bill", corp.corpid, "--format", "html", "--out", nowhere, "--url", server.base_url)
    assert (code, nowhere in line) == (2, True)
    code, line = failure("bill", "ww0", "--format", "html", "--url", server.base_url)
    assert (code, "there is no corp 'ww0'" in line) == (1, True)


def test_an_unknown_format_is_refused_with_the_known_formats(server: RunningServer, corp: Corp) -> None:
    answer = server.sim.get(f"/corps/{corp.corpid}/statement", params={"format": "pdf"})
    assert answer.status_code == 422
    assert "'json', 'csv' or 'html'" in answer.json()["error"]


@pytest.mark.parametrize(
    ("number", "text"),
    [("583333.33", "583,333.33"), ("0.00", "0.00"), (70_000_000, "70,000,000"), ("-1234.5", "-1,234.5")],
)
def test_numbers_are_grouped_without_changing_a_digit(number: str | int, text: str) -> None:
    assert wording.grouped(number) == text
    assert re.sub(",", "", text) == str(number)


def test_a_small_negative_number_keeps_its_sign() -> None:
    assert wording.grouped("-0.10") == "-0.10"


# --- docs/bill.md ----------------------------------------------------------------------------------------


def commands_of(document: Path) -> list[str]:
    shown = [block.text for block in blocks(document) if block.language == "sh"]
    return [line for text in shown for line in text.splitlines()]


def test_both_languages_of_how_to_read_a_bill_have_the_same_commands() -> None:
    assert commands_of(DOCS / "bill.md") == commands_of(DOCS / "bill.zh-CN.md")


def test_every_command_of_how_to_read_a_bill_runs(
    server: RunningServer, corp: Corp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    corp.client().get("externalcontact/list", userid="zhangsan")
    (record,) = corp.sim("ledger", meter="customer.list")["records"]
    names = {"90125": str(record["id"])}
    names |= {"ww4a54c09f9893f80e": corp.corpid, "ww1f3b0de1ac6a9e52": Provider(server).id}
    commands = commands_of(DOCS / "bill.md")
    assert commands
    for command in commands:
        tollbooth, *typed = [names.get(word, word) for word in shlex.split(command)]
        assert tollbooth == "tollbooth"
        assert ask(server, *typed).strip(), command
    assert {file.name for file in tmp_path.iterdir()} == {"bill.html", "bill.csv", "bill.json"}
