"""The journal's bound: the last calls of each corp, whatever other corps do."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Corp, Databases, RunningServer
from tests.in_process import InProcess
from wecom_tollbooth.gateway.journal.bound import ROWS_A_DELETION, JournalBound
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.settings import Settings

LIST = "/cgi-bin/externalcontact/list"


@pytest.fixture(scope="module")
def small(databases: Databases) -> Iterator[RunningServer]:
    """A server that keeps ten calls of each corp."""
    settings = Settings(database_url=databases.new_url(), journal_capacity=10, limit_concurrency=100)
    running = RunningServer(settings)
    yield running
    running.stop()


class Caller:
    """Calls of one corp that are refused, each for a userid of its own."""

    def __init__(self, api: InProcess, corp: Corp) -> None:
        self.corp = corp
        self._api = api
        self._token = corp.client().token

    def call(self, userid: str) -> str:
        """The hint of the answer."""
        params = {"access_token": self._token, "userid": userid}
        answer = self._api.request("GET", LIST, params).json()
        found = re.search(r"hint: \[(\d{25})\]", answer["errmsg"])
        assert found, answer
        return found[1]

    def kept(self) -> list[str]:
        """The userids of the calls that the journal shows, newest first, without that for the token."""
        shown = self.corp.sim("calls", limit=1000, path=LIST)["calls"]
        return [str(call["detail"]).split("'")[1] for call in shown]


@contextmanager
def callers(server: RunningServer, count: int) -> Iterator[list[Caller]]:
    api = InProcess(server)
    yield [Caller(api, server.make_corp()) for _ in range(count)]
    api.close()


def rows_of(server: RunningServer, corpid: str) -> int:
    query = sa.select(sa.func.count()).select_from(CALL_JOURNAL).where(CALL_JOURNAL.c.corp_id == corpid)
    with server.server.database.transaction() as tx:
        return int(tx.execute(query).scalar_one())


def test_corps_that_alternate_keep_their_last_calls_each(small: RunningServer) -> None:
    with callers(small, 2) as (one, other):
        for number in range(30):
            one.call(f"a{number}")
            other.call(f"b{number}")
        assert one.kept() == [f"a{number}" for number in range(29, 19, -1)]
        assert other.kept() == [f"b{number}" for number in range(29, 19, -1)]


def test_a_hint_is_found_regardless_of_calls_of_other_corps(small: RunningServer) -> None:
    with callers(small, 2) as (quiet, busy):
        hints = [quiet.call(f"a{number}") for number in range(5)]
        for number in range(40):
            busy.call(f"b{number}")
        hints += [quiet.call(f"a{number}") for number in range(5, 10)]
        for number, hint in enumerate(hints):
            (found,) = quiet.corp.sim("calls", hint=hint)["calls"]
            assert found["detail"] == f"there is no member 'a{number}' in this corp"
        quiet.call("a10")
        assert quiet.corp.sim("calls", hint=hints[0])["calls"] == []


def test_the_newest_calls_are_kept_when_the_clock_is_set_back(small: RunningServer) -> None:
    with callers(small, 1) as (caller,):
        for number in range(8):
            caller.call(f"before{number}")
        now = small.sim.get("/clock").json()["now"]
        assert small.sim.post("/clock", json={"set": now - 86_400}).status_code == 200
        for number in range(8):
            caller.call(f"after{number}")
        assert {f"after{number}" for number in range(8)} < set(caller.kept())
        assert len(caller.kept()) == 10


def test_the_table_stays_near_the_capacity(small: RunningServer) -> None:
    with callers(small, 1) as (caller,):
        for number in range(100):
            caller.call(f"a{number}")
        assert len(caller.kept()) == 10
        assert rows_of(small, caller.corp.corpid) == 10


def test_a_lowered_capacity_takes_effect_in_slices(small: RunningServer) -> None:
    corpid, bound = "slices", JournalBound(10)
    row: dict[str, object] = {
        column.name: 0 if isinstance(column.type, sa.Integer) else "" for column in CALL_JOURNAL.columns
    }
    rows = [{**row, "corp_id": corpid, "seq": seq, "warned": False} for seq in range(2 * ROWS_A_DELETION)]
    with small.server.database.transaction() as tx:
        tx.execute(sa.insert(CALL_JOURNAL), rows)
    for left in (ROWS_A_DELETION, 10, 10):
        with small.server.database.transaction() as tx:
            bound.keep(tx, corpid)
        assert rows_of(small, corpid) == left


def test_simultaneous_calls_of_one_corp_keep_the_bound(small: RunningServer) -> None:
    wecom = small.make_corp().client()

    def call(number: int) -> int:
        return int(wecom.get("externalcontact/list", userid=f"a{number}")["errcode"])

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(call, range(100))) == {40003}
    assert len(wecom.corp.sim("calls")["calls"]) == 10
    wecom.get("externalcontact/list", userid="last")
    assert wecom.corp.sim("calls")["calls"][0]["detail"] == "there is no member 'last' in this corp"


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has one worker")
def test_a_worker_with_lower_ids_does_not_lose_its_calls(small: RunningServer) -> None:
    """A worker that reserved its ids early and calls late is not older than the others."""
    late = RunningServer(small.settings)
    with callers(small, 1) as (caller,):
        api = InProcess(late)
        behind = Caller(api, Corp(late, {"corpid": caller.corp.corpid, "apps": caller.corp.apps}))
        for number in range(20):
            behind.call(f"late{number}")
        hints = [caller.call(f"early{number}") for number in range(5)]
        for hint in hints:
            assert len(caller.corp.sim("calls", hint=hint)["calls"]) == 1
        assert len(caller.kept()) == 10
        api.close()
    late.stop()
