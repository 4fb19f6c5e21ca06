"""The answer to a message of a member: what the member sees, and why an answer is not shown."""

import re
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto
from weworkapi.WXBizMsgCrypt3 import WXBizMsgCrypt

from tests.callbacks.steps import act, wait_until
from tests.conftest import RunningServer
from tests.families.app_events.conftest import Phone
from tests.families.app_events.steps import plain, write
from tests.families.app_events.wechatpy_app import NONCE, WechatpyApp
from wecom_tollbooth.callbacks.messages import CallbackMessage, Result
from wecom_tollbooth.callbacks.queues import Key, address_of
from wecom_tollbooth.callbacks.replies.readers import READERS
from wecom_tollbooth.callbacks.replies.reading import read_reply

StartServer = Callable[..., RunningServer]


def test_a_text_reply_by_wechatpy_is_shown_on_the_members_phone(app: WechatpyApp, phone: Phone) -> None:
    app.replies = lambda message: f"收到：{message.content}"
    sent = write(app, "门店几点开门？")
    assert app.outcome() == {"shown": True}
    (message,) = app.messages
    assert (message.type, message.source, message.target) == ("text", "zhangsan", app.corp.corpid)
    assert (message.agent, str(message.id)) == (app.agentid, sent["msgid"])
    (shown,) = phone("zhangsan")
    assert shown == {
        "kind": "passive_reply",
        "from": str(app.agentid),
        "body": {
            "msgtype": "text",
            "text": {"content": "收到：门店几点开门？"},
            "callback_id": sent["callbacks"][0],
        },
    }
    assert phone("lisi") == []


@pytest.mark.parametrize("answer", [b"", b"success", b" success\n"])
def test_an_empty_answer_and_success_are_no_reply(app: WechatpyApp, phone: Phone, answer: bytes) -> None:
    app.answers = lambda message: answer
    write(app)
    assert app.outcome() is None
    assert phone("zhangsan") == []


def test_a_long_text_is_cut_at_2048_bytes(app: WechatpyApp, phone: Phone) -> None:
    app.replies = lambda message: "茶" * 683
    write(app)
    app.outcome()
    assert phone("zhangsan")[0]["body"]["text"]["content"] == "茶" * 682


def with_other_keys(app: WechatpyApp, token: str = "", key: str = "", receiveid: str = "") -> bytes:
    own = app.app
    crypto = WeChatCrypto(
        token or own["callback_token"], key or own["encoding_aes_key"], receiveid or app.corp.corpid
    )
    return str(crypto.encrypt_message(plain(app), NONCE, "1348831860")).encode()


ENTITIES = '<!DOCTYPE xml [<!ENTITY a "茶"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'

NOT_SHOWN: dict[str, tuple[Callable[[WechatpyApp], bytes | str], str, str]] = {
    "plain text": (lambda app: "在的", "the answer is not XML", "应答不是 XML"),
    "json": (lambda app: '{"errcode":0}', "the answer is not XML", "应答不是 XML"),
    "not utf-8": (
        lambda app: b"<xml><Encrypt>\xff\xfe</Encrypt></xml>",
        "the answer is not XML",
        "应答不是 XML",
    ),
    "cut off": (lambda app: app.encrypted(plain(app))[:-9], "the answer is not XML", "应答不是 XML"),
    "entities": (lambda app: ENTITIES, "it has a document type", "DOCTYPE"),
    "deep": (lambda app: "<xml>" + "<a>" * 5000, "nested more than 16 deep", "nested"),
    "unencrypted": (plain, "it is not encrypted", "没有加密"),
    "no nonce": (
        lambda app: re.sub(rb"<Nonce>.*</Nonce>", b"", app.encrypted(plain(app))),
        "Nonce is missing",
        "缺少 Nonce",
    ),
    "bad signature": (
        lambda app: re.sub(
            rb"MsgSignature><!\[CDATA\[.", b"MsgSignature><![CDATA[x", app.encrypted(plain(app))
        ),
        "MsgSignature doesn't fit",
        "MsgSignature 与本应用的",
    ),
    "another app": (
        lambda app: with_other_keys(app, token="other", key="x" * 43),
        "is it another app's?",
        "是否属于别的应用",
    ),
    "another key": (
        lambda app: with_other_keys(app, key="x" * 43),
        "was another EncodingAESKey used?",
        "无法解密",
    ),
    "another corp": (
        lambda app: with_other_keys(app, receiveid="ww1"),
        "the receiveid is 'ww1'",
        "receiveid",
    ),
    "broken inside": (
        lambda app: app.encrypted("<xml><ToUserName>"),
        "the decrypted reply is not XML",
        "解密后",
    ),
    "another member": (
        lambda app: app.encrypted(plain(app, ToUserName="lisi")),
        "ToUserName is 'lisi', not the sender 'zhangsan'",
        "不是发送者 'zhangsan'",
    ),
    "from elsewhere": (
        lambda app: app.encrypted(plain(app, FromUserName="ww1")),
        "FromUserName is 'ww1', not the corpid",
        "不是 corpid",
    ),
    "named another app": (
        lambda app: app.encrypted(plain(app, AgentID="7")),
        "AgentID is 7: the message was for app",
        "而消息是发给应用",
    ),
    "unknown kind": (
        lambda app: app.encrypted(plain(app, MsgType="music")),
        "MsgType is 'music', not one of",
        "MsgType 是 'music'",
    ),
    "empty text": (
        lambda app: app.encrypted(plain(app, Content="")),
        "Content is absent or empty",
        "Content 缺失或为空",
    ),
    "too long": (
        lambda app: app.encrypted(plain(app, Content="x" * 60_000)),
        "it is longer than 64 KiB",
        "超过 64 KiB",
    ),
}


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_an_answer_that_is_no_proper_reply_is_not_shown_and_says_why(
    app: WechatpyApp, phone: Phone, name: str
) -> None:
    answer, en, zh = NOT_SHOWN[name]
    body = answer(app)
    app.answers = lambda message: body if isinstance(body, bytes) else body.encode()
    write(app)
    outcome = app.outcome()
    assert outcome["shown"] is False
    assert en in outcome["reason_en"]
    assert zh in outcome["reason_zh"]
    assert phone("zhangsan") == []
    assert app.callbacks()[-1]["state"] == "delivered"


