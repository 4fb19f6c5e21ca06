"""Passive replies that change the card which a member pressed, on that member's phone alone."""

import re
from typing import Any

import pytest

from tests.callbacks.steps import act
from tests.families.app_events.steps import plain, write
from tests.families.app_events.wechatpy_app import WechatpyApp
from tests.families.app_messages.cards import BUTTONS, NEWS, NOTICE, SELECTS, TASK, VOTE
from tests.families.app_messages.sending import last_on, sent

MENU = {
    "desc": "更多",
    "action_list": [{"text": f"操作{number}", "key": str(number)} for number in range(10)],
}
XML_NAMES = {
    "keyname": "KeyName",
    "userid": "UserId",
    "appid": "AppId",
    "pagepath": "PagePath",
    "checkbox": "CheckBox",
}


def as_xml(value: Any, name: str) -> str:
    """A card of message/send as the XML of a reply."""
    tag = XML_NAMES.get(name) or "".join(part.capitalize() for part in name.split("_"))
    if isinstance(value, list):
        return "".join(as_xml(one, name) for one in value)
    if isinstance(value, dict):
        return f"<{tag}>" + "".join(as_xml(one, key) for key, one in value.items()) + f"</{tag}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{tag}><![CDATA[{text}]]></{tag}>"


def send_card(app: WechatpyApp, card: dict[str, Any], msgtype: str = "template_card") -> None:
    sent(app.corp.client(app.app), msgtype, card, touser="zhangsan|lisi")


def card_on(app: WechatpyApp, userid: str = "zhangsan") -> dict[str, Any]:
    return last_on(app.corp, userid)


def reply_of(app: WechatpyApp, msgtype: str, inner: str) -> bytes:
    """An encrypted reply with these elements behind the common ones."""
    return app.encrypted(plain(app, MsgType=msgtype, Content="").replace("<Content></Content>", inner))


def press(app: WechatpyApp, inner: str, msgtype: str = "update_button", **fields: Any) -> Any:
    """The member presses the card, and the app replies; what became of the reply."""
    app.answers = lambda message: reply_of(app, msgtype, inner)
    act(app.corp, "member_presses_card_button", userid="zhangsan", id=card_on(app)["id"], **fields)
    return app.outcome()


GREY = "<Button><ReplaceName>已同意</ReplaceName></Button>"


def test_update_button_greys_the_buttons_of_the_member_who_pressed(app: WechatpyApp) -> None:
    send_card(app, BUTTONS)
    assert press(app, GREY, button_key="yes") == {"shown": True}
    assert card_on(app)["state"] == "updated"
    assert card_on(app)["body"]["template_card"]["replace_text"] == "已同意"
    assert "replace_text" not in card_on(app, "lisi")["body"]["template_card"]


@pytest.mark.parametrize("card", [NOTICE, NEWS, BUTTONS, VOTE, SELECTS], ids=lambda card: card["card_type"])
def test_update_template_card_shows_a_whole_new_card(app: WechatpyApp, card: dict[str, Any]) -> None:
    send_card(app, {**BUTTONS, "task_id": "old@1"})
    new = {**card, "task_id": "ignored", "replace_text": "已提交"}
    if "submit_button" not in card:
        new["action_menu"] = MENU
    outcome = press(app, as_xml(new, "template_card"), "update_template_card", button_key="yes")
    assert outcome == {"shown": True}
    shown = card_on(app)["body"]["template_card"]
    assert shown == {**new, "task_id": "old@1"}
    assert card_on(app, "lisi")["body"]["template_card"]["task_id"] == "old@1"
    assert "replace_text" not in card_on(app, "lisi")["body"]["template_card"]


def test_an_entry_of_the_menu_can_be_replied_to(app: WechatpyApp) -> None:
    send_card(app, {**BUTTONS, "action_menu": {"action_list": [{"text": "退订", "key": "off"}]}})
    assert press(app, GREY, menu_key="off") == {"shown": True}


