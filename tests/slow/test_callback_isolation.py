"""Hundreds of receivers that never answer, with long queues, harm nobody else."""

import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.callbacks.odd_receivers import OddReceiver, hang
from tests.callbacks.receiver import Receiver
from tests.slow.caller import Caller, make_corp

HANGING = 300
EVENTS_OF_EACH = 1_000
EVENTS = 200
CALLS = 3_000
SECONDS_TO_STOP = 3

pytestmark = pytest.mark.slow


class Server:
    """A server on a SQLite file of its own, with a corp that is called and one whose app listens."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir()
        self.file = folder / "callbacks.db"
        url = {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{self.file}"}
        self.process = ServerProcess(
            TOLLBOOTH, folder, {**environment, **url, "TOLLBOOTH_RATE_LIMITS": "off"}
        )
        self.process.start()
        with self.sim() as sim:
            self.corpid, secret = make_corp(sim, seed="demo")
        self.caller = Caller(self.process.port, self.corpid, secret)
        self.caller.log_in()
        self.milliseconds: list[float] = []

    def sim(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.process.base_url}/_sim/", timeout=60)

    def add_hanging(self, url: str, endpoints: int, events: int) -> None:
        """Stops the server, puts in endpoints at `url` with waiting events, and starts it again."""
        with self.sim() as sim:
            corps = [make_corp(sim)[0] for _ in range(endpoints)]
        self.process.stop()
        self.caller.close()
        with sqlite3.connect(self.file) as db:
            (first,) = db.execute(
                "UPDATE id_block SET reserved_to = reserved_to + ? WHERE name = 'row' RETURNING reserved_to",
                (endpoints * events,),
            ).fetchone()
            number = first - endpoints * events
            agents = dict(db.execute("SELECT corp_id, min(agentid) FROM app GROUP BY corp_id"))
            now = int(time.time())
            rows = []
            for corp in corps:
                db.execute(
                    "UPDATE app SET callback_url = ? WHERE corp_id = ? AND agentid = ?",
                    (url, corp, agents[corp]),
                )
                for _ in range(events):
                    number += 1
                    rows.append((corp, number, agents[corp], now, "<xml></xml>", now))
            db.executemany(
                "INSERT INTO callback "
                "(corp_id, id, agentid, at, event, change_type, xml, state, due_at, attempts) "
                "VALUES (?, ?, ?, ?, 'change_external_contact', 'add_external_contact', ?, 'waiting', ?, 0)",
                rows,
            )
        db.close()
        self.process.start()

    def call(self) -> None:
        began = time.perf_counter()
        assert self.caller.get("externalcontact/get_follow_user_list")["errcode"] == 0
        self.milliseconds.append((time.perf_counter() - began) * 1000)

    def act_and_wait(self, sim: httpx.Client, receiver: Receiver) -> float:
        """Raises an event; the seconds until it has arrived."""
        count = len(receiver.posts)
        body = {"act": "member_adds_customer", "userid": "zhangsan"}
        sim.post(f"corps/{self.corpid}/acts", json=body).raise_for_status()
        began = time.perf_counter()
        while len(receiver.posts) <= count:
            if time.perf_counter() - began > 60:
                break
            time.sleep(0.0005)
        return time.perf_counter() - began


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


@contextmanager
def two_servers(folder: Path, environment: dict[str, str]) -> Iterator[tuple[Server, Server]]:
    usual, hanging = (Server(folder / name, environment) for name in ("usual", "hanging"))
    try:
        yield usual, hanging
    finally:
        usual.process.stop()
        hanging.process.stop()


def measure(
    folder: Path, environment: dict[str, str], endpoints: int, events_of_each: int, events: int, calls: int
) -> dict[str, Any]:
    """Calls a server with hanging receivers and one without in turn, so that a busy machine slows both."""
    receiver, odd = Receiver(lambda _: b""), OddReceiver(hang)
    with two_servers(folder, environment) as (usual, hanging):
        hanging.add_hanging(odd.url, endpoints, events_of_each)
        with sqlite3.connect(hanging.file) as db:
            db.execute(
                "UPDATE app SET callback_url = ? WHERE corp_id = ? AND agentid = "
                "(SELECT min(agentid) FROM app WHERE corp_id = ?)",
                (receiver.url, hanging.corpid, hanging.corpid),
            )
        db.close()
        deadline = time.monotonic() + 20
        while len(odd.heads) < endpoints and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(calls):
            usual.call()
            hanging.call()
        with hanging.sim() as sim:
            seconds = [hanging.act_and_wait(sim, receiver) for _ in range(events)]
        at_once = len(odd.heads)
        began = time.monotonic()
        hanging.process.stop()
        stopped = time.monotonic() - began
    receiver.close()
    odd.close()
    return {
        "requests that hung": at_once,
        "event p50 s": statistics.median(seconds),
        "event p99 s": p99(seconds) if len(seconds) > 1 else seconds[0],
        "usual p50 ms": statistics.median(usual.milliseconds),
        "usual p99 ms": p99(usual.milliseconds),
        "p50 ms": statistics.median(hanging.milliseconds),
        "p99 ms": p99(hanging.milliseconds),
        "stopped after s": stopped,
    }


def test_300_hanging_receivers_with_1000_events_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measure(tmp_path, {}, HANGING, EVENTS_OF_EACH, EVENTS, CALLS)
    with capsys.disabled():
        print("\n" + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    assert found["requests that hung"] >= HANGING, "every queue is worked on"
    assert found["event p99 s"] < 1
    assert found["p99 ms"] < 1.5 * found["usual p99 ms"]
    assert found["stopped after s"] < SECONDS_TO_STOP
