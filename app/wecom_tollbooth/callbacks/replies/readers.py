"""Passive replies (被动回复, page 90241): what a receiver answers to a message or event of a member.

Families declare what becomes of a kind of reply:

    @reply("text")
    def show_text(context: Context, received: Received, given: Element) -> None: ...
"""

import re
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
        return refused_with(errcode, detail)


def refused_with(errcode: int, detail: str) -> ReplyRefused:
    """The reply breaks a rule of the API. `detail` is English, mostly with the field before a colon."""
    field = re.match(r"[\w.\[\]]+(?=: )", detail)
    where = f"{field[0]} " if field else "内容"
    return ReplyRefused(detail, f"{where}不符合接口的规定，错误码 {int(errcode)}；详细说明见 reason_en")


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
