"""Statements of a running server: what each line is made of, and books that follow each other."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.billing.books import price_of, rounded, shipped_book, write_book
from tests.billing.ledger_checks import move
from tests.conftest import Corp, Databases, RunningServer, WeCom
from wecom_tollbooth.billing.meters import NOT_CALLS, titles
from wecom_tollbooth.families import load_families

StartServer = Callable[..., RunningServer]


def lines_by_meter(statement: dict[str, Any]) -> dict[str, dict[str, Any]]:
    lines = {line["meter"]: line for line in statement["lines"]}
    assert len(lines) == len(statement["lines"])
    return lines


# --- the statement of a running server -------------------------------------------------------------------


def test_a_statement_prices_what_was_used(corp: Corp, wecom: WeCom) -> None:
    answered: Counter[str] = Counter({"/cgi-bin/gettoken": 1})
    refused: Counter[tuple[str, int]] = Counter()
    for userid in ("zhangsan", "lisi", "nobody", "nobody", ""):
        errcode = wecom.get("externalcontact/list", userid=userid)["errcode"]
        if errcode:
            refused[("/cgi-bin/externalcontact/list", errcode)] += 1
        else:
            answered["/cgi-bin/externalcontact/list"] += 1
    for _ in range(7):
        wecom.get("externalcontact/get_follow_user_list")
    answered["/cgi-bin/externalcontact/get_follow_user_list"] += 7
    assert wecom.post("externalcontact/get_corp_tag_list")["errcode"] == 0
    answered["/cgi-bin/externalcontact/get_corp_tag_list"] += 1

    operations = {o["path"]: o for o in corp.server.sim.get("/operations").json()["operations"]}
    due: Counter[str] = Counter()
    exact: dict[str, Fraction] = {}
    for path, count in answered.items():
        meter = operations[path]["meter"]
        due[meter] += count
        exact[meter] = exact.get(meter, Fraction(0)) + count * Fraction(operations[path]["price"])
    contacts = corp.sim("usage")["contacts"]
    assert contacts == 40

    statement = corp.sim("statement")
    lines = lines_by_meter(statement)
    assert statement["corpid"] == corp.corpid
    assert (statement["currency"], statement["price_book"]) == ("CNY", "article-toll")
    assert set(lines) == {*due, "contacts", "refused"}
    for meter, quantity in due.items():
        line = lines[meter]
        assert line["quantity"] == quantity
        assert Fraction(line["amount"]) == rounded(exact[meter])
        assert Fraction(line["unit_price"]) * quantity == exact[meter]
        assert (line["per"], line["free"]) == ("call", 0)
        assert line["made_of"] == [
            {"operation": path, "quantity": count}
            for path, count in sorted(answered.items())
            if operations[path]["meter"] == meter
        ]
    assert lines["refused"]["made_of"] == [
        {"operation": path, "errcode": errcode, "quantity": count}
        for (path, errcode), count in sorted(refused.items())
    ]
    assert (lines["refused"]["quantity"], lines["refused"]["amount"]) == (3, "0.00")
    assert lines["contacts"]["amount"] == "0.33"
    assert Fraction(statement["total"]) == sum(Fraction(line["amount"]) for line in statement["lines"])


def test_lines_are_named_in_chinese_and_english(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    names = {line["meter"]: (line["title_zh"], line["title_en"]) for line in corp.sim("statement")["lines"]}
    assert names == {
        "credentials": ("凭证", "Credentials"),
        "customer.list": ("客户·列表", "Customers: list"),
        "contacts": ("外部联系人", "External contacts"),
        "refused": ("被拒绝的调用（不收费）", "Refused calls (free)"),
    }


def test_the_contacts_line_has_the_free_contacts_and_the_peak_day(
    start_server: StartServer, tmp_path: Path
) -> None:
    book = shipped_book()
    price_of(book, "contacts").update(
        unit_price="0.25", per="month", free=12, source="A test.", source_zh="测试。"
    )
    server = start_server(price_book=write_book(tmp_path / "mine.toml", {**book, "name": "mine"}))
    corp = server.make_corp(seed="demo", customers=40)
    statement = corp.sim("statement")
    line = lines_by_meter(statement)["contacts"]
    month, today = statement["month"], line["made_of"][0]["day"]
    since, until = line.pop("since"), line.pop("until")
    assert since == f"{month}-01"
    assert since <= today <= until < f"{month}-32"
    assert line == {
        "meter": "contacts",
        "title_zh": "外部联系人",
        "title_en": "External contacts",
        "price_book": "mine",
        "model": "per_unit",
        "quantity": 28,
        "free": 12,
        "unit_price": "0.25",
        "per": "month",
        "sum": "28 × 0.25",
        "steps": [{"from": 0, "to": None, "quantity": 28, "unit_price": "0.25", "flat": "0", "amount": "7"}],
        "adjusted": None,
        "amount": "7.00",
        "source": "A test.",
        "source_zh": "测试。",
        "confidence": "medium",
        "made_of": [{"day": today, "quantity": 40}],
        "note_zh": "",
        "note_en": "",
    }
    assert (statement["price_book"], statement["total"]) == ("mine", "7.00")


def test_the_statement_of_an_empty_month_is_zero(corp: Corp) -> None:
    statement = corp.sim("statement", month="2016-02")
    assert statement["total"] == "0.00"
    assert [(line["meter"], line["quantity"]) for line in statement["lines"]] == [("contacts", 0)]


def test_the_statement_of_a_past_month_does_not_change_with_the_clock(start_server: StartServer) -> None:
    server = start_server()
    move(server, set="2026-01-15T12:00:00+08:00", freeze=True)
    corp = server.make_corp()
    calls = {"2026-01": 3, "2026-02": 0, "2026-03": 5, "2027-01": 2}
    for month, count in calls.items():
        move(server, set=f"{month}-15T12:00:00+08:00")
        wecom = corp.client()
        for _ in range(count):
            wecom.get("externalcontact/get_follow_user_list")
    made = {month: corp.sim("statement", month=month) for month in calls}
    for month, count in calls.items():
        line = lines_by_meter(made[month]).get("customer.list", {"quantity": 0, "amount": "0.00"})
        assert line["quantity"] == count
        assert Fraction(line["amount"]) == rounded(Fraction(count, 500))
    move(server, set="2030-01-01")
    assert {month: corp.sim("statement", month=month) for month in calls} == made
    move(server, set="2026-01-20")
    assert {month: corp.sim("statement", month=month) for month in calls} == made


def test_the_same_usage_can_be_priced_under_another_book(
    databases: Databases, start_server: StartServer, tmp_path: Path
) -> None:
    url = databases.new_url()
    server = start_server(database_url=url)
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    for _ in range(50):
        wecom.get("externalcontact/get_follow_user_list")
    before = corp.sim("statement")
    server.stop()

    book = shipped_book()
    book["name"], price_of(book, "customer.list")["unit_price"] = "dearer", "0.02"
    dearer = start_server(database_url=url, price_book=write_book(tmp_path / "dearer.toml", book))
    after = Corp(dearer, {"corpid": corp.corpid, "apps": corp.apps}).sim("statement", month=before["month"])
    assert lines_by_meter(before)["customer.list"]["amount"] == "0.10"
    assert lines_by_meter(after)["customer.list"]["amount"] == "1.00"
    assert Fraction(after["total"]) - Fraction(before["total"]) == Fraction(9, 10)
    assert (
        lines_by_meter(after)["customer.list"]["made_of"]
        == lines_by_meter(before)["customer.list"]["made_of"]
    )


# --- books that follow each other ------------------------------------------------------------------------


def following(folder: Path) -> str:
    """The article's price book, and from 2026-09-11 the same at ten times the prices."""
    book = shipped_book() | {"name": "tenfold", "effective": date(2026, 9, 11)}
    for price in book["price"]:
        price["unit_price"] = f"{Decimal(price['unit_price']) * 10}"
    return "article-toll," + write_book(folder / "tenfold.toml", book)


