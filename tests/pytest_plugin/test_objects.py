"""A corp as tests of other projects use it."""

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pytest_tollbooth import CallFailed, Corp, Refused, Tollbooth
from tests.conftest import RunningServer


@pytest.fixture
def tollbooth(server: RunningServer) -> Tollbooth:
    return Tollbooth(server.base_url)


@pytest.fixture
def shop(tollbooth: Tollbooth) -> Corp:
    return tollbooth.new_corp(customers=3)


def test_each_corp_is_new_and_can_be_found_again(tollbooth: Tollbooth) -> None:
    one, other = tollbooth.new_corp(name="一店"), tollbooth.new_corp()
    assert one.corpid != other.corpid
    again = tollbooth.corp(one.corpid)
    assert (again.name, again.secret, again.agentid) == ("一店", one.secret, one.agentid)


def test_a_field_that_corps_do_not_have_is_refused_in_the_servers_words(tollbooth: Tollbooth) -> None:
    with pytest.raises(Refused, match="customer: ") as refused:
        tollbooth.new_corp(customer=3)
    assert refused.value.status == 422


def test_a_server_that_is_away_is_named() -> None:
    with pytest.raises(ConnectionError, match=r"http://127\.0\.0\.1:9 does not answer"):
        Tollbooth("http://127.0.0.1:9/").new_corp()


def test_acts_and_calls_see_the_same_corp(shop: Corp) -> None:
    made = shop.act("member_adds_customer", userid="lisi", name="王小雨")
    shop.post("externalcontact/remark", userid="lisi", external_userid=made["external_userid"], remark="老客")
    found = shop.get("externalcontact/get", external_userid=made["external_userid"])
    assert (found["external_contact"]["name"], found["follow_user"][0]["remark"]) == ("王小雨", "老客")


def test_an_act_that_cannot_happen_says_why(shop: Corp) -> None:
    with pytest.raises(Refused, match="nobody"):
        shop.act("member_adds_customer", userid="nobody")


def test_a_word_of_python_is_written_as_sender(shop: Corp) -> None:
    with pytest.raises(Refused) as refused:
        shop.act("member_adds_customer", userid="lisi", sender="x")
    assert "from" in str(refused.value)


def test_a_failed_call_says_what_the_journal_says(shop: Corp) -> None:
    with pytest.raises(CallFailed, match="there is no external contact 'x'") as failed:
        shop.post("externalcontact/remark", userid="lisi", external_userid="x", remark="a")
    assert failed.value.reply["errcode"] == 40096


def test_calls_can_be_searched_and_listed(shop: Corp) -> None:
    shop.get("user/get", userid="lisi")
    shop.get("department/list")
    assert [call["request"]["path"] for call in shop.calls] == [
        "/cgi-bin/gettoken",
        "/cgi-bin/user/get",
        "/cgi-bin/department/list",
    ]
    assert len(shop.calls.find("user/get")) == 1
    assert [call["request"]["path"] for call in shop.calls.last(1)] == ["/cgi-bin/department/list"]
    shop.expect_no_refusals()


def test_refusals_are_told_with_their_reason(shop: Corp) -> None:
    with pytest.raises(CallFailed):
        shop.get("user/get", userid="nobody")
    with pytest.raises(AssertionError, match=r"1 call was refused:\nGET  user/get  60111\n .*nobody"):
        shop.expect_no_refusals()


def test_advice_is_given_on_the_program_and_not_on_the_test(shop: Corp) -> None:
    shop.strict()
    shop.get("user/get", userid="lisi", usrid="lisi")
    shop.expect_no_advice()
    query = {"access_token": shop.token(), "userid": "lisi", "usrid": "lisi"}
    httpx.get(f"{shop.base_url}/cgi-bin/user/get", params=query)
    assert [one["field"] for one in shop.advice()] == ["usrid"]
    assert shop.advice("page_not_read") == []
    with pytest.raises(AssertionError, match=r"there is advice:\nunknown_field ×1: .*did you mean userid\?"):
        shop.expect_no_advice()
    shop.strict(False)


def test_callbacks_are_received_and_decrypted(shop: Corp) -> None:
    with shop.receive_callbacks() as receiver:
        made = shop.act("member_adds_customer", userid="lisi")
        callback = receiver.wait_for("add_external_contact")
        assert callback["ExternalUserID"] == made["external_userid"]
        assert callback["WelcomeCode"] == made["welcome_code"]
        shop.act("customer_deletes_member", userid="lisi", external_userid=made["external_userid"])
        shop.act("member_adds_customer", userid="zhangsan")
        assert receiver.wait_for("add_external_contact")["UserID"] == "zhangsan"
        assert receiver.wait_for("del_follow_user")["UserID"] == "lisi", "it arrived before the last one"
        assert not receiver.rejected


