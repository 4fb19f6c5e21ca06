"""What a provider pays over its corps, and what all corps of a server pay together."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.books import price_of, shipped_book, write_book
from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider
from tests.test_cli import ask, cells, told
from tests.test_statement_formats import NASTY, Page

StartServer = Callable[..., RunningServer]


def statement_of(provider: Provider, **params: Any) -> dict[str, Any]:
    answer = provider.server.sim.get(f"/providers/{provider.id}/statement", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def new_customer(corp: Corp) -> str:
    body = {"act": "member_adds_customer", "userid": "zhangsan"}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["external_userid"])


def call(app: WeCom, external_userid: str, times: int) -> None:
    """Charged calls of the meter customer.read, which a provider's app may make as the corp's own may."""
    for _ in range(times):
        reply = app.post("externalcontact/convert_to_openid", external_userid=external_userid)
        assert reply["errcode"] == 0, reply


def quantities(section: dict[str, Any]) -> dict[str, int]:
    return {line["meter"]: line["quantity"] for line in section["lines"]}


@pytest.fixture
def served(server: RunningServer) -> tuple[Provider, list[Corp]]:
    """A provider with an app in two corps: two calls in the first, one and one refused in the second.

    The corps' own apps call too, and a third corp has no app of the provider.
    """
    provider = Provider(server, name="一家服务商")
    corps = [server.make_corp(seed="demo", name=NASTY), server.make_corp(seed="demo", name="二店")]
    server.make_corp(name="no app of the provider")
    for corp, count in zip(corps, (2, 1), strict=True):
        own, theirs = corp.client(), provider.app_in(corp, "provider_developed")
        customer = new_customer(corp)
        call(own, customer, 5)
        call(theirs, customer, count)
    refused = theirs.get("externalcontact/get", external_userid="nobody")
    assert refused["errcode"] != 0
    return provider, corps


def test_a_provider_pays_for_the_calls_of_its_apps_and_no_others(served: tuple[Provider, list[Corp]]) -> None:
    provider, corps = served
    statement = statement_of(provider)
    assert (statement["provider_id"], statement["name"]) == (provider.id, "一家服务商")
    by_corp = {section["corpid"]: section for section in statement["corps"]}
    assert set(by_corp) == {corp.corpid for corp in corps}
    first, second = (quantities(by_corp[corp.corpid]) for corp in corps)
    assert (first["customer.read"], second["customer.read"]) == (2, 1)
    assert ("refused" in first, second["refused"]) == (False, 1)
    for section in statement["corps"]:
        assert {"contacts", "link_contacts"}.isdisjoint(quantities(section))
        assert Decimal(section["total"]) == sum(Decimal(line["amount"]) for line in section["lines"])
    assert Decimal(statement["total"]) == sum(Decimal(one["total"]) for one in statement["corps"])


def test_the_calls_of_a_provider_and_of_the_corps_own_apps_are_all_on_the_corps_statement(
    served: tuple[Provider, list[Corp]],
) -> None:
    _, corps = served
    for corp, count in zip(corps, (7, 6), strict=True):
        assert quantities(corp.sim("statement"))["customer.read"] == count


def test_a_provider_without_corps_owes_nothing(server: RunningServer) -> None:
    statement = statement_of(Provider(server))
    assert (statement["corps"], statement["total"]) == ([], "0.00")


def test_each_corp_has_its_own_free_allowance(start_server: StartServer, tmp_path: Path) -> None:
    book = shipped_book()
    price_of(book, "customer.read").update(free=2, unit_price="1")
    contacts = price_of(book, "contacts")
    contacts.update(minimum="1000")
    server = start_server(price_book=write_book(tmp_path / "free.toml", book))
    provider = Provider(server)
    for count in (3, 2, 7):
        corp = server.make_corp(seed="demo")
        call(provider.app_in(corp, "provider_developed"), new_customer(corp), count)
    statement = statement_of(provider)
    totals = sorted(Decimal(section["total"]) for section in statement["corps"])
    assert totals == [0, 1, 5]
    assert statement["total"] == "6.00"


def test_seats_are_on_the_providers_statement(start_server: StartServer, tmp_path: Path) -> None:
    """A level of seats is booked as the ledger books every level."""
    from app.billing import levels
    from app.world import clock

    book = shipped_book()
    for price in book["price"]:
        if "seats.base" in price.get("meters", ()) or price.get("meter") in ("seats.base", "seats.*"):
            price.update(unit_price="12")
    server = start_server(price_book=write_book(tmp_path / "seats.toml", book))
    provider, corp = Provider(server), server.make_corp(seed="demo")
    provider.app_in(corp)
    database = server.server.database
    with database.transaction() as tx:
        levels.lock(tx, corp.corpid)
        levels.change(tx, corp.corpid, "seats.base", 3, clock.now(tx), "test")
    (section,) = statement_of(provider)["corps"]
    assert quantities(section)["seats.base"] >= 3
    assert Decimal(section["total"]) == quantities(section)["seats.base"]


def test_a_provider_that_is_none_and_a_month_that_is_none_are_refused(server: RunningServer) -> None:
    answer = server.sim.get("/providers/ww0/statement")
    assert (answer.status_code, "there is no provider 'ww0'" in answer.json()["error"]) == (404, True)
    provider = Provider(server)
    for path in (f"/providers/{provider.id}/statement", "/statement"):
        assert server.sim.get(path, params={"month": "August"}).status_code == 422


def test_another_month_is_another_statement(served: tuple[Provider, list[Corp]]) -> None:
    provider, corps = served
    statement = statement_of(provider, month="2016-02")
    assert (statement["month"], statement["total"]) == ("2016-02", "0.00")
    assert [section["lines"] for section in statement["corps"]] == [[] for _ in corps]


def test_a_providers_statement_has_all_formats(
    served: tuple[Provider, list[Corp]], server: RunningServer, tmp_path: Path
) -> None:
    provider, corps = served
    statement = statement_of(provider)
    words = ("bill", "--provider", provider.id)
    assert json.loads(ask(server, *words, "--json")) == statement

    page = Page(ask(server, *words, "--format", "html"))
    assert len(page.all("h2")) == len(corps) + 1
    for word in (NASTY, "二店", "一家服务商", provider.id, f"{statement['total']} CNY"):
        assert word in page.text

    file = tmp_path / "provider.csv"
    ask(server, *words, "--format", "csv", "--out", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    assert {row["corpid"] for row in rows} == {corp.corpid for corp in corps}
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(statement["total"])

    shown = ask(server, *words)
    assert cells(shown, "合计 Total")[1] == f"{statement['total']} CNY"
    assert shown.count("小计 Subtotal") == 2


def test_the_statement_of_all_is_the_sum_of_every_corps(start_server: StartServer) -> None:
    server = start_server()
    corps = [server.make_corp(seed="demo") for _ in range(3)]
    for corp in corps:
        corp.client()
    server.sim.get(f"{server.base_url}/cgi-bin/user/get?access_token=none")
    statement = server.sim.get("/statement").json()
    alone = {corp.corpid: corp.sim("statement") for corp in corps}
    assert {section["corpid"]: section for section in statement["corps"]} == alone
    assert Decimal(statement["total"]) == sum(Decimal(one["total"]) for one in alone.values()) > 0
    assert json.loads(ask(server, "bill", "--all", "--json")) == statement
    assert "全部企业" in ask(server, "bill", "--all")


def test_an_unknown_provider_is_one_line(server: RunningServer) -> None:
    code, line = told("bill", "--provider", "ww0", "--url", server.base_url)
    assert (code, "there is no provider 'ww0'" in line) == (1, True)
