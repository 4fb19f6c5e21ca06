"""The product's tests: each has a corp of its own on a simulated WeCom."""

import pytest
from shop import Shop, WeComError

from pytest_tollbooth import Corp, Receiver


@pytest.fixture
def shop(corp: Corp) -> Shop:
    return Shop(corp.corpid, corp.secret, corp.base_url)


def test_a_new_customer_is_greeted(corp: Corp, shop: Shop, callback_receiver: Receiver) -> None:
    customer = corp.act("member_adds_customer", userid="lisi")["external_userid"]
    shop.greet(callback_receiver.wait_for("add_external_contact"))
    [message] = corp.phone(customer)
    assert message["body"]["text"]["content"] == "欢迎光临"
    corp.expect_no_refusals()


def test_a_customer_gets_the_tag_of_the_corp(corp: Corp, shop: Shop) -> None:
    customer = corp.act("member_adds_customer", userid="lisi")["external_userid"]
    shop.mark_important("lisi", customer)
    shop.mark_important("lisi", customer)
    corp.calls.assert_called("externalcontact/mark_tag", times=2)
    corp.calls.assert_not_called("externalcontact/add_corp_tag")
    follow = corp.get("externalcontact/get", external_userid=customer)["follow_user"][0]
    assert [tag["tag_name"] for tag in follow["tags"]] == ["重要"]


def test_a_customer_of_somebody_else_is_an_error(corp: Corp, shop: Shop) -> None:
    customer = corp.act("member_adds_customer", userid="lisi")["external_userid"]
    with pytest.raises(WeComError):
        shop.mark_important("zhangsan", customer)


def test_the_shop_calls_as_the_pages_say(corp: Corp, shop: Shop, callback_receiver: Receiver) -> None:
    corp.strict()
    customer = corp.act("member_adds_customer", userid="lisi")["external_userid"]
    shop.greet(callback_receiver.wait_for("add_external_contact"))
    shop.mark_important("lisi", customer)
    corp.expect_no_advice()