def test_a_callback_that_does_not_come_is_told_with_those_that_did(shop: Corp) -> None:
    with shop.receive_callbacks() as receiver:
        shop.act("member_adds_customer", userid="lisi")
        receiver.wait_for("add_external_contact")
        shop.act("member_adds_customer", userid="zhangsan")
        with pytest.raises(AssertionError, match=r"create_party did not arrive .*add_external_contact"):
            receiver.wait_for("create_party", timeout=0.5)


def test_the_receiver_rejects_what_is_signed_wrongly(shop: Corp) -> None:
    with shop.receive_callbacks() as receiver:
        url = f"{receiver.url}?msg_signature=x&timestamp=1&nonce=2"
        body = b"<xml><Encrypt>YWJj</Encrypt></xml>"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(url, data=body))
        assert receiver.rejected == ["msg_signature is wrong"]


def test_raised_callbacks_are_listed_without_an_address(shop: Corp) -> None:
    shop.act("member_adds_customer", userid="lisi")
    found = shop.callbacks.find(change_type="add_external_contact", agentid=shop.agentid)
    assert [callback["state"] for callback in found] == ["kept"]
    assert len(list(shop.callbacks)) >= len(found)


def test_a_test_waits_for_callbacks_by_their_names(shop: Corp) -> None:
    with shop.receive_callbacks():
        shop.act("member_adds_customer", userid="lisi")
        [callback] = shop.callbacks.wait_for("add_external_contact")
        assert callback["state"] == "delivered"
        assert shop.callbacks.wait_for("change_external_contact")
        expected = r"create_party did not arrive 1 times within 0\.2 s; there are: add_external_contact"
        with pytest.raises(AssertionError, match=expected):
            shop.callbacks.wait_for("create_party", timeout=0.2)


def test_expected_calls_are_verified(shop: Corp) -> None:
    shop.post("tag/create", tagname="店长")
    shop.calls.assert_called("tag/create", times=1, body_contains={"tagname": "店长"})
    shop.calls.assert_not_called("tag/delete")
    with pytest.raises(AssertionError, match=r"tag/create: expected 2 calls with errcode 0, found 1"):
        shop.calls.assert_called("tag/create", times=2)


def test_each_corp_has_a_clock_of_its_own(tollbooth: Tollbooth, shop: Corp) -> None:
    other = tollbooth.new_corp()
    began = other.now()
    assert shop.freeze("2026-12-01T09:00:00+08:00") == 1796086800
    assert shop.advance(timedelta(hours=2)) == 1796086800 + 7200
    assert shop.advance(60) == shop.now() == 1796086800 + 7260
    assert shop.freeze(datetime(2027, 1, 1, tzinfo=UTC)) == 1798761600
    assert began <= other.now() < began + 60
    assert shop.unfreeze() >= 1798761600


def test_a_token_that_expired_is_fetched_again(shop: Corp) -> None:
    shop.get("department/list")
    shop.advance(7201)
    shop.get("department/list")
    shop.calls.assert_called("gettoken", times=2)


def test_a_planned_fault_meets_the_next_call(shop: Corp) -> None:
    shop.get("department/list")
    assert shop.fail_next("department/list", errcode=-1)
    with pytest.raises(CallFailed, match="department/list answered -1"):
        shop.get("department/list")
    shop.get("department/list")
    shop.fail_next("*", times=5, http_status=502, body="")
    shop.clear_faults()
    shop.get("department/list")


def test_phones_and_bills_can_be_read(shop: Corp) -> None:
    customer = shop.act("member_adds_customer", userid="zhangsan")["external_userid"]
    shop.post("message/send", agentid=shop.agentid, touser="zhangsan", msgtype="text", text={"content": "早"})
    assert [item["body"]["text"]["content"] for item in shop.phone("zhangsan")] == ["早"]
    assert shop.phone(customer) == []
    assert shop.bill()["lines"]


def test_another_app_has_its_own_token(shop: Corp) -> None:
    assert shop.token(1000003) != shop.token()


def test_a_deleted_corp_is_gone(tollbooth: Tollbooth, shop: Corp) -> None:
    shop.delete()
    with pytest.raises(Refused, match="404"):
        tollbooth.corp(shop.corpid)


def test_a_snapshot_brings_the_corp_back(shop: Corp) -> None:
    shop.freeze("2026-12-01T09:00:00+08:00")
    before = shop.now()
    with shop.snapshot() as snapshot:
        shop.act("admin_deletes_members", userid=["lisi"])
        shop.advance(timedelta(days=3))
        snapshot.restore()
        assert shop.get("user/get", userid="lisi")["errcode"] == 0
        shop.act("admin_deletes_members", userid=["lisi"])
    assert shop.get("user/get", userid="lisi")["errcode"] == 0
    assert shop.now() == before
    shop.act("admin_deletes_members", userid=["lisi"])
    shop.reset()
    assert shop.get("user/get", userid="lisi")["errcode"] == 0
