"""Callbacks as a receiver sees them: verified, signed, encrypted, retried, in order, and never lost."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto
from weworkapi.WXBizMsgCrypt3 import WXBizMsgCrypt

from tests.callbacks.receiver import Query, Receiver
from tests.conftest import Corp, RunningServer

Opener = Callable[[Query, bytes], str]


class Ear:
    """A receiver that listens for the first app of a corp, and opens what it hears with an SDK's crypto."""

    def __init__(self, corp: Corp) -> None:
        app = corp.apps[0]
        self.corp = corp
        self.agentid = app["agentid"]
        keys = (app["callback_token"], app["encoding_aes_key"], corp.corpid)
        self._wechatpy = WeChatCrypto(*keys)
        self._weworkapi = WXBizMsgCrypt(*keys)
        self.receiver = Receiver(self.verify)
        self.url = self.receiver.url

    def verify(self, query: Query) -> bytes:
        echo = self._wechatpy.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return echo if isinstance(echo, bytes) else str(echo).encode()

    def listen(self, **body: str) -> dict[str, Any]:
        answer = self.corp.server.sim.put(
            f"/corps/{self.corp.corpid}/apps/{self.agentid}/callback", json={"url": self.url, **body}
        )
        return {"status": answer.status_code, **answer.json()}

    def hear(self, count: int) -> list[dict[str, str]]:
        return [self.open(query, body) for query, body in self.receiver.wait_for(count)]

    def open(self, query: Query, body: bytes) -> dict[str, str]:
        """Both SDKs must read the same event."""
        xml = self._wechatpy.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        code, again = self._weworkapi.DecryptMsg(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        assert code == 0
        assert (again.decode() if isinstance(again, bytes) else again) == xml
        return {element.tag: element.text or "" for element in ElementTree.fromstring(xml)}


@pytest.fixture
def ear(corp: Corp) -> Iterator[Ear]:
    made = Ear(corp)
    yield made
    made.receiver.close()


def act(corp: Corp, name: str, /, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_an_added_customer_reaches_the_receiver_encrypted(corp: Corp, ear: Ear) -> None:
    assert ear.listen()["status"] == 200
    came = act(corp, "member_adds_customer", userid="zhangsan", name="李雷")
    (event,) = ear.hear(1)
    assert event["ToUserName"] == corp.corpid
    assert event["FromUserName"] == "sys"
    assert event["Event"] == "change_external_contact"
    assert event["ChangeType"] == "add_external_contact"
    assert event["UserID"] == "zhangsan"
    assert event["ExternalUserID"] == came["external_userid"]
    assert event["WelcomeCode"] == came["welcome_code"]
    assert "State" not in event


def test_the_customer_can_be_read_once_the_event_is_heard(corp: Corp, ear: Ear) -> None:
    ear.listen()
    act(corp, "member_adds_customer", userid="zhangsan", name="李雷", add_way=3)
    (event,) = ear.hear(1)
    reply = corp.client().get("externalcontact/get", external_userid=event["ExternalUserID"])
    assert reply["external_contact"]["name"] == "李雷"
    assert reply["follow_user"][0]["add_way"] == 3
    assert reply["follow_user"][0]["oper_userid"] == "zhangsan"


def test_events_keep_their_order(corp: Corp, ear: Ear) -> None:
    ear.listen()
    wanted = [act(corp, "member_adds_customer", userid="lisi")["external_userid"] for _ in range(20)]
    assert [event["ExternalUserID"] for event in ear.hear(20)] == wanted


def test_an_api_call_raises_no_callback(corp: Corp, ear: Ear) -> None:
    ear.listen()
    wecom = corp.client()
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    wecom.post("externalcontact/remark", userid="zhangsan", external_userid=customer, remark="由接口修改")
    assert corp.sim("callbacks")["callbacks"] == []


def test_both_sides_can_delete(corp: Corp, ear: Ear) -> None:
    ear.listen()
    wecom = corp.client()
    first, second = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][:2]
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid=first)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=second)
    events = ear.hear(2)
    assert [event["ChangeType"] for event in events] == ["del_follow_user", "del_external_contact"]
    left = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert first in left
    assert second not in left
    assert (
        wecom.post("externalcontact/remark", userid="zhangsan", external_userid=second, remark="x")["errcode"]
        == 84061
    )


def test_a_half_contact_becomes_whole_and_keeps_its_way(corp: Corp, ear: Ear) -> None:
    ear.listen()
    came = act(corp, "customer_adds_member", userid="wangwu", skip_verify=True, add_way=1)
    wecom = corp.client()
    assert wecom.get("externalcontact/get", external_userid=came["external_userid"])["errcode"] == 84061
    act(corp, "member_confirms_customer", userid="wangwu", external_userid=came["external_userid"])
    events = ear.hear(2)
    assert [event["ChangeType"] for event in events] == ["add_half_external_contact", "add_external_contact"]
    assert all("WelcomeCode" in event for event in events)
    follow = wecom.get("externalcontact/get", external_userid=came["external_userid"])["follow_user"][0]
    assert follow["add_way"] == 1


def test_tags_and_remarks_made_in_the_client_are_told(corp: Corp, ear: Ear) -> None:
    ear.listen()
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
    events = ear.hear(4)
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


