"""Template cards and older task cards, as message/send takes them."""

import copy
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.app_messages.cards import BUTTONS, NEWS, NOTICE, SELECTS, TASK, VOTE, app_with_address
from tests.families.app_messages.sending import last_on, phone, send, sent

MENU: dict[str, Any] = {
    "desc": "更多",
    "action_list": [{"text": "接受推送", "key": "A"}, {"text": "不再推送", "key": "B"}],
}
TYPES = {card["card_type"]: card for card in (NOTICE, NEWS, BUTTONS, VOTE, SELECTS)}


@pytest.fixture
def pressed(corp: Corp) -> WeCom:
    """An app with a callback address."""
    return app_with_address(corp)


@pytest.mark.parametrize("card", TYPES.values(), ids=list(TYPES))
def test_a_card_of_each_type_is_on_the_phone_as_sent(
    corp: Corp, pressed: WeCom, card: dict[str, Any]
) -> None:
    reply = sent(pressed, "template_card", card)
    can_call_back = card["card_type"] not in ("text_notice", "news_notice")
    assert ("response_code" in reply) is can_call_back
    item = last_on(corp)
    assert item["body"] == {"msgtype": "template_card", "template_card": card, "msgid": reply["msgid"]}


@pytest.mark.parametrize("card", [NOTICE, NEWS])
def test_a_notice_with_a_menu_can_call_back_and_needs_a_task_id(
    corp: Corp, pressed: WeCom, card: dict[str, Any]
) -> None:
    assert send(pressed, "template_card", {**card, "action_menu": MENU})["errcode"] == 42014
    reply = sent(pressed, "template_card", {**card, "action_menu": MENU, "task_id": "t-1"})
    assert len(reply["response_code"]) == 43


def test_a_card_that_calls_back_needs_an_app_with_an_address(corp: Corp) -> None:
    wecom = corp.client(corp.new_app(kind="self_built"))
    assert send(wecom, "template_card", BUTTONS)["errcode"] == 43012
    assert send(wecom, "interactive_taskcard", TASK)["errcode"] == 43012
    assert send(wecom, "template_card", NOTICE)["errcode"] == 0


def test_a_task_id_is_new_in_the_app(corp: Corp, pressed: WeCom) -> None:
    sent(pressed, "template_card", BUTTONS)
    assert send(pressed, "template_card", {**VOTE, "task_id": BUTTONS["task_id"]})["errcode"] == 42014
    sent(app_with_address(corp), "template_card", BUTTONS)
    assert len(phone(corp)) == 2


def test_only_what_a_type_shows_is_kept(corp: Corp, pressed: WeCom) -> None:
    sent(pressed, "template_card", {**VOTE, "jump_list": [{"title": "看看"}] * 9, "replace_text": "已提交"})
    assert last_on(corp)["body"]["template_card"] == VOTE


def test_a_submit_button_without_text_says_submit(corp: Corp, pressed: WeCom) -> None:
    sent(pressed, "template_card", {**VOTE, "submit_button": {"key": "k"}})
    assert last_on(corp)["body"]["template_card"]["submit_button"] == {"text": "提交", "key": "k"}


@pytest.fixture(scope="module")
def refusing(server: RunningServer) -> WeCom:
    """As `pressed`; nothing is ever sent by it."""
    return app_with_address(server.make_corp(seed="demo"))


