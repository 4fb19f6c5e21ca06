"""What a page sends: into the current chat, or to customers and groups (pages 100749, 93555, 93556)."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.client.functions.contents import attachments_of, message_of
from wecom_tollbooth.client.functions.registry import (
    Asks,
    Failed,
    Invocation,
    failed,
    function,
    part_of,
    text_of,
    texts,
)
from wecom_tollbooth.families.customers.acts import Message, member_sends_message
from wecom_tollbooth.families.group_chats.acts import GroupMessage, group_message
from wecom_tollbooth.families.group_chats.lookup import the_group
from wecom_tollbooth.families.group_chats.tables import GROUP_STAY
from wecom_tollbooth.families.mass_messages.own_messages import send_own
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.lifecycle import the_relation
from wecom_tollbooth.world.acts import ActRefused

OF_A_CHAT = frozenset({"single_chat_tools", "group_chat_tools", "chat_attachment"})
SHARED_BYTES = 4000
"""Of the text of a mass message (page 92135)."""


@function("sendChatMessage", identity="app", entries=OF_A_CHAT, of_customers=True)
def send_chat_message(call: Invocation) -> dict[str, Any]:
    """Sends into the chat from which the page was opened; it arrives on the phones of the others in it."""
    content = message_of(call)
    if call.cancelled:
        raise Failed("cancel")
    if call.webview.chat_id:
        _send_to_group(call, call.webview.chat_id, content)
    else:
        _send_to_customer(call, call.webview.external_userid or "", content)
    if call.params.get("enterChat") is True:
        call.then["enter_chat"] = True
    return {}


@function("shareToExternalContact", identity="app", of_customers=True)
def share_to_external_contact(call: Invocation) -> dict[str, Any]:
    """Opens the assistant for mass messages: the member chooses customers and sends."""
    content = _shared(call)
    customers = _chosen(call, "external_userids", texts(call.params.get("externalUserIds")), content)
    send_own(call.act, call.userid, content, customers=customers, groups=[])
    return {}


@function("shareToExternalChat", identity="app", of_customers=True)
def share_to_external_chat(call: Invocation) -> dict[str, Any]:
    """The same to groups that the member owns."""
    content = _shared(call)
    groups = _chosen(call, "chat_ids", texts(call.params.get("chatIds")), content)
    send_own(call.act, call.userid, content, customers=[], groups=groups)
    return {}


def _chosen(call: Invocation, what: str, named: list[str], content: dict[str, Any]) -> list[str]:
    """Whom the member chose. Raises Asks before the choice, Failed after a cancel."""
    if call.cancelled:
        raise Failed("cancel")
    if call.choice is None:
        raise Asks({"choose": what, "named": named, "content": content})
    chosen = call.choice.get(what) or []
    if not chosen:
        raise Failed("cancel")
    return chosen


def _shared(call: Invocation) -> dict[str, Any]:
    """The message as mass messages keep it. `title`, `desc`, `link` and `imgUrl` are its older form."""
    params = call.params
    content: dict[str, Any] = {}
    text = text_of(part_of(params, "text"), "content")
    if len(text.encode()) > SHARED_BYTES:
        raise failed(f"text.content 超过 {SHARED_BYTES} 字节", f"text.content is over {SHARED_BYTES} bytes")
    if text:
        content["text"] = {"content": text}
    given = params.get("attachments")
    if given is None and text_of(params, "link"):
        older = {"title": params.get("title"), "desc": params.get("desc"), "url": params.get("link")}
        given = [{"msgtype": "link", "link": {**older, "imgUrl": params.get("imgUrl")}}]
    attachments = attachments_of(call, given)
    if attachments:
        content["attachments"] = attachments
    if not content:
        raise failed("text 与 attachments 都为空", "text and attachments are both empty")
    return content


def _send_to_customer(call: Invocation, external_userid: str, content: dict[str, Any]) -> None:
    text = content.get("text", {}).get("content", "")[:200]
    relation = the_relation(call.act, call.userid, external_userid)
    if relation.deleted_by_customer_at is not None:
        call.note(
            f"{external_userid} 已删除成员，消息不会送达",
            f"{external_userid} has deleted the member: nothing arrives",
        )
        return
    member_sends_message(call.act, Message(userid=call.userid, external_userid=external_userid, text=text))
    show(call.act, write_message(call.act, "chat_message", call.userid, content), [external_userid])


def _send_to_group(call: Invocation, chat_id: str, content: dict[str, Any]) -> None:
    act = call.act
    chat = the_group(act, chat_id)
    others = sa.select(GROUP_STAY.c.person_id).where(
        GROUP_STAY.c.corp_id == act.corp_id,
        GROUP_STAY.c.chat_id == chat_id,
        GROUP_STAY.c.left_at.is_(None),
        GROUP_STAY.c.person_id != call.userid,
    )
    people = [row.person_id for row in act.db.execute(others)]
    if not people:
        raise ActRefused(f"nobody else is in the group {chat_id}")
    group_message(act, GroupMessage(chat_id=chat_id, sender=call.userid))
    body = {"chat_id": chat_id, "chat_name": chat.name, **content}
    show(act, write_message(act, "chat_message", call.userid, body), people)
