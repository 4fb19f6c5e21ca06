"""The answer to a message of a member: what the member sees, and why an answer is not shown."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.callbacks.steps import act
from tests.families.app_events.conftest import Phone
from tests.families.app_events.wechatpy_app import NONCE, WechatpyApp


def write(app: WechatpyApp, content: str = "在吗", userid: str = "zhangsan") -> dict[str, Any]:
    return act(
        app.corp,
        "member_sends_app_message",
        agentid=app.agentid,
        userid=userid,
        msgtype="text",
        content=content,
    )


def plain(app: WechatpyApp, **changed: str) -> str:
    """The plain XML of a text reply."""
    elements = {
        "ToUserName": "zhangsan",
        "FromUserName": app.corp.corpid,
        "CreateTime": "1348831860",
        "MsgType": "text",
        "Content": "在的",
    } | changed
    return "<xml>" + "".join(f"<{name}>{text}</{name}>" for name, text in elements.items()) + "</xml>"


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
        "the receiveid is b'ww1'",
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
    "empty text": (lambda app: app.encrypted(plain(app, Content="")), "Content is empty", "Content 为空"),
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
