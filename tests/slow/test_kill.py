"""The server is killed again and again under load.

After each restart every answered call is in the ledger exactly once, with its effect, and there is no effect
without a ledger row. A call whose answer never arrived may or may not have happened.

Each client has its own corp and makes one call after another, so the ledger's count shows which calls
happened: a remark, a tag's name and a customer's tags all encode the number of the call that set them.
"""

import itertools
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.slow.caller import CGI, Caller, Done, Unanswered, ledger_of, make_corp
from tests.slow.settled import settling_postgresql

KILLS = int(os.environ.get("TOLLBOOTH_TEST_KILLS", "10"))
KILLS_ON_POSTGRESQL = int(os.environ.get("TOLLBOOTH_TEST_KILLS_ON_POSTGRESQL", "3"))
"""`make test-kill` asks for 200 and 50."""
WORKERS_ON_POSTGRESQL = 4
CLIENTS = 8
BITS = 10
SEED = 20261122

REMARK = "externalcontact/remark"
MARK = "externalcontact/mark_tag"
RENAME = "externalcontact/edit_corp_tag"
GET = "externalcontact/get"
LIST = "externalcontact/list"
TAGS = "externalcontact/get_corp_tag_list"
NOBODY = "wm" + "0" * 30


class Client:
    """Changes one customer and one tag of its own corp, call after call, until the server is killed."""

    def __init__(self, sim: httpx.Client, port: int) -> None:
        self.caller = Caller(port, *make_corp(sim, seed="demo", members=1, customers=1))
        self.caller.log_in()
        (self._customer,) = self.caller.get(LIST, userid="zhangsan")["external_userid"]
        tags = [{"name": f"bit {bit}"} for bit in range(BITS)]
        group = self.caller.post("externalcontact/add_corp_tag", group_name="bits", tag=tags)["tag_group"]
        self._bits = [tag["id"] for tag in group["tag"]]
        named = self.caller.post("externalcontact/add_corp_tag", group_name="named", tag=[{"name": "0"}])
        self._named = named["tag_group"]["tag"][0]["id"]
        self.answered = self.unknown = self.unknown_that_happened = 0
        self.violations: list[str] = []
        self._remark(0)
        self._mark(0)
        self._in_flight: Done | None = None
        self._counted = self.caller.answered.total()

    def load(self) -> None:
        """Makes one call after another until one is not answered."""
        kinds: tuple[tuple[str, bool, Callable[[], Any]], ...] = (
            (REMARK, True, lambda: self._remark(self._number(REMARK))),
            (MARK, True, lambda: self._mark(self._number(MARK))),
            (GET, True, self._read),
            (REMARK, False, self._remark_nobody),
            (RENAME, True, lambda: self._rename(self._number(RENAME) + 1)),
        )
        for operation, charged, act in itertools.cycle(kinds):
            self._in_flight = Done(CGI + operation, charged)
            try:
                act()
            except Unanswered:
                return

    def check(self, sim: httpx.Client) -> None:
        """Compares the answers with the ledger and the effects, and continues from there."""
        known, in_flight = self.caller.answered, self._in_flight
        ledger = ledger_of(sim.get(f"corps/{self.caller.corpid}/usage").raise_for_status().json())
        self.answered += known.total() - self._counted
        if in_flight is not None:
            self.unknown += 1
            if ledger[in_flight] == known[in_flight] + 1:
                self.unknown_that_happened += 1
                known[in_flight] += 1
        self._in_flight = None
        if ledger != known:
            self.violations.append(f"the ledger has {ledger - known} too much, {known - ledger} too little")
        self._compare("remark", self._seen_remark(), str(self._number(REMARK) - 1))
        self._compare("tags", self._seen_tags(), (self._number(MARK) - 1) % 2**BITS)
        self._compare("name", self._seen_name(), str(self._number(RENAME)))
        self._counted = known.total()

    def _remark(self, number: int) -> None:
        pair = {"userid": "zhangsan", "external_userid": self._customer}
        self._expect(0, self.caller.post(REMARK, **pair, remark=str(number)))

    def _mark(self, number: int) -> None:
        """Sets the customer's tags to those that encode `number`, in one call."""
        changes: dict[str, list[str]] = {"add_tag": [], "remove_tag": []}
        for bit, tag_id in enumerate(self._bits):
            changes["add_tag" if number >> bit & 1 else "remove_tag"].append(tag_id)
        self._expect(0, self.caller.post(MARK, userid="zhangsan", external_userid=self._customer, **changes))

    def _rename(self, number: int) -> None:
        self._expect(0, self.caller.post(RENAME, id=self._named, name=str(number)))

    def _read(self) -> None:
        self._expect(0, self.caller.get(GET, external_userid=self._customer))

    def _remark_nobody(self) -> None:
        reply = self.caller.post(REMARK, userid="zhangsan", external_userid=NOBODY, remark="lost")
        self._expect(40096, reply)

    def _expect(self, errcode: int, reply: dict[str, Any]) -> None:
        if reply["errcode"] != errcode:
            self.violations.append(f"answered {reply}")

    def _number(self, operation: str) -> int:
        """The number of calls of the operation so far, which is the number of the next one."""
        return self.caller.answered[Done(CGI + operation, True)]

    def _seen_remark(self) -> str:
        return str(self.caller.get(GET, external_userid=self._customer)["follow_user"][0]["remark"])

    def _seen_tags(self) -> int:
        worn = self.caller.get(GET, external_userid=self._customer)["follow_user"][0]["tags"]
        return sum(1 << self._bits.index(tag["tag_id"]) for tag in worn if tag["tag_id"] in self._bits)

    def _seen_name(self) -> str:
        (group,) = self.caller.post(TAGS, tag_id=[self._named])["tag_group"]
        return str(group["tag"][0]["name"])

    def _compare(self, what: str, seen: Any, wanted: Any) -> None:
        if seen != wanted:
            self.violations.append(f"{what}: {seen!r} took effect, the ledger says {wanted!r}")


