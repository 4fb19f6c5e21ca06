"""Reading a passive reply: whom it answers, its signature and its encryption (pages 90238, 90241, 2026-11).

Imported when the first answer has something to read: it loads the ciphers.
"""

import logging
from typing import Any
from xml.etree.ElementTree import Element

from wecom_tollbooth.callbacks import crypto
from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.callbacks.events.event import MESSAGE, Doc
from wecom_tollbooth.callbacks.messages import Endpoint, Result
from wecom_tollbooth.callbacks.outbox import numbers_of_reply
from wecom_tollbooth.callbacks.replies.readers import READERS, Received, ReplyContext, ReplyRefused
from wecom_tollbooth.callbacks.replies.safe_xml import BrokenXml, parse
from wecom_tollbooth.db import StartOver, is_from_driver
from wecom_tollbooth.outgoing.answers import MAX_ANSWER_BYTES
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring

log = logging.getLogger("tollbooth.worker")

SECONDS = 5
"""A later reply is not shown, however long the server waits for answers."""
ENVELOPE = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")

CRYPTO_ZH = {
    -40010: "密文不是 base64",
    -40007: "无法解密：密文长度或填充不对，是否用了别的 EncodingAESKey？",
    -40008: "解密后的内容太短",
    -40005: "receiveid 不是本企业的 corpid",
    -40004: "应用的 EncodingAESKey 不是 43 个字母或数字",
}

Outcome = dict[str, Any]
"""{"shown": true} or {"shown": false, "reason_en": …, "reason_zh": …}"""


def read_reply(context: Context, endpoint: Endpoint, result: Result) -> Outcome | None:
    """Shows the reply to the member, or says why not; None for an answer that is no attempt at a reply."""
    received = _received(endpoint, result)
    if received is None or not (received.event.takes_reply or b"<Encrypt" in result.body):
        return None
    given = ReplyContext(context.settings, context.db, context.corp_id, context.now)
    given.agentid = endpoint.agentid
    given.block = numbers_of_reply(context.corp_id, result.message.id)
    try:
        _show(given, endpoint, result, received)
    except ReplyRefused as refused:
        return _not_shown(refused.reason)
    except Exception as failure:
        if isinstance(failure, StartOver) or is_from_driver(failure):
            raise
        log.exception("the reply to callback %d of %s was not read", result.message.id, context.corp_id)
        return _not_shown(
            Doc("the simulator failed to read it; its log has the error", "模拟器处理时出错，详见日志")
        )
    return {"shown": True}


def _not_shown(reason: Doc) -> Outcome:
    return {"shown": False, "reason_en": reason.en, "reason_zh": reason.zh}


def _received(endpoint: Endpoint, result: Result) -> Received | None:
    """What was sent; None for an event that no longer exists in this version."""
    fields = {element.tag: element.text or "" for element in parse(result.message.xml.encode())}
    kind = fields.get("MsgType", "")
    name = (fields.get("Event", ""), fields.get("ChangeType", "")) if kind == "event" else (MESSAGE, kind)
    event = EVENTS.find(*name)
    if event is None:
        return None
    return Received(result.message.id, endpoint.agentid, fields.get("FromUserName", ""), event, fields)


def _show(context: Context, endpoint: Endpoint, result: Result, received: Received) -> None:
    if not received.event.takes_reply:
        raise ReplyRefused(
            f"{received.event.label()} takes no passive reply", f"{received.event.label()} 不支持被动回复"
        )
    if result.duration_ms > SECONDS * 1000:
        took = f"{result.duration_ms / 1000:.1f}"
        raise ReplyRefused(
            f"it came after {took} s; a reply has {SECONDS} s",
            f"用时 {took} 秒；被动回复须在 {SECONDS} 秒内返回",
        )
    if len(result.body) >= MAX_ANSWER_BYTES:
        raise ReplyRefused(
            f"it is longer than {MAX_ANSWER_BYTES // 1024} KiB", f"超过 {MAX_ANSWER_BYTES // 1024} KiB"
        )
    given = _plain(endpoint, _parsed(result.body, "the answer", "应答"))
    if (given.findtext("ToUserName") or "").strip().lower() != received.userid.lower():
        raise ReplyRefused(
            f"ToUserName is {given.findtext('ToUserName')!r}, not the sender {received.userid!r}",
            f"ToUserName 是 {given.findtext('ToUserName')!r}，不是发送者 {received.userid!r}",
        )
    if (given.findtext("FromUserName") or "").strip() != context.corp_id:
        raise ReplyRefused(
            f"FromUserName is {given.findtext('FromUserName')!r}, not the corpid",
            f"FromUserName 是 {given.findtext('FromUserName')!r}，不是 corpid",
        )
    # No page has it, but SDKs send it, with 0 where they don't know the app.
    if (agentid := (given.findtext("AgentID") or "0").strip()) not in ("0", str(received.agentid)):
        raise ReplyRefused(
            f"AgentID is {agentid}: the message was for app {received.agentid}",
            f"AgentID 是 {agentid}，而消息是发给应用 {received.agentid} 的",
        )
    msgtype = (given.findtext("MsgType") or "").strip()
    if msgtype not in READERS:
        import_declaring("reply")
    if msgtype not in READERS:
        kinds = ", ".join(READERS)
        raise ReplyRefused(
            f"MsgType is {msgtype!r}, not one of {kinds}", f"MsgType 是 {msgtype!r}，不是 {kinds} 之一"
        )
    READERS[msgtype](context, received, given)


def _plain(endpoint: Endpoint, envelope: Element) -> Element:
    """The decrypted reply. Raises ReplyRefused for the first check that fails."""
    texts = {name: (envelope.findtext(name) or "").strip() for name in ENVELOPE}
    if not texts["Encrypt"] and envelope.find("MsgType") is not None:
        raise ReplyRefused(
            "it is not encrypted: it must be in Encrypt, with MsgSignature, TimeStamp and Nonce",
            "没有加密：应放在 Encrypt 中，并带上 MsgSignature、TimeStamp 和 Nonce",
        )
    for name, text in texts.items():
        if not text:
            raise ReplyRefused(f"{name} is missing", f"缺少 {name}")
    encrypted = texts["Encrypt"]
    signature = crypto.signature(endpoint.token, texts["TimeStamp"], texts["Nonce"], encrypted)
    if signature != texts["MsgSignature"]:
        raise ReplyRefused(
            "MsgSignature doesn't fit this app's Token and TimeStamp, Nonce, Encrypt; is it another app's?",
            "MsgSignature 与本应用的 Token、TimeStamp、Nonce 和 Encrypt 不符；是否属于别的应用？",
        )
    try:
        plain = crypto.decrypt(endpoint.encoding_aes_key, encrypted, endpoint.corp_id)
    except crypto.CryptoError as failure:
        raise ReplyRefused(str(failure), CRYPTO_ZH.get(failure.code, str(failure))) from None
    return _parsed(plain, "the decrypted reply", "解密后的内容")


def _parsed(content: bytes, what_en: str, what_zh: str) -> Element:
    try:
        return parse(content.strip())
    except BrokenXml as broken:
        raise ReplyRefused(f"{what_en} is not XML: {broken}", f"{what_zh}不是 XML：{broken}") from None
