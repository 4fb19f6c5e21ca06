"""Concurrent changes of follow-ups: counters stay right, and no move is lost."""

import random
import threading
from collections import Counter
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import WeCom
from tests.families.follow_ups.records import STAGES, FollowUps
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families.follow_ups.tables import FollowUp, FollowUpCount

CLIENTS, MOVES = 64, 5


@pytest.fixture
def ups(start_server: Any) -> FollowUps:
    """Records of a server with a concurrency limit of 100."""
    corp = start_server(limit_concurrency=100).make_corp(seed="demo")
    return FollowUps(WeCom(corp, corp.apps[0]))


def at_once(ups: FollowUps, bodies: list[list[tuple[str, dict[str, Any]]]]) -> list[dict[str, Any]]:
    """All replies to these lists of calls, sent concurrently, each by its own client."""
    replies: list[dict[str, Any]] = []
    barrier = threading.Barrier(len(bodies))
    base = f"{ups.wecom.corp.server.base_url}/cgi-bin/externalcontact/follow_up/"

    def run(calls: list[tuple[str, dict[str, Any]]]) -> None:
        with httpx.Client(params={"access_token": ups.wecom.token}, timeout=120, verify=False) as http:
            barrier.wait()
            for operation, body in calls:
                replies.append(http.post(base + operation, json=body).json())

    threads = [threading.Thread(target=run, args=(calls,)) for calls in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return replies


def counters_and_rows(ups: FollowUps) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Cards and amounts by (userid, stage): from the counters, and counted from the rows."""
    row = table_of(FollowUp)
    count = table_of(FollowUpCount)
    corp_id = ups.wecom.corp.corpid
    counted: Counter[tuple[str, str, str]] = Counter()
    with ups.wecom.corp.server.server.database.transaction() as tx:
        for one in tx.execute(sa.select(row).where(row.c.corp_id == corp_id)):
            for owner in (one.userid, ""):
                counted[owner, one.stage_id, "cards"] += 1
                counted[owner, one.stage_id, "amount"] += one.amount
        counters = {
            (one.userid, one.stage_id, name): getattr(one, name)
            for one in tx.execute(sa.select(count).where(count.c.corp_id == corp_id))
            for name in ("cards", "amount")
            if getattr(one, name)
        }
    return counters, {key: number for key, number in counted.items() if number}


def test_counters_equal_the_rows_after_64_clients_moved_cards(ups: FollowUps) -> None:
    ids = [ups.add(amount=number + 1) for number in range(20)]
    rng = random.Random(64)
    bodies: list[list[tuple[str, dict[str, Any]]]] = []
    for client in range(CLIENTS):
        calls: list[tuple[str, dict[str, Any]]] = []
        for _ in range(MOVES):
            id_, stage = rng.choice(ids), rng.choice(STAGES)
            calls.append(("move", {"follow_up_id": id_, "stage_id": stage}))
        if client % 8 == 0:
            items = [
                {"move": {"follow_up_id": id_, "stage_id": rng.choice(STAGES)}} for id_ in rng.sample(ids, 5)
            ]
            calls.append(("batch", {"items": items}))
            calls.append(("update", {"follow_up_id": rng.choice(ids), "amount": rng.randrange(99)}))
        bodies.append(calls)
    replies = at_once(ups, bodies)
    assert len(replies) == sum(map(len, bodies))
    answered = Counter(reply["errcode"] for reply in replies)
    assert set(answered) <= {0, 45035}, answered
    assert answered[0] > len(replies) // 2
    counters, counted = counters_and_rows(ups)
    assert counters == counted
    numbers = [one["number"] for one in ups.ok("changes", limit=1000)["changes"]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_second_of_two_moves_with_the_same_version_is_refused(ups: FollowUps) -> None:
    id_ = ups.add()
    for version in range(1, 6):
        body = {"follow_up_id": id_, "version": version, "stage_id": STAGES[version % 4]}
        replies = at_once(ups, [[("move", body)], [("move", body)]])
        assert sorted(reply["errcode"] for reply in replies) == [0, 45035]
        assert ups.get(id_)["version"] == version + 1


def test_concurrent_additions_of_one_pair_add_it_once(ups: FollowUps) -> None:
    pair = ups.pair()
    replies = at_once(ups, [[("add", pair)] for _ in range(8)])
    assert Counter(reply["errcode"] for reply in replies) == {0: 1, 990002: 7}
    assert sum(ups.counts().values()) == 1
