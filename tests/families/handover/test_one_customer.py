"""The older calls: one customer at a time, of a member who stays or who left."""

import pytest

from tests.families.factories import act
from tests.families.handover.transfers import DAY, Shop, shop

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
