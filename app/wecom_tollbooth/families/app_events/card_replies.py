"""Passive replies that change the card that a member pressed, for that member alone (page 90241, 2026-11)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wecom_tollbooth.callbacks.events.cards import TaskcardClick
from wecom_tollbooth.callbacks.replies.readers import Received, ReplyRefused, refused_with, reply
from wecom_tollbooth.families.app_events.replies import needed
from wecom_tollbooth.families.app_messages.cards.response_codes import card_of
from wecom_tollbooth.families.app_messages.cards.rules import checked_card
from wecom_tollbooth.families.app_messages.cards.shapes import TemplateCardGiven
from wecom_tollbooth.families.app_messages.cards.task_cards import task_card, with_replaced_buttons
from wecom_tollbooth.families.app_messages.cards.update import (
    refuse_without_buttons,
    with_card,
    with_grey_buttons,
)
from wecom_tollbooth.families.app_messages.cards.versions import Body, change, holders
from wecom_tollbooth.gateway.errcodes import Refusal
from wecom_tollbooth.gateway.shapes import read
from wecom_tollbooth.world.context import Context

if TYPE_CHECKING:  # not needed before the first reply is read
    from xml.etree.ElementTree import Element

MENU_ENTRIES = 10
"""The page of message/send allows three."""
LISTS = {
    "ActionList",
    "ButtonList",
    "HorizontalContentList",
    "JumpList",
    "OptionList",
    "SelectList",
    "VerticalContentList",
}
"""Elements that occur once for each entry of a list."""
NAMES = {
    "AppId": "appid",
    "Appid": "appid",
    "CheckBox": "checkbox",
    "KeyName": "keyname",
    "PagePath": "pagepath",
    "UserId": "userid",
}
"""Those whose name in JSON isn't the same in snake case."""


@reply("update_button")
def grey_the_buttons(context: Context, received: Received, given: "Element") -> None:
    name = needed(given, "Button/ReplaceName")
    message_id = _pressed_card(context, received)
    try:
        refuse_without_buttons(context, message_id)
    except Refusal as refusal:
        raise _not_allowed(refusal) from None
    _change(context, received, message_id, lambda shown: with_grey_buttons(shown, name))


@reply("update_template_card")
def show_another_card(context: Context, received: Received, given: "Element") -> None:
    message_id = _pressed_card(context, received)
    element = given.find("TemplateCard")
    if element is None:
        raise ReplyRefused("TemplateCard is absent", "缺少 TemplateCard")
    try:
        shape = read(TemplateCardGiven, _as_json(element), lambda: None)
        given_card = shape.model_dump(exclude_none=True)
        card = checked_card(context, given_card, update=True, menu_entries=MENU_ENTRIES)
    except Refusal as refusal:
        raise _not_allowed(refusal) from None
    _change(context, received, message_id, lambda shown: with_card(shown, card))


@reply("update_taskcard")
def replace_the_buttons(context: Context, received: Received, given: "Element") -> None:
    """The older form, gone from the page."""
    name = needed(given, "TaskCard/ReplaceName")
    if received.event is not TaskcardClick:
        raise ReplyRefused(
            f"update_taskcard answers taskcard_click, not {received.event.label()}",
            f"update_taskcard 只能回复 taskcard_click，不能回复 {received.event.label()}",
        )
    try:
        message_id, _ = task_card(context, received.fields["TaskId"])
    except Refusal as refusal:
        raise _not_allowed(refusal) from None
    _change(context, received, message_id, lambda shown: with_replaced_buttons(shown, name))


def _pressed_card(context: Context, received: Received) -> int:
    """The template card whose event is answered. Its response_code stays valid for a call."""
    code = received.fields.get("ResponseCode")
    message_id = card_of(context, code) if code else None
    if message_id is None:
        raise ReplyRefused(
            f"a card is changed in answer to what a member presses on it, not to {received.event.label()}",
            f"只有在回复成员点击卡片的事件时才能更新卡片，不能回复 {received.event.label()}",
        )
    return message_id


def _change(context: Context, received: Received, message_id: int, new_body: Callable[[Body], Body]) -> None:
    having = holders(context, message_id, [received.userid])
    if not having:
        raise ReplyRefused("the card was recalled", "卡片已被撤回")
    change(context, message_id, having, new_body)


def _not_allowed(refusal: Refusal) -> ReplyRefused:
    return refused_with(refusal.errcode, refusal.detail or refusal.errmsg)


def _as_json(element: "Element") -> dict[str, Any]:
    """The card as message/send takes it."""
    found: dict[str, Any] = {}
    for one in element:
        value = _as_json(one) if len(one) else one.text or ""
        name = NAMES.get(one.tag) or re.sub(r"(?<!^)(?=[A-Z])", "_", one.tag).lower()
        if one.tag in LISTS:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found
