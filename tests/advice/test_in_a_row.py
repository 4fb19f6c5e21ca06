"""Strict mode tells what an app does over and over."""

from typing import Any

import pytest

from tests.advice.strict import advice, briefly
from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from tests.faults.faulty import plan
from wecom_tollbooth.families import load_families

GET, LIST = "externalcontact/get", "externalcontact/list"


@pytest.fixture
def strict_corp(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", customers=0, members=3, activity=False, strict=True)


@pytest.fixture
def api(strict_corp: Corp) -> WeCom:
    return strict_corp.client()


def new_customers(corp: Corp, count: int) -> list[str]:
    return [
        str(act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]) for _ in range(count)
    ]


def clock(corp: Corp, **move: Any) -> None:
    assert corp.server.sim.post(f"/corps/{corp.corpid}/clock", json=move).status_code == 200


# --- refusals --------------------------------------------------------------------------------------------


def test_the_same_refused_request_in_a_loop_is_told_from_the_third_time_on(
    strict_corp: Corp, api: WeCom
) -> None:
    for _ in range(2):
        api.get(GET, external_userid="nobody")
    assert advice(strict_corp) == []
    for _ in range(2):
        api.get(GET, external_userid="nobody")
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("refused_again", GET, "40096", 2)]
    assert "4 times" in one["en"]


def test_other_requests_and_calls_in_between_are_no_loop(strict_corp: Corp, api: WeCom) -> None:
    for number in range(4):
        api.get(GET, external_userid=f"nobody{number}")
    for _ in range(4):
        api.get(GET, external_userid="nobody")
        api.get("externalcontact/get_follow_user_list")
    assert advice(strict_corp) == []


def test_asking_again_later_is_no_loop(strict_corp: Corp, api: WeCom) -> None:
    for _ in range(4):
        api.get(LIST, userid="zhangsan")  # 84061: he has no customers yet
        clock(strict_corp, advance_seconds=61)
    assert advice(strict_corp) == []


@pytest.mark.parametrize("errcode", [-1, 45009])
def test_retries_of_a_busy_platform_without_a_pause_are_told(
    strict_corp: Corp, api: WeCom, errcode: int
) -> None:
    plan(strict_corp, LIST, {"errcode": errcode}, times=4)
    for _ in range(4):
        api.get(LIST, userid="zhangsan")
    found = briefly(advice(strict_corp))
    assert [one[:3] for one in found] == [("retried_at_once", LIST, str(errcode))]


def test_retries_after_a_pause_are_right(strict_corp: Corp, api: WeCom) -> None:
    plan(strict_corp, LIST, {"errcode": -1}, times=4)
    for _ in range(4):
        api.get(LIST, userid="zhangsan")
        clock(strict_corp, advance_seconds=2)
    assert advice(strict_corp) == []


def test_nobody_can_tell_a_pause_while_the_clock_stands(strict_corp: Corp, api: WeCom) -> None:
    clock(strict_corp, freeze=True)
    plan(strict_corp, LIST, {"errcode": -1}, times=4)
    for _ in range(4):
        api.get(LIST, userid="zhangsan")
    assert advice(strict_corp) == []


# --- one by one, over and over ---------------------------------------------------------------------------


def test_customers_that_are_read_one_by_one_are_told_once_for_twenty(strict_corp: Corp, api: WeCom) -> None:
    customers = new_customers(strict_corp, 21)
    for customer in customers:
        api.get(GET, external_userid=customer)
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("one_by_one", GET, "externalcontact/batch/get_by_user", 1)]


def test_the_operation_for_many_exists_for_each_that_names_one() -> None:
    operations = load_families()
    named = [one for one in operations if one.for_many]
    assert len(named) >= 4
    for one in named:
        assert operations.find(str(one.for_many)), one.name


def test_the_same_question_with_the_same_answer_is_told_where_an_event_would_say_it(
    strict_corp: Corp, api: WeCom
) -> None:
    (customer,) = new_customers(strict_corp, 1)
    for _ in range(10):
        api.get(LIST, userid="zhangsan")
    assert advice(strict_corp) == []
    for _ in range(10):
        api.get(GET, external_userid=customer)
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("polled", GET, "change_external_contact add_external_contact", 1)]


def test_apps_are_looked_at_one_by_one(strict_corp: Corp, api: WeCom) -> None:
    other = strict_corp.client(strict_corp.apps[1])
    for client in (api, other, api, other):
        client.get(GET, external_userid="nobody")
    assert advice(strict_corp) == []
