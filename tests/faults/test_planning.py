"""Planning faults: what is refused, with which sentence, and what is shown."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.faults.faulty import plan, refused
from wecom_tollbooth.faults import planning
from wecom_tollbooth.gateway.steps.unknown_paths import documented_titles

LIST = "externalcontact/list"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("externalcontact/lst", "did you mean externalcontact/list"),
        ("externalcontact/customer_strategy/nothing_like_it_at_all", "there is no operation"),
        ("callbacks", "there is no operation"),
        ("callback/add_external_contct", "did you mean add_external_contact"),
        ("callback/", "no callback has the event or ChangeType ''"),
        ("", "path"),
    ],
)
def test_an_unknown_path_is_refused_with_what_was_meant(corp: Corp, path: str, named: str) -> None:
    assert named in refused(corp, path=path, then={"errcode": -1})


def test_an_operation_that_is_not_simulated_is_named_so(corp: Corp) -> None:
    operations = corp.server.gateway.operations
    path = next(path for path in documented_titles() if operations.find(path) is None)
    assert "documented and not simulated yet" in refused(corp, path=path, then={"errcode": -1})


@pytest.mark.parametrize(
    ("then", "named"),
    [
        ({}, "give one of errcode"),
        ({"errcode": -1, "http_status": 502}, "errcode and http_status contradict each other"),
        ({"disconnect": "before", "expire_token": True}, "disconnect and expire_token contradict"),
        ({"errcode": 0}, "errcode 0 is no fault"),
        ({"errmsg": "no"}, "give one of errcode"),
        ({"errmsg": "no", "delay_ms": 1}, "errmsg needs an errcode"),
        ({"body": "x", "delay_ms": 1}, "body needs an http_status"),
        ({"http_status": 204, "body": "x"}, "HTTP 204 has no body"),
        ({"http_status": 102}, "http_status"),
        ({"http_status": 700}, "http_status"),
        ({"delay_ms": 0}, "delay_ms"),
        ({"delay_ms": -1}, "delay_ms"),
        ({"delay_ms": 10**9}, "delay_ms"),
        ({"delay_ms": {"median": 80}}, "p99"),
        ({"delay_ms": {"median": 80, "p99": 70}}, "p99 is below the median"),
        ({"delay_ms": {"median": 0, "p99": 70}}, "median"),
        ({"disconnect": "later"}, "disconnect"),
        ({"expire_token": False}, "expire_token"),
        ({"rate_limit": "day"}, "rate_limit"),
        ({"drop": True}, "drop is a fault of callbacks alone"),
        ({"duplicate": 1}, "duplicate is a fault of callbacks alone"),
        ({"erorcode": -1}, "erorcode"),
        (None, "then"),
        ([], "then"),
    ],
)
def test_a_contradicting_effect_is_refused(corp: Corp, then: Any, named: str) -> None:
    assert named in refused(corp, path=LIST, then=then)


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ({"times": 0}, "times"),
        ({"times": -1}, "times"),
        ({"times": True}, "times"),
        ({"skip": -1}, "skip"),
        ({"probability": 0}, "probability"),
        ({"probability": 1.1}, "probability"),
        ({"agentid": 99}, "has no app 99"),
        ({"time": 3}, "time"),
    ],
)
def test_a_contradicting_plan_is_refused(corp: Corp, about: dict[str, Any], named: str) -> None:
    assert named in refused(corp, path=LIST, then={"errcode": -1}, **about)


@pytest.mark.parametrize("then", [{"errcode": -1}, {"expire_token": True}, {"rate_limit": "minute"}])
def test_callbacks_have_no_faults_of_calls(corp: Corp, then: dict[str, Any]) -> None:
    assert "is no fault of callbacks" in refused(corp, path="callback", then=then)


@pytest.mark.parametrize("path", ["gettoken", "webhook/send", "wedoc/smartsheet/webhook"])
def test_an_operation_without_a_token_has_none_that_could_expire(corp: Corp, path: str) -> None:
    assert "takes no token" in refused(corp, path=path, then={"expire_token": True})


def test_a_fault_is_shown_as_it_was_planned(corp: Corp) -> None:
    then = {"errcode": -1, "delay_ms": {"median": 80.0, "p99": 900.0}}
    app = corp.apps[0]["agentid"]
    fault = plan(corp, f"/cgi-bin/{LIST}", then, times=3, skip=1, probability=0.5, agentid=app)
    (shown,) = corp.sim("faults")["faults"]
    assert shown.pop("created_at") > 0
    assert shown == {
        "id": fault,
        "path": LIST,
        "agentid": app,
        "times": 3,
        "skip": 1,
        "probability": 0.5,
        "then": then,
        "seen": 0,
        "fired": 0,
        "blocked_until": None,
    }


def test_the_defaults_fire_at_every_call_until_deleted(corp: Corp) -> None:
    plan(corp, LIST, {"errcode": -1})
    (shown,) = corp.sim("faults")["faults"]
    assert (shown["times"], shown["skip"], shown["probability"], shown["agentid"]) == (None, 0, 1.0, None)


def test_faults_are_listed_in_the_order_of_planning(corp: Corp) -> None:
    planned = [plan(corp, "*", {"errcode": number}) for number in (3, 1, 2)]
    assert [fault["id"] for fault in corp.sim("faults")["faults"]] == planned


def test_more_faults_than_a_corp_may_have_are_refused(corp: Corp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_FAULTS", 2)
    plan(corp, LIST, {"errcode": -1})
    plan(corp, LIST, {"errcode": -1})
    body = {"path": LIST, "then": {"errcode": -1}}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/faults", json=body)
    assert answer.status_code == 409
    assert "delete some" in answer.json()["error"]


def test_an_unknown_corp_has_no_faults(server: RunningServer) -> None:
    for method in ("GET", "DELETE"):
        assert server.sim.request(method, "/corps/ww0/faults").status_code == 404
    body = {"path": LIST, "then": {"errcode": -1}}
    assert server.sim.post("/corps/ww0/faults", json=body).status_code == 404


def test_a_deleted_corp_takes_its_faults_along(server: RunningServer) -> None:
    corp = server.make_corp()
    plan(corp, LIST, {"errcode": -1})
    assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    with server.server.database.transaction() as tx:
        assert planning.faults_of(tx, corp.corpid) == []
