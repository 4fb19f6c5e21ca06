"""The server is killed while clients open an acquisition link with little quota left.

After each restart the quota is not overdrawn, each unit used is one contact and one ledger record, and the
totals equal the sum of the records.
"""

import json
import os
import random
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.slow.caller import Caller, make_corp
from tests.slow.settled import settling_postgresql

KILLS = int(os.environ.get("TOLLBOOTH_TEST_KILLS", "15"))
KILLS_ON_POSTGRESQL = 5
CLIENTS = 8
SEED = 20261123
MOST_UNITS = 20
SECONDS_TO_USE_UP = 60
OPEN = {"act": "open_acquisition_link"}

pytestmark = pytest.mark.slow


class Link:
    """A link of a corp whose quota gets a few more units before each kill."""

    def __init__(self, sim: httpx.Client, port: int) -> None:
        self.sim = sim
        self.caller = Caller(port, *make_corp(sim, seed="demo", members=2, customers=0))
        self.caller.log_in()
        made = self.caller.post(
            "externalcontact/customer_acquisition/create_link",
            link_name="last units",
            range={"user_list": ["zhangsan", "lisi"]},
        )
        self.opening = {**OPEN, "link_id": made["link"]["link_id"]}
        self.address = f"corps/{self.caller.corpid}"
        self.bought = self.added = self.too_late = self.unknown = 0
        self._lock = threading.Lock()

    def buy(self, units: int) -> None:
        body = {"act": "admin_buys_acquisition_quota", "amount": units}
        self.sim.post(f"{self.address}/acts", json=body).raise_for_status()
        self.bought += units

    def open_until_killed(self) -> None:
        http = HTTPConnection(self.sim.base_url.host, self.sim.base_url.port, timeout=60)
        body = json.dumps(self.opening).encode()
        while True:
            try:
                http.request("POST", f"/_sim/{self.address}/acts", body, {"Content-Type": "application/json"})
                answer = json.loads(http.getresponse().read())
            except (OSError, HTTPException):
                with self._lock:
                    self.unknown += 1
                return
            with self._lock:
                self.added += answer["added"]
                self.too_late += not answer["added"]

    def wait_until_left(self, units: int) -> None:
        deadline = time.monotonic() + SECONDS_TO_USE_UP
        while self.bought - self.added > units:
            assert time.monotonic() < deadline, "the link is not opened"
            time.sleep(0.001)

    def check(self) -> list[str]:
        """The inconsistencies after a restart; continues from the actual state."""
        self.caller.close()  # its connection belonged to the killed server
        usage = self.sim.get(f"{self.address}/usage").json()
        report = self.sim.get(f"{self.address}/ledger/verify").json()
        balance = self.caller.get("externalcontact/customer_acquisition_quota")["balance"]
        followed = sum(len(self._customers_of(userid)) for userid in ("zhangsan", "lisi"))
        used = self.bought - balance
        counts = {"contacts": usage["contacts"], "records": usage["link_contacts"], "followed": followed}
        wrong = [f"{count} {name}, {used} units used" for name, count in counts.items() if count != used]
        wrong += [finding["message"] for finding in report["findings"]]
        if not self.added <= used <= min(self.added + CLIENTS, self.bought):
            wrong.append(f"{used} units used of {self.bought}, {self.added} answered as added")
        self.added = used
        return wrong

    def _customers_of(self, userid: str) -> list[Any]:
        return list(self.caller.get("externalcontact/list", userid=userid).get("external_userid", []))


def kill_at_the_last_units(
    server: ServerProcess, kills: int, capsys: pytest.CaptureFixture[str], settle: Callable[[], None]
) -> None:
    rng = random.Random(SEED)
    server.start()
    wrong: list[str] = []
    try:
        limits = httpx.Limits(max_keepalive_connections=0)
        sim = httpx.Client(base_url=f"{server.base_url}/_sim/", limits=limits, timeout=60)
        link = Link(sim, server.port)
        for _ in range(kills):
            link.buy(rng.randint(1, MOST_UNITS))
            threads = [threading.Thread(target=link.open_until_killed) for _ in range(CLIENTS)]
            for thread in threads:
                thread.start()
            link.wait_until_left(rng.randint(0, CLIENTS))
            time.sleep(rng.uniform(0.0, 0.02))
            server.kill()
            for thread in threads:
                thread.join()
            settle()
            server.start()
            wrong += link.check()
    finally:
        server.stop()
    with capsys.disabled():
        print(
            f"\nkills {kills}, units bought {link.bought}, used {link.added}, too late {link.too_late}, "
            f"unanswered {link.unknown}, violations {len(wrong)}"
        )
    assert not wrong
    assert link.added > kills, "the link was opened too rarely"
    assert "Traceback" not in server.log()


def test_no_kill_overdraws_a_links_quota(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{tmp_path}/killed.db"}
    kill_at_the_last_units(ServerProcess(TOLLBOOTH, tmp_path, settings), KILLS, capsys, lambda: None)


def test_no_kill_overdraws_a_links_quota_on_postgresql(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with settling_postgresql(tmp_path) as (url, settle):
        server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_DATABASE_URL": url})
        kill_at_the_last_units(server, KILLS_ON_POSTGRESQL, capsys, settle)