def test_an_answer_to_an_event_without_replies_is_ignored(app: WechatpyApp, phone: Phone) -> None:
    app.answers = lambda message: b"ok"
    act(app.corp, "member_adds_customer", userid="zhangsan")
    assert app.outcome() is None


def test_a_reply_to_an_event_without_replies_is_not_shown(app: WechatpyApp, phone: Phone) -> None:
    app.answers = lambda message: app.encrypted(plain(app))
    act(app.corp, "member_adds_customer", userid="zhangsan")
    assert app.outcome() == {
        "shown": False,
        "reason_en": "change_external_contact add_external_contact takes no passive reply",
        "reason_zh": "change_external_contact add_external_contact 不支持被动回复",
    }


def test_a_reply_may_spell_the_userid_otherwise(app: WechatpyApp, phone: Phone) -> None:
    app.answers = lambda message: app.encrypted(plain(app, ToUserName="ZhangSan"))
    write(app)
    assert app.outcome() == {"shown": True}
    assert len(phone("zhangsan")) == 1


# --- in time, once ---------------------------------------------------------------------------------------


def test_a_reply_to_a_retry_is_shown_once(start_server: StartServer) -> None:
    corp = start_server(callback_timeout_seconds=0.3, callback_retry_seconds=0).make_corp(seed="demo")
    app = WechatpyApp(corp)
    replied = Event()

    def answer(message: Any) -> bytes:
        if len(app.messages) == 1:
            replied.wait(10)
        return app.encrypted(plain(app))

    app.answers = answer
    write(app)
    assert app.outcome() == {"shown": True}
    replied.set()
    late, second = app.callbacks()[-1]["attempts"]
    assert (late["status"], late["error"], late["reply"]) == (0, "no answer within 0.3 s", None)
    assert second["reply"] == {"shown": True}
    items = corp.sim("phones/zhangsan")["items"]
    assert [item["kind"] for item in items].count("passive_reply") == 1
    app.http.close()


def test_a_reply_with_another_status_is_not_shown(app: WechatpyApp, phone: Phone) -> None:
    app.http.status = 500
    app.answers = lambda message: app.encrypted(plain(app))
    write(app)
    wait_until(lambda: bool(app.callbacks()[-1]["attempts"]))
    assert app.callbacks()[-1]["attempts"][0]["reply"] is None
    assert phone("zhangsan") == []


def test_a_reply_has_five_seconds_whatever_the_server_waits(app: WechatpyApp) -> None:
    sent = write(app)
    app.outcome()
    server = app.corp.server.server
    body, xml = app.encrypted(plain(app)), app.callbacks()[-1]["xml"]
    with server.database.transaction() as tx:
        endpoint, _ = address_of(tx, Key(app.corp.corpid, app.agentid))
        context = server.context(tx, app.corp.corpid)
        message = CallbackMessage(sent["callbacks"][0], xml, 1)
        results = [
            Result(message, context.now, endpoint.url, 200, body, duration_ms=duration_ms)
            for duration_ms in (5001, 5000)
        ]
        late, in_time = (read_reply(context, endpoint, result) for result in results)
    assert late == {
        "shown": False,
        "reason_en": "it came after 5.0 s; a reply has 5 s",
        "reason_zh": "用时 5.0 秒；被动回复须在 5 秒内返回",
    }
    assert in_time == {"shown": True}


def test_a_replayed_message_can_be_replied_to_again(app: WechatpyApp, phone: Phone) -> None:
    app.replies = lambda message: "在的"
    sent = write(app)
    assert app.outcome() == {"shown": True}
    corp = app.corp
    replayed = corp.server.sim.post(f"/corps/{corp.corpid}/callbacks/{sent['callbacks'][0]}/replay")
    assert replayed.status_code == 200
    assert app.outcome() == {"shown": True}
    assert [item["body"]["callback_id"] for item in phone("zhangsan")] == [
        sent["callbacks"][0],
        replayed.json()["id"],
    ]
    assert app.messages[0].id == app.messages[1].id


def test_a_failure_of_the_simulator_is_noted_and_holds_up_nothing(
    app: WechatpyApp, phone: Phone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setitem(READERS, "text", fail)
    app.replies = lambda message: "在的"
    write(app)
    outcome = app.outcome()
    assert (outcome["shown"], outcome["reason_zh"]) == (False, "模拟器处理时出错，详见日志")
    assert "was not read" in caplog.text
    monkeypatch.undo()
    write(app)
    assert app.outcome() == {"shown": True}


def test_a_reply_encrypted_by_weworkapi_is_shown(app: WechatpyApp, phone: Phone) -> None:
    own = app.app
    crypto = WXBizMsgCrypt(own["callback_token"], own["encoding_aes_key"], app.corp.corpid)

    def answer(message: Any) -> bytes:
        code, encrypted = crypto.EncryptMsg(plain(app), NONCE, "1348831860")
        assert code == 0
        return encrypted.encode() if isinstance(encrypted, str) else bytes(encrypted)

    app.answers = answer
    write(app)
    assert app.outcome() == {"shown": True}
    assert phone("zhangsan")[0]["body"]["text"] == {"content": "在的"}
