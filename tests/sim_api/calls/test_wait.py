"""GET /_sim/corps/{corpid}/callbacks/wait: until callbacks are delivered."""

import threading
from typing import Any

import pytest

from pytest_tollbooth import Corp, Refused, Tollbooth
from pytest_tollbooth.control import Control
from tests.conftest import RunningServer

ADDED = "add_external_contact"


@pytest.fixture
def shop(server: RunningServer) -> Corp:
    return Tollbooth(server.base_url).new_corp()


def waited(shop: Corp, **query: Any) -> list[dict[str, Any]]:
    answer = Control(shop.base_url).get(f"/corps/{shop.corpid}/callbacks/wait", **query)
    return list(answer["callbacks"])


def test_delivered_callbacks_are_answered_with_their_attempts(shop: Corp) -> None:
    with shop.receive_callbacks():
        made = [shop.act("member_adds_customer", userid="lisi") for _ in range(3)]
        found = waited(shop, change_type=ADDED, count=2, agentid=shop.agentid)
        assert [callback["id"] for callback in found] == [one["callbacks"][0] for one in made[:2]]
        assert {callback["state"] for callback in found} == {"delivered"}
        assert found[0]["attempts"][0]["status"] == 200
        [third] = waited(shop, change_type=ADDED, agentid=shop.agentid, after=found[-1]["id"])
        assert third["id"] == made[2]["callbacks"][0]


def test_it_waits_for_what_is_raised_later(shop: Corp) -> None:
    with shop.receive_callbacks() as receiver:
        later = threading.Timer(0.3, lambda: shop.act("member_adds_customer", userid="lisi"))
        later.start()
        [callback] = waited(shop, event="change_external_contact", timeout_seconds=10)
        assert callback["change_type"] == ADDED
        receiver.wait_for(ADDED)
        later.join()


def test_kept_callbacks_count_where_no_app_has_an_address(shop: Corp) -> None:
    shop.act("member_adds_customer", userid="lisi")
    assert {callback["state"] for callback in waited(shop, change_type=ADDED, count=2)} == {"kept"}


def test_kept_callbacks_of_other_apps_do_not_count_where_one_has_an_address(shop: Corp) -> None:
    with shop.receive_callbacks():
        shop.act("member_adds_customer", userid="lisi")
        with pytest.raises(Refused, match=r"1 of 2 callbacks were delivered within 0\.5 s, 2 were raised"):
            waited(shop, change_type=ADDED, count=2, timeout_seconds=0.5)
        [other] = {callback["agentid"] for callback in shop.callbacks.find()} - {shop.agentid}
        assert waited(shop, change_type=ADDED, agentid=other)[0]["state"] == "kept"


def test_what_is_there_is_shown_when_the_time_is_over(server: RunningServer, shop: Corp) -> None:
    shop.act("member_adds_customer", userid="lisi")
    path = f"/corps/{shop.corpid}/callbacks/wait"
    answer = server.sim.get(path, params={"change_type": ADDED, "count": 5, "timeout_seconds": 0})
    assert answer.status_code == 408
    body = answer.json()
    assert body["error"].startswith("2 of 5 callbacks were delivered within 0 s, 2 were raised")
    assert [callback["change_type"] for callback in body["callbacks"]] == [ADDED, ADDED]


@pytest.mark.parametrize(
    "query",
    [{"count": 0}, {"timeout_seconds": 61}, {"timeout_seconds": -1}, {"state": "kept"}, {"events": "x"}],
)
def test_bad_queries_are_refused(server: RunningServer, shop: Corp, query: dict[str, Any]) -> None:
    answer = server.sim.get(f"/corps/{shop.corpid}/callbacks/wait", params=query)
    assert answer.status_code == 422, answer.text
    assert next(iter(query)) in answer.json()["error"]


def test_unknown_corps_and_apps_are_refused_at_once(server: RunningServer, shop: Corp) -> None:
    for path in ("/corps/ww0/callbacks/wait", f"/corps/{shop.corpid}/callbacks/wait?agentid=7"):
        assert server.sim.get(path).status_code == 404
