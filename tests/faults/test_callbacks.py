"""Faults of callbacks: delayed, lost, answered in place of the receiver, dropped, sent twice."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import act, advance, attempts_of, states, wait_until
from tests.conftest import Corp, RunningServer
from tests.faults.faulty import fired, plan
from wecom_tollbooth.corps.tables import Corp as CorpRow


@pytest.fixture
def corp(start_server: Any) -> Corp:
    """A corp whose clock may be moved."""
    server: RunningServer = start_server(callback_retry_seconds=5)
    return server.make_corp(seed="demo")


@pytest.fixture
def receiver(corp: Corp) -> Iterator[SdkReceiver]:
    made = SdkReceiver(corp)
    assert made.register()["status"] == 200
    yield made
    made.http.close()


def add(corp: Corp) -> str:
    return str(act(corp, "member_adds_customer", userid="zhangsan")["external_userid"])


def test_a_status_is_the_answer_of_a_receiver_that_never_got_it(corp: Corp, receiver: SdkReceiver) -> None:
    fault = plan(corp, "callback", {"http_status": 500, "body": "oops"}, times=1)
    add(corp)
    wait_until(lambda: len(attempts_of(corp)) == 1)
    (attempt,) = attempts_of(corp)
    assert (attempt["status"], attempt["answer"]) == (500, "oops")
    assert f"planned fault {fault}: answered in place of the receiver" in attempt["error"]
    assert receiver.http.posts == []
    advance(corp, 5)
    receiver.events(1)
    wait_until(lambda: states(corp) == ["delivered"])
    assert fired(corp) == [1]


def test_disconnect_before_sends_nothing_and_is_retried(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback", {"disconnect": "before"}, times=1)
    add(corp)
    wait_until(lambda: len(attempts_of(corp)) == 1)
    assert attempts_of(corp)[0]["status"] == 0
    assert receiver.http.posts == []
    advance(corp, 5)
    receiver.events(1)


def test_a_lost_answer_brings_the_same_event_again(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback", {"disconnect": "after_commit"}, times=1)
    customer = add(corp)
    receiver.events(1)
    wait_until(lambda: len(attempts_of(corp)) == 1)
    advance(corp, 5)
    assert [event["ExternalUserID"] for event in receiver.events(2)] == [customer, customer]
    wait_until(lambda: [attempt["status"] for attempt in attempts_of(corp)] == [0, 200])


def test_a_dropped_event_is_never_sent_and_the_next_one_is(corp: Corp, receiver: SdkReceiver) -> None:
    fault = plan(corp, "callback", {"drop": True}, times=2)
    customers = [add(corp) for _ in range(3)]
    (event,) = receiver.events(1)
    assert event["ExternalUserID"] == customers[2]
    wait_until(lambda: sorted(states(corp)) == ["delivered", "dropped", "dropped"])
    assert fired(corp) == [2]
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    errors = [attempt["error"] for callback in callbacks for attempt in callback["attempts"]]
    assert errors.count(f"planned fault {fault}: never sent") == 2


def test_many_dropped_events_are_all_dropped(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback", {"drop": True}, times=40)
    customers = [add(corp) for _ in range(41)]
    assert receiver.events(1)[0]["ExternalUserID"] == customers[40]
    wait_until(lambda: states(corp).count("dropped") == 40)


def test_a_duplicated_event_arrives_again_and_copies_are_not_copied(
    corp: Corp, receiver: SdkReceiver
) -> None:
    plan(corp, "callback", {"duplicate": 2})
    first, second = add(corp), add(corp)
    came = [event["ExternalUserID"] for event in receiver.events(6)]
    assert sorted(came) == sorted([first, second] * 3)
    wait_until(lambda: states(corp) == ["delivered"] * 6)
    assert fired(corp) == [2]


def test_only_the_named_event_meets_the_fault(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback/del_follow_user", {"drop": True})
    customer = add(corp)
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid=customer)
    other = add(corp)
    events = receiver.events(2)
    assert [event["ChangeType"] for event in events] == ["add_external_contact"] * 2
    assert [event["ExternalUserID"] for event in events] == [customer, other]
    assert fired(corp) == [1]


def test_only_the_named_app_meets_the_fault(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback", {"drop": True}, agentid=corp.apps[1]["agentid"])
    add(corp)
    receiver.events(1)
    assert fired(corp) == [0]


def test_a_delayed_event_arrives_unchanged_and_in_order(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback", {"delay_ms": 30}, times=2)
    customers = [add(corp) for _ in range(4)]
    assert [event["ExternalUserID"] for event in receiver.events(4)] == customers
    wait_until(lambda: states(corp) == ["delivered"] * 4)
    assert fired(corp) == [2]


def test_every_operation_means_no_callback(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "*", {"http_status": 500})
    add(corp)
    receiver.events(1)
    assert fired(corp) == [0]


def test_skip_and_times_count_attempts(corp: Corp, receiver: SdkReceiver) -> None:
    plan(corp, "callback", {"http_status": 500}, times=1, skip=2)
    for _ in range(4):
        add(corp)
    receiver.events(3)
    wait_until(lambda: sorted(states(corp)) == ["delivered"] * 3 + ["waiting"])
    with corp.server.server.database.transaction() as tx:
        row = tx.session.get(CorpRow, corp.corpid)
        assert row is not None
        assert row.faulty_paths is None
