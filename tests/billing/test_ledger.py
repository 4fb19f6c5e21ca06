"""The invariants of the ledger; app/wecom_tollbooth/billing/README.md names the test of each."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
import sqlalchemy as sa

from tests.billing.ledger_checks import agree, do, kinds_found, move
from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.billing.meters import NOT_CALLS
from wecom_tollbooth.billing.tables import USAGE_RECORD
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel
from wecom_tollbooth.tables import metadata

README = Path(__file__).parents[2] / "app" / "wecom_tollbooth" / "billing" / "README.md"
RECORDS_OF_A_CALL = {"usage_record", "usage_total", "call_journal"}
METER = USAGE_RECORD.c.keys().index("meter")


def rows_of(server: RunningServer, corpid: str, table: sa.Table) -> list[tuple[Any, ...]]:
    with server.server.database.transaction() as tx:
        order = list(table.primary_key.columns)
        query = sa.select(table).where(table.c.corp_id == corpid).order_by(*order)
        return [tuple(row) for row in tx.execute(query)]


def everything_of(corp: Corp) -> dict[str, list[tuple[Any, ...]]]:
    tables = [table for table in metadata().sorted_tables if "corp_id" in table.c]
    return {table.name: rows_of(corp.server, corp.corpid, table) for table in tables}


def ledger_of(corp: Corp) -> list[tuple[Any, ...]]:
    """The records of calls, without those of contacts."""
    return [row for row in rows_of(corp.server, corp.corpid, USAGE_RECORD) if row[METER] not in NOT_CALLS]


def call_in_every_way(wecom: WeCom) -> list[int]:
    """Calls that are answered, refused, malformed and unknown; returns the errcodes answered."""
    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    pair = {"userid": "zhangsan", "external_userid": customers[0]}
    replies = [
        wecom.get("externalcontact/list", userid="nobody"),
        wecom.get("crm/get_external_contact_list", userid="lisi"),
        wecom.post("externalcontact/remark", **pair, remark="老客户"),
        wecom.post("externalcontact/remark", **pair, remark="长" * 1000),
        wecom.post("externalcontact/remark", content=b"{"),
        wecom.get("externalcontact/remark"),
        wecom.post("externalcontact/add_corp_tag", group_name="账本", tag=[{"name": "甲"}]),
        wecom.post("externalcontact/add_corp_tag", group_name="账本", tag=[{"name": "甲"}]),
        wecom.post("externalcontact/mark_tag", **pair, add_tag=["etnothing"]),
        wecom.get("externalcontact/get", external_userid=customers[0], cursor="CURSOR"),
    ]
    return [0, *(reply["errcode"] for reply in replies)]


def test_every_answered_call_adds_one_ledger_record(corp: Corp, wecom: WeCom) -> None:
    errcodes = [0, *call_in_every_way(wecom)]
    assert 3 < errcodes.count(0) < len(errcodes) - 3
    rows = ledger_of(corp)
    assert [row[USAGE_RECORD.c.keys().index("errcode")] for row in rows] == errcodes
    assert len({row[USAGE_RECORD.c.keys().index("id")] for row in rows}) == len(errcodes)
    usage = corp.sim("usage")["calls"]
    assert usage["charged"] == errcodes.count(0)
    assert usage["charged"] + usage["refused"] == len(errcodes)


def test_an_unknown_path_adds_no_ledger_record(corp: Corp, wecom: WeCom) -> None:
    before = ledger_of(corp)
    assert wecom.http.get("externalcontact/lsit", params={"access_token": wecom.token}).status_code == 404
    assert ledger_of(corp) == before


def test_ledger_records_never_change(corp: Corp, wecom: WeCom) -> None:
    call_in_every_way(wecom)
    before = ledger_of(corp)
    call_in_every_way(wecom)
    for path in ("usage", "statement", "calls"):
        corp.sim(path)
    corp.new_app()
    customer = corp.server.sim.post(
        f"/corps/{corp.corpid}/acts", json={"act": "member_adds_customer", "userid": "zhangsan"}
    ).json()
    for act in ("member_deletes_customer", "member_adds_customer"):
        body = {"act": act, "userid": "zhangsan", "external_userid": customer["external_userid"]}
        assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body).status_code == 200
    after = ledger_of(corp)
    assert after[: len(before)] == before
    assert len(after) == 2 * len(before) - 1, "the first half has the call for the token"


def test_a_refused_call_leaves_only_its_record(corp: Corp, wecom: WeCom) -> None:
    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    group = wecom.post("externalcontact/add_corp_tag", group_name="账本", tag=[{"name": "旧"}])["tag_group"]
    before = everything_of(corp)
    assert sum(len(rows) > 0 for rows in before.values()) > 8
    pair = {"userid": "zhangsan", "external_userid": customers[0]}
    refused = [
        wecom.post("externalcontact/mark_tag", **pair, add_tag=[group["tag"][0]["id"], "etnothing"]),
        wecom.post(
            "externalcontact/add_corp_tag",
            group_id=group["group_id"],
            tag=[{"name": "新"}, {"name": "旧"}],
        ),
        wecom.post("externalcontact/remark", **pair, remark="长" * 1000),
        wecom.post("externalcontact/remark", userid="nobody", external_userid=customers[0], remark="x"),
    ]
    assert all(reply["errcode"] != 0 for reply in refused), refused
    after = everything_of(corp)
    assert {name for name in after if after[name] != before[name]} == RECORDS_OF_A_CALL
    for name in RECORDS_OF_A_CALL - {"usage_total"}:
        assert len(after[name]) == len(before[name]) + len(refused)


@pytest.mark.parametrize(
    "failure", [Refusal(ErrCode.INVALID_PARAMETER), ZeroDivisionError("a mistake of ours")]
)
def test_changes_of_a_refused_call_are_rolled_back(
    corp: Corp, wecom: WeCom, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """The real handlers check before they write; this one writes first."""
    path = "/cgi-bin/externalcontact/remark"
    operations = corp.server.gateway.operations
    operation = operations.find(path)
    assert operation is not None

    def remark_and_refuse(call: Call, body: RequestModel) -> NoReturn:
        operation.handler(call, body)
        raise failure

    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    before = everything_of(corp)
    pair = {"userid": "zhangsan", "external_userid": customers[0]}
    with monkeypatch.context() as patched:
        patched.setitem(operations._by_path, path, replace(operation, handler=remark_and_refuse))
        assert wecom.post("externalcontact/remark", **pair, remark="不该留下")["errcode"] != 0
    after = everything_of(corp)
    assert {name for name in after if after[name] != before[name]} == RECORDS_OF_A_CALL
    assert wecom.post("externalcontact/remark", **pair, remark="该留下")["errcode"] == 0
    assert everything_of(corp)["follow_user"] != before["follow_user"]


def test_the_ledger_stores_no_prices() -> None:
    what = {"operation", "meter", "errcode", "quantity", "subject", "reverses", "reason"}
    assert set(USAGE_RECORD.c.keys()) == {"corp_id", "id", "at", "agentid", *what}


def test_the_readme_of_billing_names_existing_tests() -> None:
    named = re.findall(r"`tests/([a-z_/]+\.py)::(test_[a-z_]+)`", README.read_text(encoding="utf-8"))
    assert len(named) >= 5
    for file, test in named:
        assert f"def {test}(" in (Path(__file__).parents[1] / file).read_text(encoding="utf-8"), (file, test)


# --- levels and totals -----------------------------------------------------------------------------------


def test_levels_follow_the_contacts_even_if_the_clock_goes_back(start_server: Any) -> None:
    server = start_server()
    move(server, set="2026-03-10T12:00:00+08:00", freeze=True)
    corp: Corp = server.make_corp(seed="demo", customers=4, members=2)

    def contacts(month: str = "2026-03") -> int:
        return int(corp.sim("usage", month=month)["contacts"])

    customer = do(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    do(corp, "member_adds_customer", userid="lisi", external_userid=customer)
    assert contacts() == 5
    do(corp, "member_deletes_customer", userid="lisi", external_userid=customer)
    assert contacts() == 5
    do(corp, "member_deletes_customer", userid="zhangsan", external_userid=customer)
    move(server, set="2026-05-10T12:00:00+08:00")
    do(corp, "member_adds_customer", userid="zhangsan")
    assert [contacts(month) for month in ("2026-03", "2026-04", "2026-05")] == [5, 4, 5]
    move(server, set="2026-03-10T11:00:00+08:00")
    for _ in range(2):
        do(corp, "member_adds_customer", userid="lisi")
    assert agree(corp)
    move(server, set="2026-06-01T11:00:00+08:00")
    assert [contacts(month) for month in ("2026-03", "2026-04", "2026-05")] == [7, 6, 7]
    assert agree(corp)
    assert kinds_found(corp) == set()


def test_a_deleted_pending_contact_never_counted(start_server: Any) -> None:
    corp: Corp = start_server().make_corp()
    half = do(corp, "customer_adds_member", userid="admin", skip_verify=True)["external_userid"]
    do(corp, "member_deletes_customer", userid="admin", external_userid=half)
    assert corp.sim("usage")["contacts"] == 0
    assert agree(corp)


# --- reversals -------------------------------------------------------------------------------------------


def test_a_reversal_restores_the_sum_and_is_possible_once(corp: Corp) -> None:
    wecom = corp.client()
    before = corp.sim("usage")
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    for record in corp.sim("ledger", operation="/cgi-bin/externalcontact/list")["records"]:
        address = f"/corps/{corp.corpid}/ledger/{record['id']}/reverse"
        answer = corp.server.sim.post(address, json={"reason": "booked by mistake"})
        assert answer.status_code == 200, answer.text
        assert corp.server.sim.post(address, json={"reason": "again"}).status_code == 409
        back = corp.server.sim.post(
            f"/corps/{corp.corpid}/ledger/{answer.json()['id']}/reverse", json={"reason": "back"}
        )
        assert back.status_code == 409
        assert "is a reversal itself" in back.json()["error"]
    after = corp.sim("usage")
    assert {key: after["calls"][key] for key in ("charged", "refused")} == {
        key: before["calls"][key] for key in ("charged", "refused")
    }
    reversed_ = corp.sim("ledger", operation="/cgi-bin/externalcontact/list")["records"]
    assert [record["quantity"] for record in reversed_] == [1, 1, -1, -1]
    assert {record["reason"] for record in reversed_} == {"", "booked by mistake"}
    assert agree(corp)


def test_contacts_cannot_be_reversed(corp: Corp) -> None:
    (seeded,) = corp.sim("ledger", meter="contacts")["records"]
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/ledger/{seeded['id']}/reverse", json={"reason": "fewer"}
    )
    assert answer.status_code == 409
    unknown = corp.server.sim.post(f"/corps/{corp.corpid}/ledger/1/reverse", json={"reason": "none"})
    assert "has no record 1" in unknown.json()["error"]


# --- the records behind a line ---------------------------------------------------------------------------


def test_a_line_of_the_statement_leads_to_its_records_and_they_to_the_journal(corp: Corp) -> None:
    wecom = corp.client()
    for _ in range(5):
        wecom.get("externalcontact/list", userid="zhangsan")
        wecom.get("externalcontact/list", userid="nobody")
    for line in corp.sim("statement")["lines"]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while cursor or not found:
            page = corp.sim("ledger", meter=line["meter"], limit=2, cursor=cursor)
            found += page["records"]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert sum(record["quantity"] for record in found) == line["quantity"] + line["free"], line
        for record in found if line["meter"] != "contacts" else ():
            (call,) = corp.sim("calls", hint=record["hint"])["calls"]
            assert call["answer"]["errcode"] == record["errcode"]
    answer = corp.server.sim.get(f"/corps/{corp.corpid}/ledger", params={"cursor": "x"})
    assert answer.status_code == 422


# --- the last units of a quota ---------------------------------------------------------------------------


def test_concurrent_clients_never_exceed_a_quota(start_server: Any) -> None:
    corp: Corp = start_server().make_corp(seed="demo", customers=0)
    wecom = corp.client()
    do(corp, "admin_buys_acquisition_quota", amount=3)
    made = wecom.post(
        "externalcontact/customer_acquisition/create_link",
        link_name="last",
        range={"user_list": ["zhangsan"]},
    )
    opening = {"act": "open_acquisition_link", "link_id": made["link"]["link_id"]}
    with ThreadPoolExecutor(64) as clients, httpx.Client(timeout=60, verify=False) as http:
        address = f"{corp.server.base_url}/_sim/corps/{corp.corpid}/acts"
        answers = list(clients.map(lambda _: http.post(address, json=opening), range(64)))
    added = [answer for answer in answers if answer.status_code == 200 and answer.json()["added"]]
    usage = corp.sim("usage")
    assert (len(added), usage["link_contacts"], usage["contacts"]) == (3, 3, 3)
    assert agree(corp)
