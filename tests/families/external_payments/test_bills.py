"""对外收款: payments of customers, refunds, and the list of both."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, act_error, new_contact, new_member
from tests.providers import Provider
from wecom_tollbooth.world.clock import DAY

BILLS = "externalpay/get_bill_list"
WANG = "wmWangXiaoyu000000000000000000001"


@pytest.fixture
def corp(server: RunningServer) -> Corp:
    made = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(made, userid)
    new_contact(made, WANG)
    return made


def asked(corp: Corp, wecom: WeCom, /, **fields: Any) -> dict[str, Any]:
    now = int(corp.sim("clock")["now"])
    return wecom.post(BILLS, **{"begin_time": now - DAY, "end_time": now + DAY, **fields})


def bills(corp: Corp, wecom: WeCom, /, **fields: Any) -> list[dict[str, Any]]:
    reply = asked(corp, wecom, **fields)
    assert reply["errcode"] == 0, reply
    assert "next_cursor" not in reply
    return list(reply["bill_list"])


def code(corp: Corp, wecom: WeCom, /, **fields: Any) -> int:
    return int(asked(corp, wecom, **fields)["errcode"])


def pay(corp: Corp, amount: int = 200, /, userid: str = "zhangsan", **fields: Any) -> str:
    paid = act(corp, "customer_pays_member", external_userid=WANG, userid=userid, amount=amount, **fields)
    return str(paid["out_trade_no"])


def test_a_payment_is_listed_with_what_was_bought(corp: Corp, wecom: WeCom) -> None:
    contact = {"name": "李雷", "phone": "13000000005", "address": "海淀区"}
    number = pay(
        corp,
        200,
        userid="ZhangSan",
        payment_type=1,
        remark="订单 1",
        commodity_list=[{"description": "手机壳", "amount": 2}, {"description": "膜"}],
        contact_info=contact,
    )
    [bill] = bills(corp, wecom)
    assert bill.pop("transaction_id")
    assert bill.pop("pay_time")
    assert bill == {
        "bill_type": 0,
        "trade_state": 1,
        "out_trade_no": number,
        "external_userid": WANG,
        "total_fee": 200,
        "payee_userid": "zhangsan",
        "payment_type": 1,
        "mch_id": "1900000001",
        "remark": "订单 1",
        "commodity_list": [{"description": "手机壳", "amount": 2}, {"description": "膜", "amount": 1}],
        "total_refund_fee": 0,
        "refund_list": [],
        "contact_info": contact,
    }


def test_refunds_are_bills_of_their_own_and_in_the_payment(corp: Corp, wecom: WeCom) -> None:
    number = pay(corp)
    first = act(corp, "member_refunds_payment", out_trade_no=number, amount=50, userid="lisi", remark="退")
    assert first["left"] == 150
    assert act(corp, "member_refunds_payment", out_trade_no=number)["refund_fee"] == 150
    paid, part, rest = bills(corp, wecom)
    assert (paid["trade_state"], paid["total_refund_fee"]) == (3, 200)
    assert [
        (one["refund_userid"], one["refund_comment"], one["refund_fee"], one["refund_status"])
        for one in paid["refund_list"]
    ] == [("lisi", "退", 50, 2), ("zhangsan", "", 150, 2)]
    assert [one["out_refund_no"] for one in paid["refund_list"]] == [
        part["out_refund_no"],
        rest["out_refund_no"],
    ]
    assert (part["bill_type"], part["out_trade_no"], part["transaction_id"]) == (
        1,
        number,
        paid["transaction_id"],
    )
    assert (part["payee_userid"], part["remark"], part["total_fee"], part["total_refund_fee"]) == (
        "lisi",
        "退",
        200,
        50,
    )
    assert not {"trade_state", "commodity_list", "refund_list", "contact_info"} & part.keys()
    assert "0 fen" in act_error(corp, "member_refunds_payment", out_trade_no=number)


def test_bills_of_one_payee(corp: Corp, wecom: WeCom) -> None:
    pay(corp, 1)
    pay(corp, 2, userid="lisi")
    assert [bill["total_fee"] for bill in bills(corp, wecom, payee_userid="LiSi")] == [2]
    assert [bill["total_fee"] for bill in bills(corp, wecom, payee_userid="")] == [1, 2]
    assert code(corp, wecom, payee_userid="nobody") == 660002


def test_payees_outside_the_visible_range_make_pages_shorter(corp: Corp) -> None:
    for amount in range(1, 6):
        pay(corp, amount, userid="lisi" if amount % 2 else "zhangsan")
    app = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    now, cursor, pages = int(corp.sim("clock")["now"]), "", []
    while True:
        reply = app.post(BILLS, begin_time=now - DAY, end_time=now + DAY, limit=2, cursor=cursor)
        pages.append([bill["total_fee"] for bill in reply["bill_list"]])
        if "next_cursor" not in reply:
            break
        cursor = reply["next_cursor"]
    assert pages == [[1], [3], [5]]
    assert app.post(BILLS, begin_time=now, end_time=now + DAY, cursor=cursor)["errcode"] == 50100
    assert code(corp, app, payee_userid="zhangsan") == 660003


def test_the_span_is_a_month_and_a_page_has_1000(corp: Corp, wecom: WeCom) -> None:
    pay(corp)
    [bill] = bills(corp, wecom)
    at = bill["pay_time"]
    assert bills(corp, wecom, begin_time=at, end_time=at) == [bill]
    assert bills(corp, wecom, begin_time=at + 1, end_time=at + 31 * DAY) == []
    assert code(corp, wecom, begin_time=at, end_time=at + 31 * DAY + 1) == 40058
    assert code(corp, wecom, begin_time=at + 1, end_time=at) == 40058
    assert wecom.post(BILLS, end_time=at)["errcode"] == 40058
    assert code(corp, wecom, limit=1000) == 0
    assert {code(corp, wecom, limit=limit) for limit in (0, 1001)} == {40058}


def test_only_apps_with_the_right_may_ask(corp: Corp) -> None:
    for kind in ("self_built_unlisted", "contacts_sync", "customer_contact"):
        assert code(corp, corp.client(corp.app_of_kind(kind))) == 48002


def test_third_party_apps_get_no_contact_info(server: RunningServer, corp: Corp) -> None:
    provider = Provider(server)
    program = {"appid": "wx0123456789abcdef", "name": "小店"}
    pay(corp, payment_type=15, miniprogram_info=program, contact_info={"name": "李雷"})
    [shown] = bills(corp, provider.app_in(corp))
    assert shown["miniprogram_info"] == program
    assert "contact_info" not in shown
    [shown] = bills(corp, provider.app_in(corp, "provider_developed"))
    assert shown["contact_info"]["name"] == "李雷"


def test_a_corp_that_switched_it_off_has_no_payments(corp: Corp, wecom: WeCom) -> None:
    number = pay(corp)
    act(corp, "admin_disables_external_payments")
    act(corp, "admin_disables_external_payments")
    assert code(corp, wecom) == 660013
    assert "对外收款" in act_error(
        corp, "customer_pays_member", external_userid=WANG, userid="lisi", amount=1
    )
    assert "对外收款" in act_error(corp, "member_refunds_payment", out_trade_no=number)
    act(corp, "admin_enables_external_payments")
    assert len(bills(corp, wecom)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 0},
        {"amount": 1.5},
        {"userid": "nobody"},
        {"external_userid": "wmNobody"},
        {"payment_type": 4},
        {"payment_type": 15},
        {"miniprogram_info": {"appid": "wx", "name": "小店"}},
        {"commodity_list": [{"description": "膜", "amount": 0}]},
    ],
)
def test_payments_that_cannot_be_are_refused(corp: Corp, fields: dict[str, Any]) -> None:
    assert act_error(
        corp, "customer_pays_member", **{"external_userid": WANG, "userid": "lisi", "amount": 1, **fields}
    )


@pytest.mark.parametrize(
    "fields", [{"out_trade_no": "WX0"}, {"amount": 201}, {"amount": 0}, {"userid": "nobody"}]
)
def test_refunds_that_cannot_be_are_refused(corp: Corp, wecom: WeCom, fields: dict[str, Any]) -> None:
    number = pay(corp)
    assert act_error(corp, "member_refunds_payment", **{"out_trade_no": number, **fields})
    [paid] = bills(corp, wecom)
    assert (paid["trade_state"], paid["total_refund_fee"]) == (1, 0)
