"""A server that is killed while it holds back an answer: what the call did is there, once and charged."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from bench.process import TOLLBOOTH, ServerProcess
from tests.callbacks.steps import wait_until
from tests.conftest import Corp, Databases, RunningServer
from tests.faults.faulty import faulty_calls, fired, ledger, plan

TAG = "externalcontact/add_corp_tag"


def test_what_after_commit_has_done_survives_a_kill(
    databases: Databases, start_server: Any, tmp_path: Path
) -> None:
    url = databases.new_url()
    first: RunningServer = start_server(database_url=url)
    corp = first.make_corp(seed="demo")
    token = corp.client().token
    fault = plan(corp, TAG, {"disconnect": "after_commit", "delay_ms": 600_000}, times=1)
    first.stop()
    process = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_DATABASE_URL": url})
    process.start()
    body = {"group_name": "等级", "tag": [{"name": "金卡"}]}

    def call() -> None:
        with suppress(httpx.TransportError):
            httpx.post(f"{process.base_url}/cgi-bin/{TAG}?access_token={token}", json=body, timeout=60)

    def calls() -> int:
        address = f"{process.base_url}/_sim/corps/{corp.corpid}/calls?fault={fault}"
        return len(httpx.get(address).json()["calls"])

    calling = threading.Thread(target=call)
    calling.start()
    wait_until(lambda: calls() == 1)
    process.kill()
    calling.join()
    corp = Corp(start_server(database_url=url), {"corpid": corp.corpid, "apps": corp.apps})
    groups = corp.client().post("externalcontact/get_corp_tag_list")["tag_group"]
    assert [group["group_name"] for group in groups].count("等级") == 1
    assert fired(corp) == [1]
    assert len(faulty_calls(corp, fault)) == 1
    assert [(record["errcode"], record["quantity"]) for record in ledger(corp) if record["reason"]] == [
        (0, 1)
    ]
    assert corp.sim("ledger/verify")["intact"]
