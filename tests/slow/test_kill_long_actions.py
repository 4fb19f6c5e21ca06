"""The server is killed in the middle of an advance, a seed or a deletion, and goes on as if nothing was.

After each restart: no task was lost or done twice, the clock stands at the last task that is done, no row of
a corp is left that nobody sees, and the ledgers are intact.
"""

import random
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess

pytestmark = pytest.mark.slow

ROUNDS = 12
RECORDS = 1_000
CUSTOMERS = 20_000
DAY = 86_400
SEED = 20261130


class World:
    def __init__(self, server: ServerProcess, file: Path) -> None:
        self._server, self._file = server, file
        limits = httpx.Limits(max_keepalive_connections=0)
        self.sim = httpx.Client(base_url=f"{server.base_url}/_sim", limits=limits, timeout=60)
        self._rng = random.Random(SEED)

    def kill_during(self, method: str, path: str, body: Any = None) -> bool:
        """Kills the server some time after the request; says whether the answer had come before."""
        answered = threading.Event()

        def ask() -> None:
            try:
                self.sim.request(method, path, json=body).raise_for_status()
            except httpx.TransportError:
                return
            answered.set()

        thread = threading.Thread(target=ask)
        thread.start()
        answered.wait(self._rng.uniform(0.05, 1.0))
        came = answered.is_set()
        self._server.kill()
        thread.join()
        self._server.start()
        return came

    def rows(self, query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self._file, timeout=30)) as database:
            return database.execute(query, values).fetchall()

    def settle(self) -> None:
        """Waits until the leftovers are removed."""
        deadline = time.monotonic() + 60
        while self.rows("SELECT 1 FROM unfinished_corp"):
            assert time.monotonic() < deadline, "leftovers are not removed"
            time.sleep(0.02)

    def corps_with_rows(self) -> set[str]:
        tables = ("member", "external_contact", "follow_user", "follow_up", "app", "scheduled_task")
        return {row[0] for table in tables for row in self.rows(f"SELECT DISTINCT corp_id FROM {table}")}

    def corpids(self) -> set[str]:
        return {corp["corpid"] for corp in self.sim.get("/corps").json()["corps"]}

    def is_intact(self) -> bool:
        return bool(self.sim.get("/ledger/verify").json()["intact"])


@pytest.fixture
def world(tmp_path: Path) -> Any:
    file = tmp_path / "killed.db"
    server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{file}"})
    server.start()
    try:
        yield World(server, file)
    finally:
        server.stop()


def test_an_advance_that_is_killed_does_each_task_once(world: World) -> None:
    world.sim.post("/clock", json={"freeze": True})
    wanted = {"seed": "demo", "customers": RECORDS, "follow_ups": RECORDS}
    corpid = world.sim.post("/corps", json=wanted).json()["corpid"]
    begun = world.sim.get("/clock").json()["now"]
    scheduled = [row[0] for row in world.rows("SELECT due_at FROM scheduled_task ORDER BY due_at")]
    assert len(scheduled) > 100
    came, kills = False, 0
    while not came:
        now = world.sim.get("/clock").json()["now"]
        left = [row[0] for row in world.rows("SELECT due_at FROM scheduled_task ORDER BY due_at")]
        done = scheduled[: len(scheduled) - len(left)]
        assert left == scheduled[len(done) :]
        assert now == (done[-1] if done else begun)
        kills += 1
        came = world.kill_during("POST", "/clock", {"advance_seconds": 31 * DAY + begun - now})
    sent = world.rows(
        "SELECT count(DISTINCT xml) FROM callback WHERE corp_id = ? AND change_type = 'follow_up_due' "
        "GROUP BY agentid",
        corpid,
    )
    assert {row[0] for row in sent} == {len(scheduled)}
    assert world.is_intact()


def test_killed_seeds_and_deletions_leave_nothing_half_done(world: World) -> None:
    made, killed = 0, 0
    for number in range(ROUNDS):
        before = world.corpids()
        if number % 2 == 0 or not before:
            wanted = {"seed": "demo", "members": 20, "customers": CUSTOMERS}
            came = world.kill_during("POST", "/corps", wanted)
            world.settle()
            new = world.corpids() - before
            assert len(new) == 1 if came else len(new) <= 1
            for corpid in new:
                assert world.sim.get(f"/corps/{corpid}/usage").json()["contacts"] == CUSTOMERS
            if not new:
                # For the next deletion.
                world.sim.post("/corps", json=wanted).raise_for_status()
        else:
            corpid = sorted(before)[0]
            came = world.kill_during("DELETE", f"/corps/{corpid}")
            world.settle()
            assert came <= (corpid not in world.corpids())
        made, killed = made + came, killed + (not came)
        assert world.corps_with_rows() == world.corpids()
        assert world.is_intact()
    assert killed > ROUNDS // 3
