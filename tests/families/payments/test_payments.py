"""What customers paid to members: externalpay/get_bill_list."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error, new_member
from tests.providers import Provider

BILLS = "externalpay/get_bill_list"
DAY = 86400


@pytest.fixture
def customer(corp: Corp) -> str:
    return str(act(corp, "member_adds_customer", userid="zhangsan", name="王芳")["external_userid"])


def read(corp: Corp, wecom: WeCom | None = None, **fields: Any) -> dict[str, Any]:
    now = corp.server.sim.get("/clock").json()["now"]
    return (wecom or corp.client()).post(BILLS, {"begin_time": now - DAY, "end_time": now + DAY, **fields})


def pay(corp: Corp, customer: str, userid: str = "zhangsan", **fields: Any) -> str:
    wanted = {"external_userid": customer, "userid": userid, "total_fee": 1000, **fields}
    return str(act(corp, "customer_pays_member", **wanted)["transaction_id"])


def test_a_payment_is_listed(corp: Corp, customer: str) -> None:
    paid = pay(corp, customer, payment_type=1, remark="定金", description="龙井 250g")
    (bill,) = read(corp)["bill_list"]
    assert bill.pop("pay_time") > 0
    assert len(bill.pop("out_trade_no")) == 28
    assert bill == {
        "transaction_id": paid,
        "bill_type": 0,
        "trade_state": 1,
        "external_userid": customer,
        "total_fee": 1000,
        "payee_userid": "zhangsan",
        "payment_type": 1,
        "mch_id": "1230000109",
        "remark": "定金",
        "commodity_list": [{"description": "龙井 250g", "amount": 1}],
        "total_refund_fee": 0,
        "refund_list": [],
    }


def test_parts_are_paid_back_until_nothing_is_left(corp: Corp, customer: str) -> None:
    paid = pay(corp, customer)
    act(corp, "member_refunds_customer", transaction_id=paid, refund_fee=300, comment="少了一盒")
    act(corp, "member_refunds_customer", transaction_id=paid, refund_fee=700)
    assert "0 of 1000" in act_error(corp, "member_refunds_customer", transaction_id=paid, refund_fee=1)
    (bill,) = read(corp)["bill_list"]
    assert (bill["trade_state"], bill["total_refund_fee"]) == (3, 1000)
    assert [one["refund_fee"] for one in bill["refund_list"]] == [300, 700]
    assert bill["refund_list"][0]["refund_comment"] == "少了一盒"
    assert {one["refund_userid"] for one in bill["refund_list"]} == {"zhangsan"}


def test_what_the_acts_refuse(corp: Corp, customer: str) -> None:
    unknown = {"external_userid": "wmnobody", "userid": "zhangsan", "total_fee": 1}
    assert "no customer" in act_error(corp, "customer_pays_member", **unknown)
    assert "nobody" in act_error(
        corp, "customer_pays_member", external_userid=customer, userid="nobody", total_fee=1
    )
    assert "no payment" in act_error(corp, "member_refunds_customer", transaction_id="1", refund_fee=1)


def test_pages_follow_one_another(corp: Corp, customer: str) -> None:
    paid = [pay(corp, customer) for _ in range(5)]
    now = corp.server.sim.get("/clock").json()["now"]
    span = {"begin_time": now - DAY, "end_time": now + DAY}
    found: list[str] = []
    cursor = ""
    for size in (2, 2, 1):
        page = read(corp, **span, limit=2, cursor=cursor)
        assert len(page["bill_list"]) == size
        found += [bill["transaction_id"] for bill in page["bill_list"]]
        cursor = page.get("next_cursor", "")
    assert (found, cursor) == (paid, "")


def test_an_app_reads_what_members_in_its_range_were_paid(corp: Corp, customer: str) -> None:
    new_member(corp, "outsider")
    pay(corp, customer)
    pay(corp, customer, "outsider")
    assert len(read(corp)["bill_list"]) == 2
    assert len(read(corp, payee_userid="OutSider")["bill_list"]) == 1
    assert read(corp, payee_userid="nobody")["errcode"] == 660002
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan"]}))
    assert [bill["payee_userid"] for bill in read(corp, narrow)["bill_list"]] == ["zhangsan"]
    assert read(corp, narrow, payee_userid="outsider")["errcode"] == 660003


def test_only_apps_with_the_right_may_ask(corp: Corp) -> None:
    for kind in ("self_built_unlisted", "contacts_sync", "customer_contact"):
        assert read(corp, corp.client(corp.app_of_kind(kind)))["errcode"] == 48002
    assert read(corp, Provider(corp.server).app_in(corp, "provider_developed"))["errcode"] == 0


def test_types_of_payment(corp: Corp, customer: str) -> None:
    for kind in (0, 1, 2, 3, 14, 15):
        pay(corp, customer, payment_type=kind)
    assert [bill["payment_type"] for bill in read(corp)["bill_list"]] == [0, 1, 2, 3, 14, 15]
    wanted = {"external_userid": customer, "userid": "zhangsan", "total_fee": 1}
    assert act_error(corp, "customer_pays_member", **wanted, payment_type=4)


def test_what_is_refused(corp: Corp) -> None:
    assert read(corp, begin_time=100, end_time=100)["errcode"] == 600018
    assert read(corp, begin_time=100, end_time=100 + 31 * DAY)["errcode"] == 0
    assert read(corp, begin_time=100, end_time=101 + 31 * DAY)["errcode"] == 301112
    assert read(corp, limit=1001)["errcode"] == 40058
    assert read(corp, cursor="wrong")["errcode"] == 50100
