"""Tags changed by parallel callers."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, WeCom
from tests.families.factories import customers_of
from tests.families.tag_groups import (
    ADD,
    DELETE,
    EDIT,
    MARK,
    TAG_LIST,
    add,
    ids,
    library,
    mark,
    marks,
)
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families.relations.tables import FollowUser


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    return untagged


def at_once(count: int, work: Callable[[int], int]) -> Counter[int]:
    """Runs `work` in `count` threads that start together; counts the results."""
    barrier = threading.Barrier(count)
    results: list[int] = []

    def run(number: int) -> None:
        barrier.wait()
        results.append(work(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == count
    return Counter(results)


@pytest.fixture
def patient(start_server: Any) -> WeCom:
    """A caller of a server that allows 100 parallel calls per operation."""
    return WeCom((corp := start_server(limit_concurrency=100).make_corp(seed="demo")), corp.apps[0])


def errcode(wecom: WeCom, operation: str, **fields: Any) -> int:
    """Returns the errcode of a call on a connection of its own, as one of many callers."""
    address = f"{wecom.corp.server.base_url}/cgi-bin/{operation}"
    answer = httpx.post(address, params={"access_token": wecom.token}, json=fields, timeout=60)
    assert answer.status_code == 200
    return int(answer.json()["errcode"])


def test_of_16_that_add_the_same_tag_at_once_one_succeeds(patient: WeCom) -> None:
    group_id = add(patient, "等级", "铜")["group_id"]
    codes = at_once(16, lambda _: errcode(patient, ADD, group_id=group_id, tag=[{"name": "金"}]))
    assert codes == {0: 1, 40071: 15}
    assert library(patient, group_id=[group_id]) == {"等级": ["铜", "金"]}


def test_of_16_that_add_the_same_group_and_tag_at_once_one_succeeds(patient: WeCom) -> None:
    codes = at_once(16, lambda _: errcode(patient, ADD, group_name="等级", tag=[{"name": "金"}]))
    assert codes == {0: 1, 40071: 15}
    groups = [group for group in patient.post(TAG_LIST)["tag_group"] if group["group_name"] == "等级"]
    assert [[tag["name"] for tag in group["tag"]] for group in groups] == [["金"]]


def test_16_that_add_different_tags_to_a_new_group_at_once_fill_one_group(patient: WeCom) -> None:
    codes = at_once(16, lambda number: errcode(patient, ADD, group_name="等级", tag=[{"name": str(number)}]))
    assert codes == {0: 16}
    assert sorted(library(patient)["等级"], key=int) == [str(number) for number in range(16)]


def test_of_8_that_rename_to_the_same_name_at_once_one_succeeds(patient: WeCom) -> None:
    tags = ids(add(patient, "等级", *"abcdefgh"))
    codes = at_once(8, lambda number: errcode(patient, EDIT, id=tags[number], name="金"))
    assert codes == {0: 1, 40071: 7}
    assert library(patient)["等级"].count("金") == 1


def test_a_group_goes_with_its_last_tags_also_when_many_calls_delete_them_at_once(patient: WeCom) -> None:
    tags = ids(add(patient, "等级", *"abcdefgh"))
    assert at_once(8, lambda number: errcode(patient, DELETE, tag_id=[tags[number]])) == {0: 8}
    assert "等级" not in library(patient)


def test_of_8_that_delete_the_same_tag_at_once_one_succeeds(patient: WeCom) -> None:
    tags = ids(add(patient, "等级", "金", "银"))
    assert at_once(8, lambda _: errcode(patient, DELETE, tag_id=[tags[0]])) == {0: 1, 40068: 7}
    assert library(patient)["等级"] == ["银"]


def test_no_customer_carries_a_tag_that_was_deleted_while_it_was_marked(patient: WeCom) -> None:
    tags = ids(add(patient, "等级", *"abcdefgh"))
    customers = customers_of(patient)

    def work(number: int) -> int:
        if number == 0:
            return errcode(patient, DELETE, tag_id=tags)
        pair = {"userid": "zhangsan", "external_userid": customers[number % len(customers)]}
        return errcode(patient, MARK, **pair, add_tag=tags)

    codes = at_once(12, work)
    assert set(codes) <= {0, 40068, 45035}
    for customer in customers:
        assert not set(marks(patient, customer)) & set(tags)


def test_marking_one_pair_at_once_is_a_conflict_or_done_in_turn_and_never_half(patient: WeCom) -> None:
    tags = ids(add(patient, "等级", *"abcdefghijklmnop"))
    customer = customers_of(patient)[0]
    patient.post(
        MARK, userid="zhangsan", external_userid=customer, remove_tag=marks(patient, customer) or [tags[0]]
    )
    marked: list[str] = []

    def work(number: int) -> int:
        code = errcode(patient, MARK, userid="zhangsan", external_userid=customer, add_tag=[tags[number]])
        if code == 0:
            marked.append(tags[number])
        return code

    codes = at_once(16, work)
    assert set(codes) <= ({0, 45035} if ON_POSTGRESQL else {0})
    assert codes[0] >= 1
    assert sorted(marks(patient, customer)) == sorted(marked)


if ON_POSTGRESQL:  # SQLite runs calls one after the other: none overlap

    def test_who_marks_a_pair_that_another_call_holds_is_told_of_the_conflict(wecom: WeCom) -> None:
        tags = ids(add(wecom, "等级", "金"))
        relation = table_of(FollowUser)
        held = sa.select(relation).where(
            relation.c.corp_id == wecom.corp.corpid,
            relation.c.external_userid == "wmA",
            relation.c.userid == "zhangsan",
        )
        with wecom.corp.server.server.database.transaction() as tx:
            tx.execute(held.with_for_update())
            refused = wecom.post(MARK, userid="zhangsan", external_userid="wmA", add_tag=tags)
            assert refused["errcode"] == 45035
            assert mark(wecom, userid="lisi", add_tag=tags) == 0
            assert mark(wecom, "wmB", add_tag=tags) == 0
        assert marks(wecom) == []
        assert mark(wecom, add_tag=tags) == 0
