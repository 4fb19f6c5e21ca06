"""The older calls: one customer at a time, of a member who stays or who left."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, insert, new_member, seen_by
from tests.families.handover.transfers import DAY, Shop, each_unfit_taker, shop
from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.families.relations import lifecycle

__all__ = ["shop"]

TRANSFER = "externalcontact/transfer"
RESULT = "externalcontact/get_transfer_result"


def ids(customer: str, giver: str = "zhangsan", taker: str = "lisi") -> dict[str, str]:
    return {"external_userid": customer, "handover_userid": giver, "takeover_userid": taker}


def test_a_customer_is_transferred_and_the_result_is_that_of_the_newer_calls(shop: Shop) -> None:
    customer = shop.add()
    assert shop.wecom.post(TRANSFER, **ids(customer)) == {"errcode": 0, "errmsg": "ok"}
    begun = shop.now
    waiting = shop.wecom.post(RESULT, **ids(customer))
    assert (waiting["status"], waiting["takeover_time"]) == (2, begun + DAY)
    assert shop.result() == [(customer, 2, begun + DAY)]
    shop.wait(DAY)
    assert shop.wecom.post(RESULT, **ids(customer))["status"] == 1
    assert shop.followers(customer) == ["lisi"]


def test_the_customer_of_a_member_who_left_is_transferred_too(shop: Shop) -> None:
    customer = shop.add()
    act(shop.corp, "member_leaves_corp", userid="zhangsan")
    assert shop.wecom.post(TRANSFER, **ids(customer))["errcode"] == 0
    shop.wait(DAY)
    assert shop.wecom.post(RESULT, **ids(customer))["status"] == 1


def test_what_the_newer_calls_say_of_a_customer_is_the_answer(shop: Shop) -> None:
    customer = shop.add()
    assert shop.wecom.post(TRANSFER, **ids("wmnobody"))["errcode"] == 40096
    assert shop.wecom.post(TRANSFER, **ids(customer, giver="wangwu"))["errcode"] == 40131
    assert shop.wecom.post(TRANSFER, **ids(customer))["errcode"] == 0
    assert shop.wecom.post(TRANSFER, **ids(customer))["errcode"] == 40100
    assert shop.wecom.post(TRANSFER, **ids(customer, taker="zhangsan"))["errcode"] == 40130


@pytest.mark.parametrize("operation", [TRANSFER, RESULT])
def test_ids_that_are_missing_or_unknown_are_refused(shop: Shop, operation: str) -> None:
    customer = shop.add()
    assert shop.wecom.post(operation, **ids(""))["errcode"] == 41035
    assert shop.wecom.post(operation, **ids(customer, giver="nobody"))["errcode"] == 40003
    assert shop.wecom.post(operation, **ids(customer, taker="nobody"))["errcode"] == 40003


def test_there_is_no_result_without_an_assignment(shop: Shop) -> None:
    assert shop.wecom.post(RESULT, **ids(shop.add()))["errcode"] == 40096


def errcode_of(wecom: WeCom, operation: str = TRANSFER, **changed: str) -> int:
    return int(wecom.post(operation, {**ids("wmNobody"), **changed})["errcode"])


def test_members_who_cannot_hand_over_or_take_over_are_refused(corp: Corp, wecom: WeCom) -> None:
    new_member(corp, "clerk", may_follow=False)
    assert errcode_of(wecom, takeover_userid="clerk") == 84061
    assert {reason: errcode_of(wecom) for reason in each_unfit_taker(corp)} == {
        "disabled": 40143,
        "not activated": 41054,
        "not real-named": 40098,
    }
    now = int(corp.server.sim.get("/clock").json()["now"])
    left: dict[str, Any] = {"userid_key": None, "status": LEFT, "left_at": now - 366 * DAY}
    gone = Member(corp_id=corp.corpid, userid="gone", name="gone", main_department=1, created_at=0, **left)
    insert(corp, gone)
    assert errcode_of(wecom, handover_userid="gone", takeover_userid="wangwu") == 40205


def test_the_taker_must_be_in_the_visible_range(corp: Corp) -> None:
    narrow = seen_by(corp, userid=["lisi"], partyid=[])
    for operation in (TRANSFER, RESULT):
        assert errcode_of(narrow, operation, handover_userid="lisi", takeover_userid="zhangsan") == 60011


def test_a_customer_goes_over_twice_in_90_days_and_to_a_taker_with_room(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, stranger, shared = shop.add(), shop.add(), shop.add()
    for giver, taker in (("zhangsan", "lisi"), ("lisi", "wangwu")):
        assert shop.wecom.post(TRANSFER, **ids(customer, giver, taker))["errcode"] == 0
        shop.wait(DAY)
    assert shop.wecom.post(TRANSFER, **ids(customer, "wangwu", "zhangsan"))["errcode"] == 40128
    shop.add("wangwu", external_userid=shared)
    assert shop.wecom.post(TRANSFER, **ids(shared))["errcode"] == 0
    assert shop.wecom.post(TRANSFER, **ids(shared, "wangwu"))["errcode"] == 40129
    monkeypatch.setattr(lifecycle, "CUSTOMERS_OF_A_MEMBER", len(shop.customers("lisi")))
    assert shop.wecom.post(TRANSFER, **ids(stranger))["errcode"] == 40099
