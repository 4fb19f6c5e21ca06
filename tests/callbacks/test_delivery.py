"""Delivery of callbacks as a receiver sees it: verification, signature, encryption, retries and order."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import act, advance, states, wait_until
from tests.conftest import Corp, RunningServer


@pytest.fixture
def receiver(corp: Corp) -> Iterator[SdkReceiver]:
    made = SdkReceiver(corp)
    yield made
    made.http.close()


def test_an_added_customer_is_sent_encrypted(corp: Corp, receiver: SdkReceiver) -> None:
    assert receiver.register()["status"] == 200
    came = act(corp, "member_adds_customer", userid="zhangsan", name="李雷")
    (event,) = receiver.events(1)
    assert event["ToUserName"] == corp.corpid
    assert event["FromUserName"] == "sys"
    assert event["Event"] == "change_external_contact"
    assert event["ChangeType"] == "add_external_contact"
    assert event["UserID"] == "zhangsan"
    assert event["ExternalUserID"] == came["external_userid"]
    assert event["WelcomeCode"] == came["welcome_code"]
    assert "State" not in event


def test_a_customer_can_be_read_when_the_event_arrives(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    act(corp, "member_adds_customer", userid="zhangsan", name="李雷", add_way=3)
    (event,) = receiver.events(1)
    reply = corp.client().get("externalcontact/get", external_userid=event["ExternalUserID"])
    assert reply["external_contact"]["name"] == "李雷"
    assert reply["follow_user"][0]["add_way"] == 3
    assert reply["follow_user"][0]["oper_userid"] == "zhangsan"


def test_events_arrive_in_order(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    wanted = [act(corp, "member_adds_customer", userid="lisi")["external_userid"] for _ in range(20)]
    assert [event["ExternalUserID"] for event in receiver.events(20)] == wanted


def test_a_change_through_the_api_raises_no_callback(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    wecom = corp.client()
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    wecom.post("externalcontact/remark", userid="zhangsan", external_userid=customer, remark="由接口修改")
    assert corp.sim("callbacks")["callbacks"] == []


def test_deletion_by_either_side_raises_its_own_event(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    wecom = corp.client()
    first, second = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][:2]
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid=first)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=second)
    events = receiver.events(2)
    assert [event["ChangeType"] for event in events] == ["del_follow_user", "del_external_contact"]
    left = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert first in left
    assert second not in left
    assert (
        wecom.post("externalcontact/remark", userid="zhangsan", external_userid=second, remark="x")["errcode"]
        == 84061
    )


def test_a_confirmed_pending_contact_keeps_its_add_way(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    came = act(corp, "customer_adds_member", userid="wangwu", skip_verify=True, add_way=1)
    wecom = corp.client()
    assert wecom.get("externalcontact/get", external_userid=came["external_userid"])["errcode"] == 84061
    act(corp, "member_confirms_customer", userid="wangwu", external_userid=came["external_userid"])
    events = receiver.events(2)
    assert [event["ChangeType"] for event in events] == ["add_half_external_contact", "add_external_contact"]
    assert all("WelcomeCode" in event for event in events)
    follow = wecom.get("externalcontact/get", external_userid=came["external_userid"])["follow_user"][0]
    assert follow["add_way"] == 1


def test_tags_and_remarks_changed_in_the_client_raise_events(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.register()
    made = act(corp, "admin_creates_tag", group_name="来源", tag_name="展会")
    customer = corp.client().get("externalcontact/list", userid="lisi")["external_userid"][0]
    act(
        corp,
        "member_edits_customer",
        userid="lisi",
        external_userid=customer,
        remark="展会认识",
        add_tag=[made["tag_id"]],
        add_personal_tag=[{"group_name": "自建", "tag_name": "老乡"}],
    )
    act(corp, "admin_deletes_tag", id=made["group_id"])
    events = receiver.events(4)
    assert [(event["Event"], event["ChangeType"]) for event in events] == [
        ("change_external_tag", "create"),
        ("change_external_tag", "create"),
        ("change_external_contact", "edit_external_contact"),
        ("change_external_tag", "delete"),
    ]
    assert [event.get("TagType") for event in events] == ["tag_group", "tag", None, "tag_group"]
    follow = corp.client().get("externalcontact/get", external_userid=customer)["follow_user"]
    mine = next(entry for entry in follow if entry["userid"] == "lisi")
    assert mine["remark"] == "展会认识"
    assert {"group_name": "自建", "tag_name": "老乡", "type": 2} in mine["tags"]


def test_apps_that_do_not_see_the_member_receive_nothing(corp: Corp) -> None:
    blind = corp.new_app(name="看不见张三", visible={"userid": ["lisi"]})
    act(corp, "member_adds_customer", userid="zhangsan")
    received = {callback["agentid"] for callback in corp.sim("callbacks")["callbacks"]}
    assert corp.apps[0]["agentid"] in received
    assert blind["agentid"] not in received
    unlisted = corp.app_of_kind("self_built_unlisted")["agentid"]
    assert unlisted not in received


def test_without_an_address_callbacks_are_kept_and_can_be_replayed(corp: Corp, receiver: SdkReceiver) -> None:
    act(corp, "member_adds_customer", userid="zhangsan")
    kept = corp.sim("callbacks", agentid=receiver.agentid)["callbacks"]
    assert [callback["state"] for callback in kept] == ["kept"]
    receiver.register()
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/callbacks/{kept[0]['id']}/replay")
    assert answer.json()["state"] == "waiting"
    (event,) = receiver.events(1)
    assert event["ChangeType"] == "add_external_contact"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda echo: echo + b"\n", "newline"),
        (lambda echo: b'"' + echo + b'"', "quotes"),
        (lambda echo: b"\xef\xbb\xbf" + echo, "byte order mark"),
        (lambda echo: b"<html>login</html>", "HTML"),
        (lambda echo: b"", "empty"),
        (lambda echo: b"42", "another text"),
    ],
)
def test_an_address_must_answer_with_the_plain_echo(
    corp: Corp, receiver: SdkReceiver, answer: Callable[[bytes], bytes], says: str
) -> None:
    honest = receiver.verify
    receiver.http.on_verify = lambda query: answer(honest(query))
    refused = receiver.register()
    assert refused["status"] == 422
    assert says in refused["error"]
    shown = corp.server.sim.get(f"/corps/{corp.corpid}").json()
    assert shown["apps"][0]["callback_url"] == ""


def test_an_address_that_redirects_or_fails_is_refused(corp: Corp, receiver: SdkReceiver) -> None:
    receiver.http.status, receiver.http.headers = 302, {"Location": "/elsewhere"}
    assert "redirect" in receiver.register()["error"]
    receiver.http.status = 500
    assert "HTTP 500" in receiver.register()["error"]
    receiver.url = "http://127.0.0.1:9/callback"
    assert "cannot be reached" in receiver.register()["error"]
    receiver.url = "ftp://127.0.0.1/callback"
    assert "http" in receiver.register()["error"]


def test_a_malformed_token_or_key_is_named(corp: Corp, receiver: SdkReceiver) -> None:
    assert "43 letters" in receiver.register(encoding_aes_key="short")["error"]
    assert "32 letters" in receiver.register(token="no spaces please")["error"]


@pytest.fixture
def quick(start_server: Any) -> RunningServer:
    """A server that waits a quarter of a second for an answer."""
    running: RunningServer = start_server(callback_timeout_seconds=0.25)
    return running


def test_delivery_fails_after_four_attempts(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    receiver.http.status = 500
    act(corp, "member_adds_customer", userid="zhangsan")
    for attempts in range(1, 5):
        receiver.http.wait_for(attempts)
        wait_until(functools.partial(has_attempts, corp, attempts))
        advance(corp, 5)
    wait_until(lambda: states(corp) == ["failed"])
    assert len(receiver.http.posts) == 4
    receiver.http.close()


def test_a_timeout_is_retried_and_later_events_wait(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    receiver.http.seconds = 0.6
    first = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    wait_until(lambda: attempts_of(corp) == 1)
    second = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    receiver.http.seconds = 0
    advance(corp, 5)
    wait_until(lambda: states(corp) == ["delivered", "delivered"])
    received = [event["ExternalUserID"] for event in receiver.events(3)]
    assert received == [first, first, second]
    receiver.http.close()


def test_an_event_that_is_answered_with_an_error_lets_later_ones_pass(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    receiver.http.status = 500
    first = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    wait_until(lambda: attempts_of(corp) == 1)
    receiver.http.status = 200
    second = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    wait_until(lambda: states(corp) == ["waiting", "delivered"])
    advance(corp, 5)
    wait_until(lambda: states(corp) == ["delivered", "delivered"])
    received = [event["ExternalUserID"] for event in receiver.events(3)]
    assert received == [first, second, first]
    receiver.http.close()


def test_where_all_are_answered_with_errors_few_are_sent_before_the_first_retry(start_server: Any) -> None:
    running: RunningServer = start_server(callback_pause_after_failures=8)
    corp = running.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    receiver.http.status = 500
    running.sim.post("/clock", json={"freeze": True})
    for _ in range(10):
        act(corp, "member_adds_customer", userid="zhangsan")
    receiver.http.wait_for(5)
    health = f"apps/{corp.apps[0]['agentid']}/callback"
    wait_until(lambda: corp.sim(health)["failures"] == 5)
    shown = corp.sim(health)
    now = running.sim.get("/clock").json()["now"]
    assert (shown["status"], shown["next_attempt_at"], len(receiver.http.posts)) == ("failing", now + 5, 5)
    receiver.http.status = 200
    advance(corp, 5)
    wait_until(lambda: states(corp) == ["delivered"] * 10)
    assert len(receiver.http.posts) == 15
    receiver.http.close()


def test_delivery_faults_duplicate_and_drop(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    set_delivery_faults(corp, duplicate=2)
    act(corp, "member_adds_customer", userid="zhangsan")
    assert len(states(corp)) == 1, "a callback that is only kept is not duplicated"
    receiver = SdkReceiver(corp)
    receiver.register()
    act(corp, "member_adds_customer", userid="zhangsan")
    events = receiver.events(3)
    assert events[0] == events[1] == events[2]
    set_delivery_faults(corp, drop_one_in=1)
    act(corp, "member_adds_customer", userid="zhangsan")
    assert states(corp)[-1] == "dropped"
    receiver.http.close()


def test_delivery_fault_same_second_repeats_create_time(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    set_delivery_faults(corp, same_second=3)
    for _ in range(4):
        act(corp, "member_adds_customer", userid="zhangsan")
        advance(corp, 10)
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    seconds = [callback["at"] for callback in callbacks]
    assert seconds[0] == seconds[1] == seconds[2] < seconds[3]


def test_delivery_fault_reorder_loses_nothing(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    set_delivery_faults(corp, reorder=8)
    quick.sim.post("/clock", json={"freeze": True})
    wanted = [act(corp, "member_adds_customer", userid="zhangsan")["external_userid"] for _ in range(8)]
    advance(corp, 1)
    received = [event["ExternalUserID"] for event in receiver.events(8)]
    assert sorted(received) == sorted(wanted)
    assert received != wanted
    receiver.http.close()


def set_delivery_faults(corp: Corp, **faults: int) -> None:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/callbacks/delivery_faults", json=faults)
    assert answer.status_code == 200, answer.text


def attempts_of(corp: Corp) -> int:
    (callback, *_) = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    return len(callback["attempts"])


def has_attempts(corp: Corp, wanted: int) -> bool:
    return attempts_of(corp) == wanted
