"""Statements of a provider over its corps, and of all corps of a server."""

import csv
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.billing.books import price_of, shipped_book, write_book
from tests.billing.test_statement_formats import NASTY, Page
from tests.cli.test_commands import ask, cells, failure
from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider

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
    """Charged calls of the meter customer.read, which apps of a provider and of the corp may make."""
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


def test_a_provider_pays_only_for_the_calls_of_its_apps(served: tuple[Provider, list[Corp]]) -> None:
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


def test_the_corps_statement_has_the_calls_of_its_own_apps_and_the_providers(
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


def seated(corp: Corp) -> int:
    usage = corp.sim("usage")["seats"]
    assert usage["base"] == 0
    return int(usage["interop"])


def staff(corp: Corp) -> list[str]:
    return list(corp.client().get("externalcontact/get_follow_user_list")["follow_user"])


def serve(app: WeCom, userids: list[str]) -> None:
    reply = app.post("externalcontact/batch/get_by_user", userid_list=userids, limit=100)
    assert reply["errcode"] == 0, reply


def test_each_seat_costs_the_price_of_its_band(start_server: StartServer) -> None:
    """8 interop accounts cost 5 × 50 + 3 × 40 = 370 a year; page 95652 lists what needs one."""
    server = start_server(price_book="wecom-2022")
    provider, corp = Provider(server), server.make_corp(seed="demo", members=8, customers=100)
    other_app_of_it = provider.app_in(corp)
    app = provider.app_in(corp, "provider_developed")
    assert len(staff(corp)) == 8
    serve(corp.client(), staff(corp))
    assert app.get("externalcontact/get_follow_user_list")["errcode"] == 0
    assert app.get("externalcontact/list", userid="nobody")["errcode"] != 0
    assert seated(corp) == 0, "neither the corp's own app nor what shows no customer nor what is refused"
    serve(app, staff(corp))
    serve(app, staff(corp)[:3])
    serve(other_app_of_it, staff(corp)[2:])
    assert seated(corp) == 8
    (section,) = statement_of(provider)["corps"]
    (line,) = [line for line in section["lines"] if line["meter"] == "seats.interop"]
    assert (line["quantity"], line["amount"]) == (8, "30.83")
    assert section["total"] == statement_of(provider)["total"] == "30.83"
    records = corp.sim("ledger", meter="seats.interop")["records"]
    assert sorted(record["subject"] for record in records) == sorted(staff(corp))
    assert corp.sim("ledger/verify")["intact"] is True


def test_each_provider_needs_seats_of_its_own(start_server: StartServer) -> None:
    server = start_server(price_book="wecom-2022")
    corp = server.make_corp(seed="demo", members=5, customers=60)
    first, second, idle = (Provider(server) for _ in range(3))
    for provider, count in ((first, 5), (second, 2)):
        serve(provider.app_in(corp), staff(corp)[:count])
    idle.app_in(corp)
    assert seated(corp) == 7
    totals = [statement_of(provider)["total"] for provider in (first, second, idle)]
    assert totals == ["20.83", "8.33", "0.00"]


@pytest.mark.parametrize("operation", ["list", "get", "groupchat/list", "groupchat/get"])
def test_each_operation_that_needs_a_licence_takes_a_seat(server: RunningServer, operation: str) -> None:
    corp = server.make_corp(seed="demo", members=1, customers=1)
    app = Provider(server).app_in(corp, "provider_developed")
    group = server.sim.post(
        f"/corps/{corp.corpid}/acts", json={"act": "member_creates_group", "userid": "zhangsan"}
    ).json()
    (customer,) = corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"]
    for _ in range(2):
        match operation:
            case "list":
                reply = app.get("externalcontact/list", userid="ZhangSan")
            case "get":
                reply = app.get("externalcontact/get", external_userid=customer)
            case "groupchat/list":
                reply = app.post("externalcontact/groupchat/list", limit=10)
            case _:
                reply = app.post("externalcontact/groupchat/get", chat_id=group["chat_id"])
        assert reply["errcode"] == 0, reply
    (record,) = corp.sim("ledger", meter="seats.interop")["records"]
    assert (record["subject"], record["agentid"]) == ("zhangsan", app.agentid)


def test_a_seat_is_held_until_the_member_leaves_or_the_corp_is_deleted(start_server: StartServer) -> None:
    server = start_server(price_book="wecom-2022")
    server.sim.post("/clock", json={"set": "2026-03-10T12:00:00+08:00", "freeze": True})
    provider, corp = Provider(server), server.make_corp(seed="demo", members=3, customers=30)
    serve(provider.app_in(corp), staff(corp))
    leaving = {"act": "member_leaves_corp", "userid": "lisi"}
    assert server.sim.post(f"/corps/{corp.corpid}/acts", json=leaving).status_code == 200
    server.sim.post("/clock", json={"set": "2026-04-10T12:00:00+08:00"})
    assert seated(corp) == 2
    assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    server.sim.post("/clock", json={"set": "2026-05-10T12:00:00+08:00"})
    months = [statement_of(provider, month=month)["total"] for month in ("2026-03", "2026-04", "2026-05")]
    assert months == ["12.50", "8.33", "0.00"]
    assert corp.sim("ledger/verify")["intact"] is True


def test_concurrent_calls_take_one_seat_of_a_member(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=2, customers=20)
    app = Provider(server).app_in(corp, "provider_developed")
    with ThreadPoolExecutor(16) as clients:
        errcodes = list(
            clients.map(lambda _: app.get("externalcontact/list", userid="lisi")["errcode"], range(16))
        )
    assert set(errcodes) <= {0, 45033}, "six calls of one operation at a time are one too many"
    assert (errcodes.count(0) > 0, seated(corp)) == (True, 1)
    assert corp.sim("ledger/verify")["intact"] is True


def test_an_unknown_provider_and_an_invalid_month_are_refused(server: RunningServer) -> None:
    answer = server.sim.get("/providers/ww0/statement")
    assert (answer.status_code, "there is no provider 'ww0'" in answer.json()["error"]) == (404, True)
    provider = Provider(server)
    for path in (f"/providers/{provider.id}/statement", "/statement"):
        assert server.sim.get(path, params={"month": "August"}).status_code == 422


def test_each_month_has_its_own_statement(served: tuple[Provider, list[Corp]]) -> None:
    provider, corps = served
    statement = statement_of(provider, month="2016-02")
    assert (statement["month"], statement["total"]) == ("2016-02", "0.00")
    assert [section["lines"] for section in statement["corps"]] == [[] for _ in corps]


def test_a_providers_statement_is_available_in_all_formats(
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


def test_the_statement_of_all_corps_is_the_sum_of_their_statements(start_server: StartServer) -> None:
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


def test_an_unknown_provider_is_reported_in_one_line(server: RunningServer) -> None:
    code, line = failure("bill", "--provider", "ww0", "--url", server.base_url)
    assert (code, "there is no provider 'ww0'" in line) == (1, True)
