"""Two servers on one PostgreSQL deliver the events of one app, and meet its faults exactly as planned."""

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import act, advance, wait_until
from tests.conftest import Corp, Databases
from tests.faults.faulty import fired, plan

CUSTOMERS = 24

pytestmark = pytest.mark.postgresql


@pytest.fixture
def corps(databases: Databases, start_server: Any) -> list[Corp]:
    """One corp, as each server has it."""
    url = databases.new_url()
    servers = [start_server(database_url=url, callback_retry_seconds=5) for _ in range(2)]
    first = servers[0].make_corp(seed="demo")
    return [first, Corp(servers[1], {"corpid": first.corpid, "apps": first.apps})]


@pytest.fixture
def receiver(corps: list[Corp]) -> Iterator[SdkReceiver]:
    made = SdkReceiver(corps[0])
    assert made.register()["status"] == 200
    yield made
    made.http.close()


def add_on_both(corps: list[Corp]) -> set[str]:
    """The customers that members add through both servers at once."""
    added: list[str] = []

    def add(corp: Corp) -> None:
        made = (act(corp, "member_adds_customer", userid="zhangsan") for _ in range(CUSTOMERS // 2))
        added.extend(one["external_userid"] for one in made)

    threads = [threading.Thread(target=add, args=(corp,)) for corp in corps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(added)) == CUSTOMERS
    return set(added)


def deliver_all(corps: list[Corp], *ends: str) -> list[dict[str, Any]]:
    """The callbacks once each has one of these states, by the app's queue; retries are due at once."""

    def callbacks() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = corps[1].sim(
            "callbacks", agentid=corps[1].apps[0]["agentid"], limit=200
        )["callbacks"]
        return found

    def are_over() -> bool:
        return {callback["state"] for callback in callbacks()} <= set(ends)

    def try_again() -> bool:
        if are_over():
            return True
        advance(corps[0], 5)
        corps[1].server.server.work_waiting.set()
        return False

    wait_until(try_again)
    return callbacks()


def errors(callbacks: list[dict[str, Any]], fault: int) -> int:
    """How many attempts name the fault."""
    named = f"planned fault {fault}:"
    return sum(named in attempt["error"] for callback in callbacks for attempt in callback["attempts"])


def received(receiver: SdkReceiver) -> Counter[str]:
    """How often each customer's event came."""
    return Counter(event["ExternalUserID"] for event in receiver.events(len(receiver.http.posts)))


def test_refused_attempts_are_as_many_as_planned_and_no_event_is_lost(
    corps: list[Corp], receiver: SdkReceiver
) -> None:
    fault = plan(corps[0], "callback", {"http_status": 500}, times=9, skip=3)
    added = add_on_both(corps)
    callbacks = deliver_all(corps, "delivered")
    assert fired(corps[1]) == [9]
    assert errors(callbacks, fault) == 9
    assert received(receiver) == dict.fromkeys(added, 1)


def test_lost_answers_bring_exactly_these_events_again(corps: list[Corp], receiver: SdkReceiver) -> None:
    # No answer at all holds up the events behind it, and after some attempts the event is given up.
    faults = [
        plan(corps[skip % 2], "callback", {"disconnect": "after_commit"}, times=1, skip=skip)
        for skip in (0, 4, 9, 15)
    ]
    added = add_on_both(corps)
    callbacks = deliver_all(corps, "delivered")
    assert fired(corps[0]) == [1] * len(faults)
    assert [errors(callbacks, fault) for fault in faults] == [1] * len(faults)
    came = received(receiver)
    assert set(came) == added
    assert came.total() == CUSTOMERS + len(faults)


def test_events_are_dropped_and_copied_as_often_as_planned(corps: list[Corp], receiver: SdkReceiver) -> None:
    dropping = plan(corps[0], "callback", {"drop": True}, times=5)
    plan(corps[1], "callback/add_external_contact", {"duplicate": 2}, times=4)
    added = add_on_both(corps)
    callbacks = deliver_all(corps, "delivered", "dropped")
    assert fired(corps[0]) == [5, 4]
    assert errors(callbacks, dropping) == 5
    came = received(receiver)
    assert set(came) < added
    assert sorted(came.values()) == [1] * (CUSTOMERS - 5 - 4) + [3] * 4
