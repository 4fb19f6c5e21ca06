"""Passive replies of apps, shown on the phone of the member who is answered (page 90241, 2026-11)."""

from typing import TYPE_CHECKING, Any

from wecom_tollbooth.callbacks.replies.readers import Received, ReplyRefused, reply
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.world.context import Context

if TYPE_CHECKING:  # not needed before the first reply is read
    from xml.etree.ElementTree import Element

TEXT_BYTES = 2048


@reply("text")
def show_text(context: Context, received: Received, given: "Element") -> None:
    content = given.findtext("Content") or ""
    if not content:
        raise ReplyRefused("Content is empty", "Content 为空")
    _show(context, received, "text", {"content": cut(content, TEXT_BYTES)})


def _show(context: Context, received: Received, msgtype: str, content: dict[str, Any]) -> None:
    body = {"msgtype": msgtype, msgtype: content, "callback_id": received.callback_id}
    message_id = write_message(context, "passive_reply", str(received.agentid), body)
    show(context, message_id, [received.userid])


def cut(text: str, most: int) -> str:
    """The beginning of the text, at most so many bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")