def test_update_taskcard_replaces_the_buttons_of_the_older_card(app: WechatpyApp) -> None:
    send_card(app, TASK, "taskcard")
    inner = "<TaskCard><ReplaceName>已批准</ReplaceName></TaskCard>"
    assert press(app, inner, "update_taskcard", button_key="yes") == {"shown": True}
    assert card_on(app)["body"]["taskcard"]["replace_name"] == "已批准"
    assert "replace_name" not in card_on(app, "lisi")["body"]["taskcard"]


def test_the_response_code_still_serves_a_call_after_a_reply(app: WechatpyApp) -> None:
    send_card(app, BUTTONS)
    app.answers = lambda message: reply_of(app, "update_button", GREY)
    made = act(
        app.corp,
        "member_presses_card_button",
        userid="zhangsan",
        id=card_on(app)["id"],
        button_key="yes",
    )
    assert app.outcome() == {"shown": True}
    reply = app.corp.client(app.app).post(
        "message/update_template_card",
        agentid=app.agentid,
        response_code=made["response_code"],
        userids=["zhangsan"],
        button={"replace_name": "已完成"},
    )
    assert reply["errcode"] == 0, reply
    assert card_on(app)["body"]["template_card"]["replace_text"] == "已完成"


@pytest.mark.parametrize(
    ("card", "msgtype", "inner", "reason"),
    [
        (BUTTONS, "update_button", "", "Button.ReplaceName is absent or empty"),
        (
            {**NOTICE, "task_id": "n@1", "action_menu": {"action_list": [{"text": "退订", "key": "off"}]}},
            "update_button",
            GREY,
            "a card of the type text_notice has no buttons",
        ),
        (BUTTONS, "update_template_card", "", "TemplateCard is absent"),
        (
            BUTTONS,
            "update_template_card",
            "<TemplateCard><CardType>poster</CardType></TemplateCard>",
            "card_type 'poster' is not one of",
        ),
        (
            BUTTONS,
            "update_template_card",
            "<TemplateCard><CardType>text_notice</CardType></TemplateCard>",
            "template_card.main_title.title is required",
        ),
        (
            BUTTONS,
            "update_taskcard",
            "<TaskCard><ReplaceName>好</ReplaceName></TaskCard>",
            "update_taskcard answers taskcard_click, not template_card_",
        ),
    ],
)
def test_a_wrong_change_of_a_card_is_not_shown(
    app: WechatpyApp, card: dict[str, Any], msgtype: str, inner: str, reason: str
) -> None:
    send_card(app, card)
    pressed = {"button_key": "yes"} if card is BUTTONS else {"menu_key": "off"}
    outcome = press(app, inner, msgtype, **pressed)
    assert outcome["shown"] is False
    assert reason in outcome["reason_en"]
    assert not re.search(r"[a-z] [a-z]", outcome["reason_zh"].replace("card_", "")), "no English sentence"
    assert card_on(app)["state"] == "delivered"


def test_only_an_event_of_a_card_can_change_a_card(app: WechatpyApp) -> None:
    send_card(app, BUTTONS)
    app.answers = lambda message: reply_of(app, "update_button", GREY)
    write(app)
    assert app.outcome()["reason_en"] == (
        "a card is changed in answer to what a member presses on it, not to message text"
    )


def test_a_recalled_card_is_not_changed(app: WechatpyApp) -> None:
    wecom = app.corp.client(app.app)
    msgid = sent(wecom, "template_card", BUTTONS, touser="zhangsan")["msgid"]

    def answer(message: Any) -> bytes:
        assert wecom.post("message/recall", msgid=msgid)["errcode"] == 0
        return reply_of(app, "update_button", GREY)

    app.answers = answer
    act(app.corp, "member_presses_card_button", userid="zhangsan", id=card_on(app)["id"], button_key="yes")
    assert app.outcome()["reason_en"] == "the card was recalled"
