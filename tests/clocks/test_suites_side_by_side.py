"""Two suites that freeze and advance time side by side on one server never see each other.

A suite does generated steps in a corp of its own and notes what it sees: times, errcodes, limits, tasks,
codes, callbacks, months, seals. What it sees beside another suite is what it sees alone.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.clocks.corps import DAY, HOUR, MAY
from tests.conftest import ON_POSTGRESQL, Databases, RunningServer
from tests.sim_api.test_advance import KIND, handled_by
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import schedule

SERVER_TIME = MAY + 10 * DAY
LIST = "/cgi-bin/externalcontact/get_follow_user_list"
WELCOME = "/cgi-bin/externalcontact/send_welcome_msg"

Step = tuple[str, int]

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("set"), st.integers(MAY - 40 * DAY, MAY + 40 * DAY)),
    st.tuples(st.just("advance"), st.sampled_from([1, 5, 19, 21, 60, HOUR, 7_200, DAY, 31 * DAY])),
    st.tuples(
        st.sampled_from(["token", "call", "customer", "welcome", "bill", "verify", "follow"]), st.just(0)
    ),
    st.tuples(st.just("schedule"), st.sampled_from([1, 59, 7_000, 2 * DAY])),
)
SUITES = st.lists(STEPS, min_size=3, max_size=14)

ran: dict[str, list[int]] = defaultdict(list)


def note(act: Act, _: str) -> None:
    ran[act.corp_id].append(act.now)


class Suite:
    """A corp and its steps; each goes to the next of the workers."""

    def __init__(self, workers: list[RunningServer], first: int) -> None:
        self._workers, self._number = workers, first
        self._http = httpx.Client(timeout=60)
        made = self._sim("POST", "", seed="empty")
        self.corpid: str = made["corpid"]
        self._app: dict[str, Any] = made["apps"][0]
        self.token, self.code = "", ""

    def run(self, steps: list[Step]) -> list[Any]:
        """What the suite sees, step by step."""
        with closing(self._http):
            seen = [self._step("set", MAY), *(self._step(*step) for step in steps)]
            seen.append(self._sim("GET", f"/{self.corpid}/callbacks")["callbacks"])
        seen[-1] = [(callback["event"], callback["at"]) for callback in seen[-1]]
        return [*seen, sorted(ran[self.corpid])]

    def _step(self, kind: str, value: int) -> Any:
        seen: Any = getattr(self, f"_{kind}")(value)
        return kind, value, seen

    def _set(self, at: int) -> Any:
        return self._move(set=at, freeze=True)

    def _advance(self, seconds: int) -> Any:
        return self._move(advance_seconds=seconds)

    def _follow(self, _: int) -> Any:
        return self._move(follow_server=True)

    def _schedule(self, seconds: int) -> Any:
        server = self._worker().server
        with server.database.transaction() as tx:
            context = server.context(tx, self.corpid)
            schedule(context, KIND, context.now + seconds, "")
            return context.now

    def _token(self, _: int) -> Any:
        params = {"corpid": self.corpid, "corpsecret": self._app["secret"]}
        reply = self._api("GET", "/cgi-bin/gettoken", params=params)
        is_new, self.token = reply["access_token"] != self.token, reply["access_token"]
        return is_new, reply["expires_in"]

    def _call(self, _: int) -> Any:
        return self._api("GET", LIST, params={"access_token": self.token})["errcode"]

    def _customer(self, _: int) -> Any:
        act = {"act": "member_adds_customer", "userid": "admin"}
        self.code = self._sim("POST", f"/{self.corpid}/acts", **act)["welcome_code"]

    def _welcome(self, _: int) -> Any:
        body = {"welcome_code": self.code, "text": {"content": "你好"}}
        return self._api("POST", WELCOME, params={"access_token": self.token}, json=body)["errcode"]

    def _bill(self, _: int) -> Any:
        usage = self._sim("GET", f"/{self.corpid}/usage")
        return usage["month"], usage["calls"], usage["contacts"]

    def _verify(self, _: int) -> Any:
        report = self._sim("GET", f"/{self.corpid}/ledger/verify")
        return report["intact"], report["hours"], report["sealed_until"], report["findings"]

    def _move(self, **body: Any) -> Any:
        shown = self._sim("POST", f"/{self.corpid}/clock", **body)
        return shown["now"], shown["frozen"], shown["follows_server"]

    def _worker(self) -> RunningServer:
        self._number += 1
        return self._workers[self._number % len(self._workers)]

    def _sim(self, method: str, path: str, **body: Any) -> Any:
        url = f"{self._worker().base_url}/_sim/corps{path}"
        answer = self._http.request(method, url, json=body or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _api(self, method: str, path: str, **request: Any) -> Any:
        return self._http.request(method, self._worker().base_url + path, **request).json()


def side_by_side(*works: Callable[[], list[Any]]) -> list[list[Any]]:
    """What each has seen, of works that run at the same time."""
    seen: list[Any] = [None] * len(works)

    def run(number: int) -> None:
        seen[number] = works[number]()

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return seen


@pytest.fixture(scope="module")
def workers(databases: Databases) -> Iterator[list[RunningServer]]:
    """One server, or two on one PostgreSQL; their clock stands still, and a corp may call thrice a minute."""
    url = databases.new_url()
    with ExitStack() as running:
        servers = []
        for _ in range(2 if ON_POSTGRESQL else 1):
            server = RunningServer(Settings(database_url=url, limit_per_corp_minute=3))
            running.callback(server.stop)
            servers.append(server)
        servers[0].sim.post("/clock", json={"set": SERVER_TIME, "freeze": True})
        with handled_by(note):
            yield servers


def steps(*kinds: str) -> list[Step]:
    values = {"set": MAY, "advance": HOUR, "schedule": 59}
    return [(kind, values.get(kind, 0)) for kind in kinds]


BOUNDS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    # A failure isn't made smaller: that would run for minutes.
    "phases": (Phase.explicit, Phase.generate),
}


def check(workers: list[RunningServer], suites: tuple[list[Step], ...]) -> None:
    alone = [Suite(workers, 0).run(steps) for steps in suites]
    together = [partial(Suite(workers, 0).run, steps) for steps in suites]
    assert side_by_side(*together) == alone
    assert workers[0].sim.get("/clock").json()["now"] == SERVER_TIME


@settings(max_examples=4, **BOUNDS)
@example(
    steps("token", "call", "call", "call", "call", "advance", "call", "verify", "bill"),
    steps("token", "follow", "call", "schedule", "set", "call", "advance", "verify", "follow", "bill"),
)
@given(SUITES, SUITES)
def test_suites_side_by_side_see_what_they_see_alone(
    workers: list[RunningServer], first: list[Step], second: list[Step]
) -> None:
    check(workers, (first, second))


def without_following(suite: list[Step]) -> list[Step]:
    return [step for step in suite if step[0] != "follow"]


@settings(max_examples=3, **BOUNDS)
@example(steps("token", "call", "schedule", "customer", "advance", "welcome", "set", "verify", "bill"))
@given(SUITES.map(without_following))
def test_a_suite_does_not_see_the_moves_of_the_servers_clock(
    workers: list[RunningServer], suite: list[Step]
) -> None:
    alone = Suite(workers, 0).run(suite)

    def server_moves() -> list[Any]:
        moves = (
            {"advance_seconds": DAY},
            {"set": MAY - DAY},
            {"freeze": False},
            {"set": MAY, "freeze": True},
        )
        for body in (*moves, {"set": SERVER_TIME, "freeze": True}):
            assert workers[-1].sim.post("/clock", json=body).status_code == 200
        return []

    assert side_by_side(partial(Suite(workers, 0).run, suite), server_moves) == [alone, []]


@pytest.mark.slow
@settings(max_examples=100, **BOUNDS)
@given(st.lists(SUITES, min_size=2, max_size=4))
def test_many_suites_side_by_side_see_what_they_see_alone(
    workers: list[RunningServer], suites: list[list[Step]]
) -> None:
    check(workers, tuple(suites))
