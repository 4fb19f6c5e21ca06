"""One callback with the requests that carried it, and replays of several at once."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import act, wait_until
from tests.conftest import Corp


@pytest.fixture
def receiver(corp: Corp) -> Iterator[SdkReceiver]:
    made = SdkReceiver(corp)
    yield made
    made.http.close()


def callbacks(corp: Corp, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = corp.sim("callbacks", agentid=corp.apps[0]["agentid"], **wanted)[
        "callbacks"
    ]
    return found


def replay(corp: Corp, **body: Any) -> Any:
    return corp.server.sim.post(f"/corps/{corp.corpid}/callbacks/replay", json=body)


def test_the_request_of_an_attempt_is_what_was_sent(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    act(corp, "member_adds_customer", userid="zhangsan")
    ((query, body),) = receiver.http.wait_for(1)
    wait_until(lambda: callbacks(corp)[0]["state"] == "delivered")
    shown = corp.sim(f"callbacks/{callbacks(corp)[0]['id']}")

    assert shown["callback"]["attempts"][0]["status"] == 200
    (request,) = shown["requests"]
    assert (request["number"], request["sent"], request["url"]) == (1, True, receiver.http.url)
    assert dict(parse_qsl(request["query"])) == query
    assert request["body"].encode() == body


def test_before_the_first_attempt_the_next_request_is_shown(corp: Corp) -> None:
    act(corp, "member_adds_customer", userid="zhangsan")
    shown = corp.sim(f"callbacks/{callbacks(corp)[0]['id']}")
    (request,) = shown["requests"]
    assert (shown["callback"]["state"], request["sent"]) == ("kept", False)
    assert "<Encrypt>" in request["body"]


def test_several_callbacks_are_replayed_in_another_order(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    added = [act(corp, "member_adds_customer", userid="zhangsan")["external_userid"] for _ in range(3)]
    receiver.events(3)
    first = [callback["id"] for callback in callbacks(corp)]
    came = replay(corp, ids=first, copies=2, order="reversed").json()["ids"]

    wanted = [customer for customer in reversed(added) for _ in range(2)]
    assert [event["ExternalUserID"] for event in receiver.events(9)[3:]] == wanted
    assert [one["id"] for one in callbacks(corp)[3:]] == came
    assert sorted(one["copy_of"] for one in callbacks(corp)[3:]) == sorted(first * 2)


def test_shuffled_replays_are_the_same_events(corp: Corp) -> None:
    for _ in range(3):
        act(corp, "member_adds_customer", userid="zhangsan")
    first = [callback["id"] for callback in callbacks(corp)]
    assert len(replay(corp, ids=first, copies=4, order="shuffled").json()["ids"]) == 12
    assert sorted(one["copy_of"] for one in callbacks(corp)[3:]) == sorted(first * 4)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"ids": [999_999_999]}, 404, "no callback"),
        ({"ids": [1] * 500, "copies": 3}, 422, "1500"),
        ({"ids": []}, 422, "ids"),
    ],
)
def test_replays_that_cannot_be_are_refused(corp: Corp, body: Any, status: int, word: str) -> None:
    answer = replay(corp, **body)
    assert answer.status_code == status
    assert word in answer.json()["error"]


def test_the_newest_callbacks_come_first(corp: Corp) -> None:
    for _ in range(3):
        act(corp, "member_adds_customer", userid="zhangsan")
    oldest_first = [callback["id"] for callback in callbacks(corp)]
    page = corp.sim("callbacks", agentid=corp.apps[0]["agentid"], newest=True, limit=2)
    assert [one["id"] for one in page["callbacks"]] == oldest_first[:0:-1]
    (last,) = callbacks(corp, newest=True, limit=2, before=page["next"])
    assert last["id"] == oldest_first[0]
