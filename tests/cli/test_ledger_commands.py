"""`tollbooth ledger` as typed: the records behind a line, and verification of the seals."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cli.test_commands import ask, cells, run
from tests.conftest import RunningServer
from wecom_tollbooth.billing.tables import USAGE_RECORD


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, so that the developer's `.env` is not read."""
    monkeypatch.chdir(tmp_path)


def test_records_are_listed_page_by_page(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=1, customers=2)
    wecom = corp.client()
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    words = ("ledger", "records", corp.corpid)
    whole = json.loads(ask(server, *words, "--json"))
    assert whole == corp.sim("ledger")
    assert [record["quantity"] for record in whole["records"]] == [2, 1, 1, 1]

    page = ask(server, *words, "--limit", "3")
    assert "--cursor" in page
    cursor = page.split("--cursor", 1)[1].split()[0]
    (last,) = json.loads(ask(server, *words, "--cursor", cursor, "--json"))["records"]
    assert last == whole["records"][-1]
    refused = ask(server, *words, "--meter", "refused")
    assert ("40003" in refused, "contacts" in refused) == (True, False)
    held = ask(server, *words, "--meter", "contacts")
    assert ("seeded" in held, "customer.list" in held) == (True, False)


def test_a_reversal_is_shown_with_the_reversed_record(server: RunningServer) -> None:
    corp = server.make_corp()
    corp.client()
    (record,) = corp.sim("ledger", meter="credentials")["records"]
    reverse = f"/corps/{corp.corpid}/ledger/{record['id']}/reverse"
    assert server.sim.post(reverse, json={"reason": "by mistake"}).status_code == 200
    assert f"reverses {record['id']}" in ask(server, "ledger", "records", corp.corpid)


def test_verify_accepts_an_intact_ledger_and_reports_a_changed_one(start_server: Any) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": "2026-03-01T08:30:00+08:00", "freeze": True})
    corp, other = server.make_corp(), server.make_corp()
    corp.client()
    other.client()
    server.sim.post("/clock", json={"advance_seconds": 3600})
    shown = ask(server, "ledger", "verify")
    assert cells(shown, corp.corpid)[1:4] == ["1", "1", "0"]
    assert json.loads(ask(server, "ledger", "verify", "--corp", corp.corpid, "--json"))["intact"] is True

    with server.server.database.transaction() as tx:
        tx.execute(sa.update(USAGE_RECORD).where(USAGE_RECORD.c.corp_id == corp.corpid).values(quantity=5))
    done = run("ledger", "verify", "--url", server.base_url)
    assert done.exit_code == 1
    assert cells(done.stdout, corp.corpid)[3] == "2"
    assert done.stderr.startswith("tollbooth: ")
    assert "2026-03-01T08:00+08:00" in done.stderr
    ask(server, "ledger", "verify", "--corp", other.corpid)