def kill_again_and_again(
    server: ServerProcess,
    kills: int,
    capsys: pytest.CaptureFixture[str],
    settle: Callable[[], None] = lambda: None,
) -> None:
    """`settle` waits, after each kill, until the database has finished the killed server's statements."""
    rng = random.Random(SEED)
    server.start()
    try:
        # A new connection for each call, because each restart closes the old ones.
        limits = httpx.Limits(max_keepalive_connections=0)
        sim = httpx.Client(base_url=f"{server.base_url}/_sim/", limits=limits, timeout=60)
        clients = [Client(sim, server.port) for _ in range(CLIENTS)]
        for _ in range(kills):
            threads = [threading.Thread(target=client.load) for client in clients]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.0, 0.6))
            server.kill()
            for thread in threads:
                thread.join()
            settle()
            server.start()
            for client in clients:
                client.check(sim)
    finally:
        server.stop()
    answered = sum(client.answered for client in clients)
    unknown = sum(client.unknown for client in clients)
    happened = sum(client.unknown_that_happened for client in clients)
    violations = [violation for client in clients for violation in client.violations]
    with capsys.disabled():
        print(
            f"\nkills {kills}, calls answered {answered:,}, "
            f"unknown {unknown} (of which {happened} happened), violations {len(violations)}"
        )
    assert not violations
    assert answered > kills * CLIENTS, "the server had too little load"
    assert unknown >= kills, "the kills interrupted nothing"
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("kills", [1, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_no_kill_separates_an_effect_from_its_ledger_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kills: int
) -> None:
    settings = {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{tmp_path}/killed.db"}
    kill_again_and_again(ServerProcess(TOLLBOOTH, tmp_path, settings), kills, capsys)


@pytest.mark.slow
def test_no_kill_separates_an_effect_from_its_ledger_row_on_postgresql(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with settling_postgresql(tmp_path) as (url, settle):
        serve = (*TOLLBOOTH, "--workers", str(WORKERS_ON_POSTGRESQL))
        server = ServerProcess(serve, tmp_path, {"TOLLBOOTH_DATABASE_URL": url})
        kill_again_and_again(server, KILLS_ON_POSTGRESQL, capsys, settle)
