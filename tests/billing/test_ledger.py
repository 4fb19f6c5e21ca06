"""The invariants of the ledger; app/wecom_tollbooth/billing/README.md names the test of each."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa

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
    """The records of calls; those of the contacts are left out."""
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
    """The real handlers look before they write; this one writes first."""
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
