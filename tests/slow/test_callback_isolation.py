"""Hundreds of receivers that never answer, with long queues, harm nobody else."""

import statistics
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bench.process import TOLLBOOTH, ServerProcess
from tests.callbacks.odd_receivers import OddReceiver, hang
from tests.callbacks.receiver import Receiver
from tests.conftest import Databases, running_postgresql
from tests.slow.caller import Caller, make_corp

HANGING = 300
EVENTS_OF_EACH = 1_000
EVENTS = 200
CALLS = 3_000
SECONDS_TO_STOP = 3
SECONDS_TO_TRY_ALL = 20

pytestmark = pytest.mark.slow


WAITING_EVENTS = sa.text("""
    INSERT INTO callback (corp_id, id, agentid, at, event, change_type, xml, state, due_at, attempts)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :events)
    SELECT CAST(:corp AS VARCHAR), :before + i,
        (SELECT min(agentid) FROM app WHERE corp_id = CAST(:corp AS VARCHAR)), :now,
        'change_external_contact', 'add_external_contact', '<xml></xml>', 'waiting', :now, 0
    FROM n""")


def listen(db: sa.Connection, corpid: str, url: str) -> None:
    """Gives the corp's first app an address."""
    first = "(SELECT min(agentid) FROM app WHERE corp_id = :corp)"
    db.execute(
        sa.text(f"UPDATE app SET callback_url = :url WHERE corp_id = :corp AND agentid = {first}"),
        {"url": url, "corp": corpid},
    )


class Server:
    """A server on a database of its own, with a corp that is called and whose app listens."""

    def __init__(self, folder: Path, url: str, environment: dict[str, str]) -> None:
        folder.mkdir()
        self.engine = sa.create_engine(
            url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool
        )
        given = {"TOLLBOOTH_DATABASE_URL": url, "TOLLBOOTH_RATE_LIMITS": "off"}
        self.process = ServerProcess(TOLLBOOTH, folder, {**environment, **given})
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
        with self.engine.begin() as db:
            reserved = "UPDATE id_block SET reserved_to = reserved_to + :many WHERE name = 'row'"
            last = db.execute(sa.text(f"{reserved} RETURNING reserved_to"), {"many": endpoints * events})
            first = last.scalar_one() - endpoints * events
            for place, corp in enumerate(corps):
                listen(db, corp, url)
                values = {"corp": corp, "before": first + place * events, "events": events}
                db.execute(WAITING_EVENTS, {**values, "now": int(time.time())})
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


def measure(
    folder: Path,
    urls: Sequence[str],
    environment: dict[str, str],
    endpoints: int = HANGING,
    events_of_each: int = EVENTS_OF_EACH,
    events: int = EVENTS,
    calls: int = CALLS,
) -> dict[str, float]:
    """Calls a server with hanging receivers and one without in turn, so that a busy machine slows both."""
    receiver, odd = Receiver(lambda _: b""), OddReceiver(hang)
    usual, hanging = (Server(folder / str(place), url, environment) for place, url in enumerate(urls))
    try:
        with hanging.engine.begin() as db:
            listen(db, hanging.corpid, receiver.url)
        hanging.add_hanging(odd.url, endpoints, events_of_each)
        deadline = time.monotonic() + SECONDS_TO_TRY_ALL
        while len(odd.heads) < endpoints and time.monotonic() < deadline:
            time.sleep(0.05)
        tried = len(odd.heads)
        for _ in range(calls):
            usual.call()
            hanging.call()
        with hanging.sim() as sim:
            seconds = [hanging.act_and_wait(sim, receiver) for _ in range(events)]
        began = time.monotonic()
        hanging.process.stop()
        stopped = time.monotonic() - began
    finally:
        usual.process.stop()
        hanging.process.stop()
        receiver.close()
        odd.close()
    return {
        "tried": tried,
        "event p50 s": statistics.median(seconds),
        "event p99 s": p99(seconds),
        "usual p50 ms": statistics.median(usual.milliseconds),
        "usual p99 ms": p99(usual.milliseconds),
        "p50 ms": statistics.median(hanging.milliseconds),
        "p99 ms": p99(hanging.milliseconds),
        "stopped after s": stopped,
    }


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_300_hanging_receivers_with_1000_events_each(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_postgresql() if database == "postgresql" else nullcontext() as postgres:
        databases = Databases(tmp_path, postgres)
        found = measure(tmp_path, [databases.new_url() for _ in range(2)], {})
    with capsys.disabled():
        print(f"\n{database}: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    assert found["tried"] >= HANGING, "every queue is worked on"
    assert found["event p99 s"] < 1
    assert found["p99 ms"] < 1.5 * found["usual p99 ms"]
    assert found["stopped after s"] < SECONDS_TO_STOP
