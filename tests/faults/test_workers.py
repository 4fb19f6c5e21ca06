"""Two servers on one PostgreSQL meet the same faults: at once, and exactly as often as planned."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, Databases, RunningServer
from tests.faults.faulty import faulty_calls, fired, ledger, plan

LIST, GET = "externalcontact/get_follow_user_list", "externalcontact/get"
THREADS, CALLS = 4, 15

pytestmark = pytest.mark.postgresql


@pytest.fixture
def servers(databases: Databases, start_server: Any) -> list[RunningServer]:
    url = databases.new_url()
    return [start_server(database_url=url, limit_concurrency=100) for _ in range(2)]


@pytest.fixture
def corps(servers: list[RunningServer]) -> list[Corp]:
    """One corp, as each server has it."""
    first = servers[0].make_corp(seed="demo")
    return [first, Corp(servers[1], {"corpid": first.corpid, "apps": first.apps})]


def errcodes_of(corps: list[Corp], operation: str, **params: str) -> list[int]:
    """What THREADS * CALLS calls at once are answered with, by both servers in turn."""
    token = corps[0].client().token
    answered: list[int] = []

    def call(number: int) -> None:
        for turn in range(CALLS):
            api = corps[(number + turn) % 2].server.api
            answer = api.get(operation, params={"access_token": token, **params})
            answered.append(int(answer.json()["errcode"]))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answered


def test_the_other_server_knows_of_a_fault_at_once(corps: list[Corp]) -> None:
    first, second = (corp.client() for corp in corps)
    for _ in range(5):
        plan(corps[0], LIST, {"errcode": -1}, times=1)
        assert second.get(LIST)["errcode"] == -1
        assert first.get(LIST)["errcode"] == 0
    assert fired(corps[1]) == [1] * 5


def test_a_fault_fires_exactly_as_often_as_planned(corps: list[Corp]) -> None:
    fault = plan(corps[0], LIST, {"errcode": -1}, times=23, skip=11)
    answered = errcodes_of(corps, LIST)
    assert (answered.count(-1), answered.count(0)) == (23, THREADS * CALLS - 23)
    (shown,) = corps[1].sim("faults")["faults"]
    assert (shown["seen"], shown["fired"]) == (34, 23)
    assert len(faulty_calls(corps[0], fault)) == 23
    assert [record["errcode"] for record in ledger(corps[0]) if record["reason"]] == [-1] * 23


def test_overlapping_faults_fire_one_after_the_other(corps: list[Corp]) -> None:
    plan(corps[0], "*", {"errcode": 45033}, times=10, skip=1)  # the token's call
    plan(corps[1], LIST, {"errcode": -1}, times=10)
    answered = errcodes_of(corps, LIST)
    assert (answered.count(45033), answered.count(-1)) == (10, 10)
    assert fired(corps[0]) == [10, 10]


def test_a_fault_that_lets_the_operation_refuse_is_counted_exactly(corps: list[Corp]) -> None:
    plan(corps[0], GET, {"delay_ms": 1}, times=17)
    assert set(errcodes_of(corps, GET, external_userid="nobody")) == {40096}
    assert fired(corps[0]) == [17]


def test_a_rate_limit_blocks_on_both_servers(corps: list[Corp]) -> None:
    plan(corps[0], LIST, {"rate_limit": "hour"}, times=1)
    assert set(errcodes_of(corps, LIST)) == {45009}
    assert fired(corps[1]) == [1]


def test_planning_and_deleting_while_calls_run_disturbs_no_call(corps: list[Corp]) -> None:
    stop = threading.Event()
    refusals: list[str] = []

    def plan_and_delete(corp: Corp) -> None:
        path = f"/corps/{corp.corpid}/faults"
        while not stop.is_set():
            for times in (1, 2):
                body = {"path": LIST, "then": {"errcode": 45033}, "times": times}
                answer = corp.server.sim.post(path, json=body)
                refusals.extend([answer.text] if answer.status_code != 200 else [])
            answer = corp.server.sim.delete(path)
            refusals.extend([answer.text] if answer.status_code != 200 else [])

    threads = [threading.Thread(target=plan_and_delete, args=(corp,)) for corp in corps]
    for thread in threads:
        thread.start()
    answered = errcodes_of(corps, LIST)
    stop.set()
    for thread in threads:
        thread.join()
    assert refusals == []
    assert set(answered) <= {0, 45033}
    corps[0].server.sim.delete(f"/corps/{corps[0].corpid}/faults")
    assert set(errcodes_of(corps, LIST)) == {0}
