"""Latency profiles: which replies are delayed, and for how long."""

import random
import threading
import time
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.families.follow_ups.records import FollowUps
from wecom_tollbooth.gateway.steps.latency import Profile, wait


def put(corp: Corp, profile: Any) -> Any:
    return corp.server.sim.put(f"/corps/{corp.corpid}/latency", json={"profile": profile})


def seconds(ups: FollowUps, operation: str) -> float:
    start = time.perf_counter()
    ups.ok(operation)
    return time.perf_counter() - start


def test_there_is_no_latency_by_default(corp: Corp) -> None:
    assert corp.sim("latency") == {"profile": None}


def test_a_delayed_reply_does_not_block_other_calls(start_server: Any) -> None:
    server: RunningServer = start_server(limit_concurrency=100)
    corp = server.make_corp(seed="demo", follow_ups=10)
    ups = FollowUps(corp.client())
    assert put(corp, {"base_ms": 700}).status_code == 200
    other = threading.Thread(target=lambda: seconds(ups, "board"))
    other.start()
    start = time.perf_counter()
    assert ups.wecom.get("externalcontact/get_follow_user_list")["errcode"] == 0
    quick = time.perf_counter() - start
    other.join()
    assert quick < 0.6
    assert seconds(ups, "board") > 0.65
    assert put(corp, "none").json() == {"profile": None}
    assert seconds(ups, "board") < 0.65


def test_the_profile_of_the_article_uses_the_settings(start_server: Any) -> None:
    server = start_server(latency_threshold=7, latency_ms_per_100=9, latency_jitter=0.5)
    shown = put(server.make_corp(), "article-2025").json()["profile"]
    assert (shown["threshold"], shown["ms_per_100"], shown["jitter"]) == (7, 9, 0.5)


@pytest.mark.parametrize(
    ("records", "word", "milliseconds"),
    [(0, "list", 10), (400, "list", 10), (600, "list", 110), (600, "board", 220), (10**6, "list", 3000)],
)
def test_the_delay_grows_above_the_threshold(records: int, word: str, milliseconds: float) -> None:
    profile = Profile(threshold=400, base_ms=10, ms_per_100=50, most_ms=3000, operations={"board": 2})
    assert wait(profile, records, word, random.Random(1)) == milliseconds


def test_jitter_stays_within_its_share_and_repeats_with_its_seed() -> None:
    profile = Profile(base_ms=100, jitter=0.2)
    waits = [wait(profile, 0, "list", random.Random(seed)) for seed in range(100)]
    assert min(waits) >= 80
    assert max(waits) <= 120
    assert len(set(waits)) > 90
    assert waits == [wait(profile, 0, "list", random.Random(seed)) for seed in range(100)]


@pytest.mark.parametrize(
    ("profile", "named"),
    [
        ("fast", "article-2025"),
        (5, "article-2025"),
        (None, "article-2025"),
        ({"base_ms": -1}, "base_ms"),
        ({"base_ms": 10**9}, "base_ms"),
        ({"unknown": 1}, "unknown"),
        ({"jitter": 2}, "jitter"),
        ({"operations": {"bord": 2}}, "bord"),
        ({"operations": {"board": -1}}, "operations.board"),
    ],
)
def test_an_invalid_profile_is_refused(corp: Corp, profile: Any, named: str) -> None:
    answer = put(corp, profile)
    assert answer.status_code == 422
    assert named in answer.json()["error"]
    assert corp.sim("latency") == {"profile": None}
