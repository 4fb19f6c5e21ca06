"""Passive replies (被动回复, page 90241): what a receiver answers to a message or event of a member.

Families declare what becomes of a kind of reply:

    @reply("text")
    def show_text(context: Context, received: Received, given: Element) -> None: ...
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wecom_tollbooth.callbacks.events.event import Doc, Event
from wecom_tollbooth.world.context import Context

if TYPE_CHECKING:  # not needed before the first reply is read
    from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Received:
    """The callback that is replied to. `fields`: its elements that have no others in them."""

    callback_id: int
    agentid: int
    userid: str
    event: type[Event]
    fields: Mapping[str, str]


class ReplyRefused(Exception):
    """The reply is not shown; says why, one sentence in each language."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reason = Doc(en, zh)


class ReplyContext(Context):
    """The context in which a reply is read; `agentid` is the app's."""

    def refusal(self, errcode: int, detail: str) -> ReplyRefused:
        return ReplyRefused(detail, f"错误码 {int(errcode)}：{detail}")


Reader = Callable[[Context, Received, "Element"], None]
"""Checks the plain `<xml>` of a reply and shows it to the member. Raises ReplyRefused."""

READERS: dict[str, Reader] = {}
"""By the MsgType of the reply."""


def reply(msgtype: str) -> Callable[[Reader], Reader]:
    """Declares the reader of replies with this MsgType."""

    def declare(reader: Reader) -> Reader:
        if msgtype in READERS:
            raise ValueError(f"replies of the type {msgtype} are declared twice")
        READERS[msgtype] = reader
        return reader

    return declare
