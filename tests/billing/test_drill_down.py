"""From a line of the bill to the records behind it, and from a record to the call."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from tests.billing.test_provider_statements import call, new_customer, statement_of
from tests.billing.test_statement_formats import Page
from tests.cli.test_commands import ask, failure
from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider

StartServer = Callable[..., RunningServer]


def records_behind(corp: Corp, **wanted: Any) -> list[dict[str, Any]]:
    """The records of all pages, three per page."""
    found: list[dict[str, Any]] = []
    page = corp.sim("ledger", limit=3, **wanted)
    while True:
        assert len(page["records"]) <= 3
        found += page["records"]
        if not page["next_cursor"]:
            return found
        page = corp.sim("ledger", limit=3, cursor=page["next_cursor"], **wanted)


def calls_of(corp: Corp, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls of these records that the journal still has, found by usage_id."""
    return [found for one in records for found in corp.sim("calls", usage_id=one["id"])["calls"]]


def test_every_line_leads_to_its_records_and_they_to_their_calls(corp: Corp, wecom: WeCom) -> None:
    for _ in range(7):
        wecom.get("externalcontact/list", userid="zhangsan")
    for _ in range(4):
        wecom.get("externalcontact/list", userid="nobody")
        wecom.post("externalcontact/get_corp_tag_list")
    statement = corp.sim("statement")
    lines = [line for line in statement["lines"] if "operation" in line["made_of"][0]]
    assert {line["meter"] for line in lines} >= {"customer.list", "tag.read", "credentials", "refused"}
    seen: set[int] = set()
    for line in lines:
        records = records_behind(corp, month=statement["month"], meter=line["meter"])
        assert len(records) == line["quantity"] + line["free"]
        calls = calls_of(corp, records)
        assert [found["usage_id"] for found in calls] == [record["id"] for record in records]
        made_of = Counter(found["request"]["path"] for found in calls)
        assert made_of == {part["operation"]: part["quantity"] for part in line["made_of"]}
        assert {found["answer"]["errcode"] == 0 for found in calls} == {line["meter"] != "refused"}
        seen.update(record["id"] for record in records)
    assert len(seen) == corp.sim("usage")["calls"]["charged"] + corp.sim("usage")["calls"]["refused"]


def test_the_journal_drops_old_calls_and_the_ledger_keeps_all_records(start_server: StartServer) -> None:
    corp = start_server(journal_capacity=10).make_corp(seed="demo")
    wecom = corp.client()
    for _ in range(14):
        wecom.get("externalcontact/list", userid="zhangsan")
    (line,) = [line for line in corp.sim("statement")["lines"] if line["meter"] == "customer.list"]
    records = records_behind(corp, meter="customer.list")
    assert len(records) == line["quantity"] == 14
    assert [found["usage_id"] for found in calls_of(corp, records)] == [one["id"] for one in records[4:]]


def test_the_links_of_the_page_lead_to_the_records_of_their_lines(corp: Corp, wecom: WeCom) -> None:
    for _ in range(3):
        wecom.get("externalcontact/list", userid="zhangsan")
    page = Page(corp.server.sim.get(f"/corps/{corp.corpid}/statement", params={"format": "html"}).text)
    links = [href for link in page.all("a") if "/ledger?" in (href := str(link["href"]))]
    lines = {line["meter"]: line for line in corp.sim("statement")["lines"]}
    for link in links:
        (meter,) = parse_qs(urlsplit(link).query)["meter"]
        assert len(corp.server.sim.get(link).json()["records"]) == lines[meter]["quantity"]
    assert len(links) == len(lines) - 1, "contacts are held: no calls are behind them"


def test_the_command_explains_a_line_down_to_a_call(server: RunningServer, corp: Corp, wecom: WeCom) -> None:
    for _ in range(3):
        wecom.get("externalcontact/list", userid="zhangsan")
    explained = json.loads(ask(server, "bill", corp.corpid, "customer.list", "--explain", "--json"))
    assert [record["meter"] for record in explained["records"]] == ["customer.list"] * 3
    assert [line["quantity"] for line in explained["lines"]] == [3]
    shown = ask(server, "bill", corp.corpid, "--explain", "customer.list")
    for record in explained["records"]:
        assert str(record["id"]) in shown
        asked = ("calls", corp.corpid, "--usage-id", str(record["id"]), "--json")
        (found,) = json.loads(ask(server, *asked))["calls"]
        assert (found["usage_id"], found["hint"]) == (record["id"], record["hint"])


def test_an_unknown_line_is_refused_with_the_known_lines(server: RunningServer, corp: Corp) -> None:
    code, line = failure("bill", corp.corpid, "--explain", "customer.lists", "--url", server.base_url)
    assert (code, "use contacts" in line) == (1, True)
    assert failure("bill", corp.corpid, "contacts", "--url", server.base_url)[0] == 2


def test_a_corp_deleted_during_the_month_still_has_its_bill(start_server: StartServer) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": "2026-08-10T12:00:00+08:00", "freeze": True})
    provider, corp = Provider(server), server.make_corp(seed="demo", name="关了的店")
    call(provider.app_in(corp, "provider_developed"), new_customer(corp), 4)
    server.sim.post("/clock", json={"advance_seconds": 86_400})
    before, owed = corp.sim("statement"), statement_of(provider)
    server.sim.delete(f"/corps/{corp.corpid}")

    after = corp.sim("statement")
    assert after["closed_at"] == server.sim.get("/clock").json()["now"]
    assert after == {**before, "closed_at": after["closed_at"]}
    assert len(records_behind(corp, meter="customer.read")) == 4
    still_owed = statement_of(provider)
    assert still_owed["total"] == owed["total"]
    assert [section["closed_at"] for section in still_owed["corps"]] == [after["closed_at"]]
    (reads,) = [line for line in still_owed["corps"][0]["lines"] if line["meter"] == "customer.read"]
    assert reads["quantity"] == 4

    page = Page(server.sim.get(f"/corps/{corp.corpid}/statement", params={"format": "html"}).text)
    assert "已于 2026-08-11 12:00:00 注销" in page.text
    assert "已注销 closed 2026-08-11 12:00:00" in ask(server, "bill", corp.corpid)
    assert ",2026-08-11 12:00:00," in ask(server, "bill", corp.corpid, "--format", "csv")

    server.sim.post("/clock", json={"set": "2026-10-01T12:00:00+08:00"})
    assert statement_of(provider, month="2026-09")["corps"] == []
    assert statement_of(provider, month="2026-08")["total"] == owed["total"]


def test_a_statement_reads_totals_and_no_records(corp: Corp, wecom: WeCom) -> None:
    for _ in range(3):
        wecom.get("externalcontact/list", userid="zhangsan")
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = corp.server.server.database.reading_engine
    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        assert corp.sim("statement")["lines"]
        corp.server.sim.get("/statement")
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
    assert any("usage_total" in statement for statement in asked)
    assert [statement for statement in asked if "usage_record" in statement] == []
