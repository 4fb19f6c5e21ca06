"""A hundred concurrent clients: every call succeeds, and the ledger has one row per answer."""

import itertools
import os
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from tests.conftest import Databases, running_postgresql
from tests.slow.caller import CGI, Caller, Done, Unanswered, ledger_of, make_corp

CLIENTS = 100
CUSTOMERS = 500
SECONDS = float(os.environ.get("TOLLBOOTH_TEST_LOAD_SECONDS", "30"))

CLIENTS_OF_A_CUSTOMER = 4
MARK = "externalcontact/mark_tag"
CONFLICT = 45035
"""The only expected refusal, of MARK: another call is changing the same member and customer."""

pytestmark = pytest.mark.slow


class Client:
    """Reads and writes in turn until the time is up; some clients use the same customers."""

    def __init__(self, place: int, caller: Caller, customers: list[str], tag_id: str) -> None:
        self.caller = caller
        self.lost: list[str] = []
        self._place = place
        first = place // CLIENTS_OF_A_CUSTOMER
        self._customers = itertools.cycle([*customers[first:], *customers[:first]])
        self._tag_id = tag_id

    def run(self, until: float) -> None:
        try:
            for number in itertools.count():
                if time.monotonic() > until:
                    return
                self._go_round(number, next(self._customers))
        except (Unanswered, AssertionError) as failure:
            self.lost.append(str(failure))

    def _go_round(self, number: int, customer: str) -> None:
        ask = self.caller
        pair = {"userid": "zhangsan", "external_userid": customer}
        text = f"{self._place}/{number}"
        ask.get("externalcontact/get", external_userid=customer)
        ask.post("externalcontact/remark", **pair, remark=text)
        change = {"remove_tag" if number % 2 else "add_tag": [self._tag_id]}
        ask.post(MARK, **pair, **change)
        ask.post("externalcontact/batch/get_by_user", userid_list=["zhangsan"], limit=10)
        if number % 10 == 0:
            ask.log_in()
            ask.get("externalcontact/list", userid="zhangsan")
            ask.post("externalcontact/get_corp_tag_list")
            ask.post("externalcontact/edit_corp_tag", id=self._tag_id, name=text)


def load(server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> None:
    server.start()
    try:
        sim = httpx.Client(base_url=f"{server.base_url}/_sim/", timeout=60)
        corpid, secret = make_corp(sim, seed="demo", customers=CUSTOMERS)
        callers = [Caller(server.port, corpid, secret) for _ in range(CLIENTS)]
        for caller in callers:
            caller.log_in()
        clients = _clients(callers)
        started = time.monotonic()
        threads = [threading.Thread(target=client.run, args=(started + SECONDS,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        ledger = ledger_of(sim.get(f"corps/{corpid}/usage").raise_for_status().json())
    finally:
        server.stop()
    answered: Counter[Done] = sum((caller.answered for caller in callers), Counter())
    errcodes: Counter[int] = sum((caller.errcodes for caller in callers), Counter())
    lost = [failure for client in clients for failure in client.lost]
    with capsys.disabled():
        print(
            f"\n{CLIENTS} clients, {seconds:.0f} s, {answered.total():,} calls answered "
            f"({answered.total() / seconds:,.0f}/s), {ledger.total():,} in the ledger, lost {len(lost)}, "
            f"by errcode {dict(errcodes)}"
        )
    assert not lost
    assert set(errcodes) <= {0, CONFLICT}
    assert {done.path for done in answered if not done.charged} <= {CGI + MARK}
    assert ledger == answered
    assert "Traceback" not in server.log()


def _clients(callers: list[Caller]) -> list[Client]:
    first = callers[0]
    customers = first.get("externalcontact/list", userid="zhangsan")["external_userid"]
    # A tag of its own app, because only that app may rename it.
    made = first.post("externalcontact/add_corp_tag", group_name="共用", tag=[{"name": "起初"}])["tag_group"]
    tag_id = made["tag"][0]["id"]
    return [Client(place, caller, customers, tag_id) for place, caller in enumerate(callers)]


def test_a_hundred_clients_on_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": f"sqlite:///{tmp_path}/crowd.db"}
    load(ServerProcess(TOLLBOOTH, tmp_path, settings), capsys)


def test_a_hundred_clients_on_postgresql_with_two_workers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_postgresql() as postgres:
        url = Databases(tmp_path, postgres).new_url()
        settings = {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url, "TOLLBOOTH_WORKERS": "2"}
        load(ServerProcess(TOLLBOOTH, tmp_path, settings), capsys)
