"""Delays: fixed, by distribution, beside other effects; and the latency of every operation."""

import random
import statistics
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.faults.faulty import faulty_calls, plan
from wecom_tollbooth.faults.effects import LONGEST_DELAY_MS, Effect
from wecom_tollbooth.gateway import asgi

LIST = "externalcontact/get_follow_user_list"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that answers wait; they don't really."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asgi, "wait", wait)
    return waited


def test_a_delay_changes_nothing_but_the_time(corp: Corp, wecom: WeCom, waits: list[float]) -> None:
    usual = wecom.get(LIST)
    fault = plan(corp, LIST, {"delay_ms": 3000}, times=1)
    assert wecom.get(LIST) == usual
    assert wecom.get(LIST) == usual
    assert waits == [3.0]
    (call,) = faulty_calls(corp, fault)
    assert (call["answer"]["errcode"], call["answer"]["http_status"]) == (0, 200)
    assert "delayed by 3000 ms" in call["detail"]


def test_a_delay_stands_beside_another_effect(corp: Corp, wecom: WeCom, waits: list[float]) -> None:
    plan(corp, LIST, {"errcode": -1, "delay_ms": 250})
    assert wecom.get(LIST)["errcode"] == -1
    assert waits == [0.25]


def test_a_distribution_has_its_median_and_p99() -> None:
    effect = Effect(delay_ms={"median": 80, "p99": 900})
    delays = [effect.delay_seconds(random.Random(number)) * 1000 for number in range(5000)]
    assert 70 <= statistics.median(delays) <= 90
    assert 700 <= statistics.quantiles(delays, n=100)[98] <= 1150


def test_no_draw_is_longer_than_the_longest_delay() -> None:
    effect = Effect(delay_ms={"median": 60_000, "p99": LONGEST_DELAY_MS})
    delays = [effect.delay_seconds(random.Random(number)) for number in range(2000)]
    assert max(delays) == LONGEST_DELAY_MS / 1000


def test_delays_repeat_with_the_seed(start_server: Any, waits: list[float]) -> None:
    def run() -> list[float]:
        corp = start_server(seed=5).make_corp(seed="demo")
        wecom = corp.client()
        plan(corp, LIST, {"delay_ms": {"median": 80, "p99": 900}})
        waits.clear()
        for _ in range(5):
            wecom.get(LIST)
        return list(waits)

    once = run()
    assert len(set(once)) == 5
    assert once == run()


# --- latency profiles ------------------------------------------------------------------------------------


def put(corp: Corp, **figures: Any) -> Any:
    return corp.server.sim.put(f"/corps/{corp.corpid}/latency", json={"profile": figures})


def test_a_profile_delays_every_operation(corp: Corp, wecom: WeCom, waits: list[float]) -> None:
    assert put(corp, scope="all", base_ms=100, operations={LIST: 2}).status_code == 200
    wecom.get(LIST)
    wecom.get("externalcontact/list", userid="zhangsan")
    corp.client()
    wecom.post("externalcontact/follow_up/board")
    assert waits == [0.2, 0.1, 0.1, 0.1]


def test_without_a_scope_only_follow_ups_wait(corp: Corp, wecom: WeCom, waits: list[float]) -> None:
    put(corp, base_ms=100, operations={"board": 3})
    wecom.get(LIST)
    wecom.post("externalcontact/follow_up/board")
    assert waits == [pytest.approx(0.3)]


def test_other_operations_count_the_external_contacts(corp: Corp, wecom: WeCom, waits: list[float]) -> None:
    put(corp, scope="all", threshold=20, ms_per_100=1000)
    wecom.get(LIST)
    assert waits == [pytest.approx((40 - 20) / 100)]


def test_a_refused_call_and_a_corp_without_a_profile_do_not_wait(
    corp: Corp, wecom: WeCom, waits: list[float]
) -> None:
    put(corp, scope="all", base_ms=100)
    wecom.get("externalcontact/get", external_userid="nobody")
    corp.server.make_corp(seed="demo").client().get(LIST)
    assert waits == []


def test_a_factor_of_an_operation_out_of_scope_is_refused(corp: Corp) -> None:
    answer = put(corp, operations={LIST: 2})
    assert answer.status_code == 422
    assert "set scope to all" in answer.json()["error"]
