"""Requests of older clients: GET where the page says POST, and fields that were renamed."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.gateway.operation_calls import OPERATIONS

LIST_ID = "user/list_id"
STATISTIC = "externalcontact/customer_acquisition/statistic"
BATCH = "externalcontact/batch/get_by_user"


@pytest.fixture
def sync(corp: Corp) -> WeCom:
    return corp.client(corp.app_of_kind("contacts_sync"))


def detail_of(corp: Corp) -> str:
    """What the journal says about the last call."""
    return str(corp.sim("calls", limit=1)["calls"][0]["detail"])


def test_two_operations_are_served_by_get_and_one_reads_an_old_field() -> None:
    """More would let a vendor's slip pass that the real host refuses: see docs/fidelity.md."""
    assert {operation.name for operation in OPERATIONS if operation.also_get} == {LIST_ID, STATISTIC}
    assert {operation.name for operation in OPERATIONS if operation.old_fields} == {BATCH}
    assert all(operation.method == "POST" for operation in OPERATIONS if operation.also_get)


def test_list_id_by_get_is_list_id_by_post(corp: Corp, sync: WeCom) -> None:
    posted = sync.post(LIST_ID, limit=2)
    assert detail_of(corp) == ""
    assert sync.get(LIST_ID, limit=2) == posted
    assert detail_of(corp).startswith("read by GET, where the page says POST: ")
    assert sync.get(LIST_ID, limit="2", cursor=posted["next_cursor"]) == sync.post(
        LIST_ID, limit=2, cursor=posted["next_cursor"]
    )
    assert sync.get(LIST_ID)["errcode"] == 0
    assert sync.get(LIST_ID, limit=10_001)["errcode"] == 40058
    assert sync.get(LIST_ID, cursor="CURSOR")["errcode"] == 50100
    assert "; read by GET" in detail_of(corp)


def test_statistic_by_get_is_statistic_by_post(corp: Corp, wecom: WeCom) -> None:
    made = wecom.post(
        "externalcontact/customer_acquisition/create_link", link_name="a", range={"user_list": ["zhangsan"]}
    )
    now = corp.server.sim.get("/clock").json()["now"]
    fields: dict[str, Any] = {"link_id": made["link"]["link_id"], "start_time": now - 86_400, "end_time": now}
    posted = wecom.post(STATISTIC, **fields)
    assert posted["errcode"] == 0, posted
    assert wecom.get(STATISTIC, **fields) == posted
    assert detail_of(corp).startswith("read by GET, where the page says POST: ")
    assert wecom.get(STATISTIC)["errcode"] == 40063
    assert (
        wecom.get(STATISTIC, **{**fields, "end_time": "1"})["errcode"]
        == wecom.post(STATISTIC, **{**fields, "end_time": 1})["errcode"]
    )


def test_both_are_metered_as_one_operation(corp: Corp, sync: WeCom) -> None:
    sync.get(LIST_ID)
    sync.post(LIST_ID)
    assert corp.sim("usage")["calls"]["by_operation"]["/cgi-bin/" + LIST_ID] == {"charged": 2, "refused": 0}


@pytest.mark.parametrize("userid", ["zhangsan", ["zhangsan"], ["zhangsan", "lisi"]])
def test_userid_counts_as_the_list_of_a_batch(corp: Corp, wecom: WeCom, userid: Any) -> None:
    userids = userid if isinstance(userid, list) else [userid]
    expected = wecom.post(BATCH, userid_list=userids, limit=3)
    assert detail_of(corp) == ""
    reply = wecom.post(BATCH, userid=userid, limit=3)
    assert reply == expected
    assert detail_of(corp).startswith("userid was read as userid_list")
    assert wecom.post(BATCH, userid=userid, limit=3, cursor=reply["next_cursor"])["errcode"] == 0


def test_userid_is_ignored_beside_a_list_and_where_it_is_empty(corp: Corp, wecom: WeCom) -> None:
    expected = wecom.post(BATCH, userid_list=["zhangsan"])
    beside: list[Any] = ["lisi", "", None, [], 0]
    for userid in beside:
        assert wecom.post(BATCH, userid_list=["zhangsan"], userid=userid) == expected
        assert detail_of(corp) == ""
    nothing: list[Any] = ["", None, []]
    for userid in nothing:
        assert wecom.post(BATCH, userid=userid)["errcode"] == 40063
    assert wecom.post(BATCH, userid="nobody")["errcode"] == 40003
    assert wecom.post(BATCH, userid={"a": 1})["errcode"] == 40063