def changed(card: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The card with the value at a path such as "button_list.0.key"; None takes it away."""
    whole = copy.deepcopy(card)
    *steps, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    holder: Any = whole
    for step in steps:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return whole


@pytest.mark.parametrize(
    ("card", "path", "value", "errcode"),
    [
        (NOTICE, "card_type", "no_such", 42031),
        (NOTICE, "card_type", None, 42031),
        (NOTICE, "task_id", "含中文", 42014),
        (BUTTONS, "task_id", None, 42014),
        (BUTTONS, "task_id", "a" * 129, 42014),
        (NEWS, "main_title", None, 42033),
        (BUTTONS, "main_title.title", "", 42033),
        ({**NOTICE, "sub_title_text": ""}, "main_title.title", "", 42033),
        (NOTICE, "card_action", None, 42045),
        (NEWS, "card_action.type", 3, 42045),
        (BUTTONS, "card_action", {"type": 3}, 42045),
        (NOTICE, "card_action.url", None, 42028),
        (NOTICE, "card_action", {"type": 2}, 42030),
        (NOTICE, "quote_area", {"type": 1}, 42028),
        (NOTICE, "quote_area", {"type": 2}, 42030),
        (NOTICE, "horizontal_content_list", [{"keyname": "a"}] * 7, 42035),
        (NOTICE, "horizontal_content_list", [{"value": "a"}], 42027),
        (NOTICE, "horizontal_content_list", [{"keyname": "a", "type": 1}], 42028),
        (NOTICE, "horizontal_content_list", [{"keyname": "a", "type": 2}], 42029),
        (NOTICE, "horizontal_content_list", [{"keyname": "a", "type": 2, "media_id": "不是"}], 40007),
        (NOTICE, "horizontal_content_list", [{"keyname": "a", "type": 3}], 42050),
        (NOTICE, "horizontal_content_list", [{"keyname": "a", "type": 3, "userid": "nobody"}], 42050),
        (NOTICE, "jump_list", [{"title": "a"}] * 4, 42042),
        (NOTICE, "jump_list", [{"type": 1}], 42033),
        (NOTICE, "jump_list", [{"title": "a", "type": 1}], 42028),
        (NOTICE, "jump_list", [{"title": "a", "type": 2}], 42030),
        (NEWS, "vertical_content_list", [{"title": "a"}] * 5, 42036),
        (NEWS, "vertical_content_list", [{"desc": "a"}], 42033),
        (NEWS, "card_image", None, 42044),
        (NEWS, "card_image.url", "", 42044),
        (NEWS, "card_image.aspect_ratio", 2.26, 40058),
        (NEWS, "image_text_area", {"title": "a"}, 42044),
        (BUTTONS, "button_list", [], 40058),
        (BUTTONS, "button_list", [{"text": str(one), "key": str(one)} for one in range(7)], 40058),
        (BUTTONS, "button_list.0.text", "", 42038),
        (BUTTONS, "button_list.0.key", "", 42039),
        (BUTTONS, "button_list.0.key", "a" * 1025, 42039),
        (BUTTONS, "button_list.1.key", "yes", 42039),
        (BUTTONS, "button_list.0.type", 1, 42028),
        (BUTTONS, "button_selection.question_key", "", 42043),
        (BUTTONS, "button_selection.option_list", [], 42037),
        (BUTTONS, "button_selection.option_list.0.id", "a" * 129, 42040),
        (BUTTONS, "action_menu", {**MENU, "action_list": MENU["action_list"] * 2}, 40058),
        (BUTTONS, "action_menu", {"action_list": [{"text": "甲", "key": "A"}] * 2}, 42051),
        (BUTTONS, "action_menu", {"action_list": [{"text": "甲"}]}, 42039),
        (VOTE, "checkbox", None, 42043),
        (VOTE, "checkbox.option_list", [{"id": str(one), "text": "a"} for one in range(21)], 42037),
        (VOTE, "checkbox.option_list.0.id", "", 42040),
        (VOTE, "checkbox.option_list.0.text", "", 42041),
        (VOTE, "checkbox.option_list.1.id", "green", 42040),
        (VOTE, "submit_button", None, 42046),
        (SELECTS, "submit_button.key", "a" * 1025, 42046),
        (SELECTS, "select_list", [], 42047),
        (SELECTS, "select_list", [SELECTS["select_list"][0]] * 4, 42047),
        (SELECTS, "select_list", [SELECTS["select_list"][0]] * 2, 42043),
        (
            SELECTS,
            "select_list.0.option_list",
            [{"id": str(one), "text": "a"} for one in range(11)],
            42037,
        ),
    ],
)
def test_a_wrong_card_answers_the_code_of_its_field(
    refusing: WeCom, card: dict[str, Any], path: str, value: Any, errcode: int
) -> None:
    assert send(refusing, "template_card", changed(card, path, value))["errcode"] == errcode
    assert phone(refusing.corp) == []


def test_a_message_without_the_card_has_no_type(refusing: WeCom) -> None:
    assert send(refusing, "template_card", None)["errcode"] == 42031


@pytest.mark.parametrize("msgtype", ["interactive_taskcard", "taskcard"])
def test_an_older_task_card_is_shown(corp: Corp, pressed: WeCom, msgtype: str) -> None:
    sent(pressed, msgtype, TASK)
    assert last_on(corp)["body"][msgtype] == TASK
    assert send(pressed, msgtype, TASK)["errcode"] == 42014


@pytest.mark.parametrize(
    ("path", "value", "errcode"),
    [
        ("title", "", 41016),
        ("task_id", "", 42014),
        ("task_id", "含中文", 42014),
        ("btn", [], 40058),
        ("btn", [{"key": str(one), "name": "a"} for one in range(3)], 40058),
        ("btn.0.key", "", 42019),
        ("btn.0.key", "含中文", 42018),
        ("btn.0.name", "", 42020),
        ("url", "a" * 2049, 40058),
    ],
)
def test_a_wrong_task_card_answers_the_code_of_its_field(
    refusing: WeCom, path: str, value: Any, errcode: int
) -> None:
    assert send(refusing, "interactive_taskcard", changed(TASK, path, value))["errcode"] == errcode


def test_names_take_the_place_of_ids_in_a_card(corp: Corp, pressed: WeCom) -> None:
    name = pressed.get("user/get", userid="lisi")["name"]
    card = {**NOTICE, "sub_title_text": "$userName=lisi$", "source": {"desc": "$userName=lisi$"}}
    sent(pressed, "template_card", card, enable_id_trans=1)
    shown = last_on(corp)["body"]["template_card"]
    assert (shown["sub_title_text"], shown["source"]["desc"]) == (name, name)