def test_each_day_is_priced_by_the_book_of_that_day(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(price_book=following(tmp_path))
    move(server, set="2026-09-10T23:00:00+08:00", freeze=True)
    corp = server.make_corp(seed="demo", customers=40)
    prices = {}
    for calls in (5, 7):
        wecom = corp.client()
        for _ in range(calls):
            wecom.get("externalcontact/get_follow_user_list")
        operations = server.sim.get("/operations").json()["operations"]
        prices[calls] = next(
            one["price"] for one in operations if one["path"].endswith("get_follow_user_list")
        )
        move(server, advance_seconds=3600)
    assert list(map(Decimal, prices.values())) == [Decimal("0.002"), Decimal("0.02")]
    statement = corp.sim("statement")
    assert statement["price_book"] == "article-toll, tenfold"
    parts = [
        (line["since"], line["until"], line["price_book"], line["quantity"], line["amount"])
        for line in statement["lines"]
        if line["meter"] == "customer.list"
    ]
    assert parts == [
        ("2026-09-01", "2026-09-10", "article-toll", 5, "0.01"),
        ("2026-09-11", "2026-09-30", "tenfold", 7, "0.14"),
    ]
    assert Fraction(statement["total"]) == sum(Fraction(line["amount"]) for line in statement["lines"])


def test_days_before_the_first_book_are_shown_and_free(start_server: StartServer, tmp_path: Path) -> None:
    late = following(tmp_path).removeprefix("article-toll,")
    server = start_server(price_book=late)
    move(server, set="2026-09-10T12:00:00+08:00", freeze=True)
    corp = server.make_corp(seed="demo", customers=40)
    corp.client().get("externalcontact/get_follow_user_list")
    lines = corp.sim("statement")["lines"]
    (line,) = (line for line in lines if line["meter"] == "customer.list")
    assert (line["model"], line["price_book"], line["unit_price"]) == ("unpriced", None, None)
    assert (line["free"], line["quantity"], line["amount"]) == (1, 0, "0.00")
    assert server.sim.get("/operations").json()["operations"][0]["price"] is None


def test_every_meter_has_a_title_in_both_languages() -> None:
    meters = {operation.meter for operation in load_families()} | set(NOT_CALLS)
    untitled = [meter for meter in meters if meter.split(".")[0] in titles(meter)[0]]
    assert untitled == []
