"""Members press what is on cards (page 90240, 2026-02)."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.cards import (
    OptionIds,
    SelectedItem,
    TaskcardClick,
    TemplateCardEvent,
    TemplateCardMenuEvent,
)
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.families.app_messages.cards.response_codes import issue
from wecom_tollbooth.families.app_messages.cards.rules import TASK_CARDS
from wecom_tollbooth.families.app_messages.cards.versions import (
    Body,
    body_of,
    sender_of,
    sent_as,
    versions_of,
)
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.phones.screens import RECALLED
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class MemberPressesCardButton(ActModel):
    userid: str
    id: int | None = None
    msgid: str | None = None
    button_key: str | None = Field(default=None, min_length=1)
    menu_key: str | None = Field(default=None, min_length=1)
    selected: dict[str, list[str]] = Field(default_factory=dict)


@act("member_presses_card_button")
def member_presses_card_button(act: Act, body: MemberPressesCardButton) -> dict[str, Any]:
    """成员点击手机上的卡片 / A member presses a card on the phone: template_card_event.

    The card is the item `id` of the phone, or the message `msgid`. `selected` is {question_key: [option
    ids]}; what it leaves out is submitted as the card has it. `menu_key` raises template_card_menu_event; on
    an older task card, a button raises taskcard_click.
    """
    userid = the_member(act, body.userid).userid
    shown = _the_item(act, userid, body)
    message_id = sent_as(act, shown)
    message = body_of(act, shown)
    app = the_app(act, sender_of(act, message_id))
    if not app.enabled:
        raise ActRefused(f"app {app.agentid} is disabled")
    pressed = {"agentid": app.agentid, "userid": userid}
    if message["msgtype"] in TASK_CARDS:
        card = message[message["msgtype"]]
        key = _pressed_button(card["btn"], body, card.get("replace_name"))
        event = TaskcardClick(FromUserName=userid, EventKey=key, TaskId=card["task_id"], AgentId=app.agentid)
        emit(act, event, agentid=app.agentid)
        return {**pressed, "task_id": card["task_id"], "event_key": key}
    if message["msgtype"] != "template_card":
        raise ActRefused(f"this is no card but {message['msgtype']}")
    card = message["template_card"]
    code = issue(act, message_id)
    about: dict[str, Any] = {
        "FromUserName": userid,
        "TaskId": card.get("task_id", ""),
        "CardType": card["card_type"],
        "ResponseCode": code,
        "AgentID": app.agentid,
    }
    if body.menu_key is not None:
        key = _picked_entry(card, body)
        emit(act, TemplateCardMenuEvent(EventKey=key, **about), agentid=app.agentid)
    else:
        key = _pressed_button(_buttons(card), body, card.get("replace_text"))
        items = _selected(card, body.selected)
        emit(act, TemplateCardEvent(EventKey=key, SelectedItems=items or None, **about), agentid=app.agentid)
    return {**pressed, "task_id": card.get("task_id", ""), "event_key": key, "response_code": code}


def _the_item(act: Act, userid: str, body: MemberPressesCardButton) -> int:
    """The phone message of the item. Raises ActRefused unless it is a message of an app, not recalled."""
    if (body.id is None) == (body.msgid is None):
        raise ActRefused("give id, that of an item on the phone, or msgid")
    message = (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id) & (
        PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id
    )
    which = (
        PHONE_ITEM.c.id == body.id
        if body.msgid is None
        else PHONE_ITEM.c.message_id.in_(versions_of(act, _sent_with(act, body.msgid)))
    )
    query = (
        sa.select(PHONE_ITEM.c.message_id, PHONE_ITEM.c.state, PHONE_MESSAGE.c.kind)
        .join(PHONE_MESSAGE, message)
        .where(PHONE_ITEM.c.corp_id == act.corp_id, PHONE_ITEM.c.person == userid, which)
    )
    row = act.db.execute(query).first()
    named = f"message {body.msgid}" if body.id is None else f"item {body.id}"
    if row is None:
        raise ActRefused(f"the phone of {userid} has no {named}")
    if row.kind != "app_message":
        raise ActRefused(f"{named} is a {row.kind}, not an app_message")
    if row.state == RECALLED:
        raise ActRefused(f"{named} was recalled")
    return int(row.message_id)


def _sent_with(act: Act, msgid: str) -> int:
    query = sa.select(APP_MESSAGE.c.message_id).where(
        APP_MESSAGE.c.corp_id == act.corp_id, APP_MESSAGE.c.msgid == msgid
    )
    found = act.db.execute(query).scalar()
    if found is None:
        raise ActRefused(f"no app of this corp has sent the message {msgid}")
    return int(found)


def _buttons(card: Body) -> list[Body]:
    """The buttons that call back; a card that is submitted has one."""
    if "submit_button" in card:
        return [card["submit_button"]]
    return [one for one in card.get("button_list", []) if one.get("type") != 1]


def _pressed_button(buttons: list[Body], body: MemberPressesCardButton, replaced: str | None) -> str:
    """The key of the button; without button_key, that of the only one."""
    if body.menu_key is not None:
        raise ActRefused("this card has no menu")
    if replaced:
        raise ActRefused(f"the buttons are grey and show {replaced!r}")
    keys = [one["key"] for one in buttons]
    if body.button_key is None and len(keys) == 1:
        return str(keys[0])
    if body.button_key is None or body.button_key not in keys:
        raise ActRefused(f"button_key {body.button_key!r} is not one of {', '.join(keys) or 'none'}")
    return body.button_key


def _picked_entry(card: Body, body: MemberPressesCardButton) -> str:
    keys = [one["key"] for one in card.get("action_menu", {}).get("action_list", [])]
    if body.menu_key is None or body.menu_key not in keys:
        raise ActRefused(f"menu_key {body.menu_key!r} is not one of {', '.join(keys) or 'none'}")
    return body.menu_key


def _selected(card: Body, chosen: dict[str, list[str]]) -> list[SelectedItem]:
    """What the member chose of each question, or what is chosen from the start."""
    questions = [card[name] for name in ("button_selection", "checkbox") if name in card]
    questions += card.get("select_list", [])
    unknown = set(chosen) - {one["question_key"] for one in questions}
    if unknown:
        raise ActRefused(f"the card has no question {', '.join(sorted(unknown))}")
    items = []
    for question in questions:
        ids = _options(question, chosen.get(question["question_key"]), question is card.get("checkbox"))
        items.append(SelectedItem(QuestionKey=question["question_key"], OptionIds=OptionIds(OptionId=ids)))
    return items


def _options(question: Body, chosen: list[str] | None, is_checkbox: bool) -> list[str]:
    key, ids = question["question_key"], [one["id"] for one in question["option_list"]]
    if chosen is None:
        if is_checkbox:
            return [one["id"] for one in question["option_list"] if one.get("is_checked")]
        first: str = question.get("selected_id") or ""
        return [first if first in ids else ids[0]]
    if question.get("disable"):
        raise ActRefused(f"nothing can be chosen in {key}")
    unknown = [one for one in chosen if one not in ids]
    if unknown:
        raise ActRefused(f"{', '.join(unknown)}: not an option of {key}")
    if len(chosen) > 1 and not (is_checkbox and question.get("mode") == 1):
        raise ActRefused(f"{key} takes one option")
    return chosen