def test_only_apps_that_see_the_member_hear_of_it(corp: Corp) -> None:
    blind = corp.new_app(name="看不见张三", visible={"userid": ["lisi"]})
    act(corp, "member_adds_customer", userid="zhangsan")
    heard = {callback["agentid"] for callback in corp.sim("callbacks")["callbacks"]}
    assert corp.apps[0]["agentid"] in heard
    assert blind["agentid"] not in heard
    unlisted = corp.app_of_kind("self_built_unlisted")["agentid"]
    assert unlisted not in heard


def test_without_an_address_callbacks_are_kept_and_can_be_replayed(corp: Corp, ear: Ear) -> None:
    act(corp, "member_adds_customer", userid="zhangsan")
    kept = corp.sim("callbacks", agentid=ear.agentid)["callbacks"]
    assert [callback["state"] for callback in kept] == ["kept"]
    ear.listen()
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/callbacks/{kept[0]['id']}/replay")
    assert answer.json()["state"] == "waiting"
    (event,) = ear.hear(1)
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
def test_an_address_must_answer_the_bare_echo(
    corp: Corp, ear: Ear, answer: Callable[[bytes], bytes], says: str
) -> None:
    honest = ear.verify
    ear.receiver.on_verify = lambda query: answer(honest(query))
    refused = ear.listen()
    assert refused["status"] == 422
    assert says in refused["error"]
    shown = corp.server.sim.get(f"/corps/{corp.corpid}").json()
    assert shown["apps"][0]["callback_url"] == ""


def test_an_address_that_redirects_or_fails_is_not_accepted(corp: Corp, ear: Ear) -> None:
    ear.receiver.status, ear.receiver.headers = 302, {"Location": "/elsewhere"}
    assert "redirect" in ear.listen()["error"]
    ear.receiver.status = 500
    assert "HTTP 500" in ear.listen()["error"]
    ear.url = "http://127.0.0.1:9/callback"
    assert "cannot be reached" in ear.listen()["error"]
    ear.url = "ftp://127.0.0.1/callback"
    assert "http" in ear.listen()["error"]


def test_wrong_keys_are_told_apart(corp: Corp, ear: Ear) -> None:
    assert "43 letters" in ear.listen(encoding_aes_key="short")["error"]
    assert "32 letters" in ear.listen(token="no spaces please")["error"]


@pytest.fixture
def quick(start_server: Any) -> RunningServer:
    """A server whose receivers have a quarter of a second to answer."""
    running: RunningServer = start_server(callback_timeout_seconds=0.25)
    return running


def states(corp: Corp) -> list[str]:
    return [
        callback["state"] for callback in corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    ]


def advance(corp: Corp, seconds: int) -> None:
    assert corp.server.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200
    corp.server.server.work_waiting.set()


def test_a_failing_receiver_is_tried_four_times_and_then_given_up(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    ear = Ear(corp)
    ear.listen()
    ear.receiver.status = 500
    act(corp, "member_adds_customer", userid="zhangsan")
    for attempts in range(1, 5):
        ear.receiver.wait_for(attempts)
        wait_until(lambda attempts=attempts: tries_of(corp) == attempts)
        advance(corp, 5)
    wait_until(lambda: states(corp) == ["failed"])
    assert len(ear.receiver.posts) == 4
    ear.receiver.close()


def test_a_slow_receiver_counts_as_one_that_failed_and_later_events_wait(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    ear = Ear(corp)
    ear.listen()
    ear.receiver.seconds = 0.6
    first = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    wait_until(lambda: tries_of(corp) == 1)
    second = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    ear.receiver.seconds = 0
    advance(corp, 5)
    wait_until(lambda: states(corp) == ["delivered", "delivered"])
    heard = [event["ExternalUserID"] for event in ear.hear(3)]
    assert heard == [first, first, second]
    ear.receiver.close()


def test_the_knobs_duplicate_and_drop_and_crowd_one_second(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    set_knobs(corp, duplicate=2)
    act(corp, "member_adds_customer", userid="zhangsan")
    assert len(states(corp)) == 1, "what is only kept is not doubled"
    ear = Ear(corp)
    ear.listen()
    act(corp, "member_adds_customer", userid="zhangsan")
    events = ear.hear(3)
    assert events[0] == events[1] == events[2]
    set_knobs(corp, drop_one_in=1)
    act(corp, "member_adds_customer", userid="zhangsan")
    assert states(corp)[-1] == "dropped"
    ear.receiver.close()


def test_a_burst_shares_one_second_though_the_clock_goes_on(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    set_knobs(corp, same_second=3)
    for _ in range(4):
        act(corp, "member_adds_customer", userid="zhangsan")
        advance(corp, 10)
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    seconds = [callback["at"] for callback in callbacks]
    assert seconds[0] == seconds[1] == seconds[2] < seconds[3]


def test_reordered_events_all_arrive(quick: RunningServer) -> None:
    corp = quick.make_corp(seed="demo")
    ear = Ear(corp)
    ear.listen()
    set_knobs(corp, reorder=8)
    quick.sim.post("/clock", json={"freeze": True})
    wanted = [act(corp, "member_adds_customer", userid="zhangsan")["external_userid"] for _ in range(8)]
    advance(corp, 1)
    heard = [event["ExternalUserID"] for event in ear.hear(8)]
    assert sorted(heard) == sorted(wanted)
    assert heard != wanted
    ear.receiver.close()


def set_knobs(corp: Corp, **knobs: int) -> None:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/callbacks/knobs", json=knobs)
    assert answer.status_code == 200, answer.text


def tries_of(corp: Corp) -> int:
    (callback, *_) = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    return len(callback["tries"])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)
