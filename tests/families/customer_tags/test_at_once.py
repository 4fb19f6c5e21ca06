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
    tags_of,
)
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families.relations.tables import FollowUser


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    return untagged


def run_concurrently(count: int, work: Callable[[int], int]) -> Counter[int]:
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
def unthrottled(start_server: Any) -> WeCom:
    """A caller of a server that allows 100 parallel calls per operation."""
    return WeCom((corp := start_server(limit_concurrency=100).make_corp(seed="demo")), corp.apps[0])


def errcode(wecom: WeCom, operation: str, **fields: Any) -> int:
    """Returns the errcode of a call on its own connection."""
    address = f"{wecom.corp.server.base_url}/cgi-bin/{operation}"
    answer = httpx.post(address, params={"access_token": wecom.token}, json=fields, timeout=60)
    assert answer.status_code == 200
    return int(answer.json()["errcode"])


def test_of_16_concurrent_calls_that_add_the_same_tag_one_succeeds(unthrottled: WeCom) -> None:
    group_id = add(unthrottled, "等级", "铜")["group_id"]
    codes = run_concurrently(16, lambda _: errcode(unthrottled, ADD, group_id=group_id, tag=[{"name": "金"}]))
    assert codes == {0: 1, 40071: 15}
    assert library(unthrottled, group_id=[group_id]) == {"等级": ["铜", "金"]}


def test_of_16_concurrent_calls_that_add_the_same_group_one_succeeds(unthrottled: WeCom) -> None:
    codes = run_concurrently(16, lambda _: errcode(unthrottled, ADD, group_name="等级", tag=[{"name": "金"}]))
    assert codes == {0: 1, 40071: 15}
    groups = [group for group in unthrottled.post(TAG_LIST)["tag_group"] if group["group_name"] == "等级"]
    assert [[tag["name"] for tag in group["tag"]] for group in groups] == [["金"]]


def test_concurrent_calls_that_add_tags_to_a_new_group_create_it_once(unthrottled: WeCom) -> None:
    codes = run_concurrently(
        16, lambda number: errcode(unthrottled, ADD, group_name="等级", tag=[{"name": str(number)}])
    )
    assert codes == {0: 16}
    assert sorted(library(unthrottled)["等级"], key=int) == [str(number) for number in range(16)]


def test_of_8_concurrent_renames_to_the_same_name_one_succeeds(unthrottled: WeCom) -> None:
    tags = ids(add(unthrottled, "等级", *"abcdefgh"))
    codes = run_concurrently(8, lambda number: errcode(unthrottled, EDIT, id=tags[number], name="金"))
    assert codes == {0: 1, 40071: 7}
    assert library(unthrottled)["等级"].count("金") == 1


def test_concurrent_deletions_of_all_tags_delete_the_group(unthrottled: WeCom) -> None:
    tags = ids(add(unthrottled, "等级", *"abcdefgh"))
    assert run_concurrently(8, lambda number: errcode(unthrottled, DELETE, tag_id=[tags[number]])) == {0: 8}
    assert "等级" not in library(unthrottled)


def test_of_8_concurrent_deletions_of_a_tag_one_succeeds(unthrottled: WeCom) -> None:
    tags = ids(add(unthrottled, "等级", "金", "银"))
    assert run_concurrently(8, lambda _: errcode(unthrottled, DELETE, tag_id=[tags[0]])) == {0: 1, 40068: 7}
    assert library(unthrottled)["等级"] == ["银"]


def test_a_tag_deleted_during_mark_tag_is_on_no_customer(unthrottled: WeCom) -> None:
    tags = ids(add(unthrottled, "等级", *"abcdefgh"))
    customers = customers_of(unthrottled)

    def work(number: int) -> int:
        if number == 0:
            return errcode(unthrottled, DELETE, tag_id=tags)
        pair = {"userid": "zhangsan", "external_userid": customers[number % len(customers)]}
        return errcode(unthrottled, MARK, **pair, add_tag=tags)

    codes = run_concurrently(12, work)
    assert set(codes) <= {0, 40068, 45035}
    for customer in customers:
        assert not set(tags_of(unthrottled, customer)) & set(tags)


def test_concurrent_mark_tag_calls_on_one_customer_succeed_or_conflict(unthrottled: WeCom) -> None:
    tags = ids(add(unthrottled, "等级", *"abcdefghijklmnop"))
    customer = customers_of(unthrottled)[0]
    unthrottled.post(
        MARK,
        userid="zhangsan",
        external_userid=customer,
        remove_tag=tags_of(unthrottled, customer) or [tags[0]],
    )
    marked: list[str] = []

    def work(number: int) -> int:
        code = errcode(unthrottled, MARK, userid="zhangsan", external_userid=customer, add_tag=[tags[number]])
        if code == 0:
            marked.append(tags[number])
        return code

    codes = run_concurrently(16, work)
    assert set(codes) <= ({0, 45035} if ON_POSTGRESQL else {0})
    assert codes[0] >= 1
    assert sorted(tags_of(unthrottled, customer)) == sorted(marked)


if ON_POSTGRESQL:  # SQLite runs calls one after the other: none overlap

    def test_mark_tag_on_a_locked_customer_answers_45035(wecom: WeCom) -> None:
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
        assert tags_of(wecom) == []
        assert mark(wecom, add_tag=tags) == 0
