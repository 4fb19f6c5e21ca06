"""Members press cards: which event the app gets, and what can't be pressed."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.app_messages.cards import BUTTONS, NOTICE, SELECTS, TASK, VOTE, app_with_address
from tests.families.app_messages.sending import last_on, sent
from tests.families.factories import act, act_error

PRESS = "member_presses_card_button"
MENU = {"action_list": [{"text": "接受推送", "key": "A"}, {"text": "不再推送", "key": "B"}]}


@pytest.fixture
def app(corp: Corp) -> WeCom:
    return app_with_address(corp)


def press(app: WeCom, userid: str = "lisi", /, **fields: Any) -> dict[str, Any]:
    """The member presses the last card on the phone."""
    return act(app.corp, PRESS, userid=userid, id=last_on(app.corp, userid)["id"], **fields)


def press_error(app: WeCom, userid: str = "lisi", /, **fields: Any) -> str:
    error = act_error(app.corp, PRESS, userid=userid, id=last_on(app.corp, userid)["id"], **fields)
    return error.removeprefix(f"{PRESS}: ")


def event_of(app: WeCom, made: dict[str, Any]) -> str:
    """The XML of the one event that the act raised, to this app."""
    (callback,) = app.corp.sim("callbacks", agentid=app.agentid)["callbacks"][-1:]
    assert [callback["id"]] == made["callbacks"]
    return str(callback["xml"])


def test_a_button_raises_template_card_event_with_a_new_response_code(app: WeCom) -> None:
    code = sent(app, "template_card", BUTTONS)["response_code"]
    made = press(app, button_key="yes")
    assert made["response_code"] != code
    assert event_of(app, made).endswith(
        "<Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[yes]]></EventKey>"
        "<TaskId><![CDATA[approve@1]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>"
        f"<ResponseCode><![CDATA[{made['response_code']}]]></ResponseCode><AgentID>{app.agentid}</AgentID>"
        "<SelectedItems><SelectedItem><QuestionKey><![CDATA[score]]></QuestionKey>"
        "<OptionIds><OptionId><![CDATA[green]]></OptionId></OptionIds></SelectedItem></SelectedItems></xml>"
    )


def test_a_card_without_questions_has_no_selected_items(app: WeCom) -> None:
    sent(app, "template_card", {**BUTTONS, "button_selection": None})
    assert "SelectedItems" not in event_of(app, press(app, button_key="no"))


def test_a_vote_submits_what_is_checked_or_chosen(app: WeCom) -> None:
    sent(app, "template_card", VOTE)
    assert event_of(app, press(app)).count("<OptionId>") == 1
    xml = event_of(app, press(app, selected={"tea": ["black", "green"]}))
    assert "<EventKey><![CDATA[submit]]></EventKey>" in xml
    assert (
        "<OptionIds><OptionId><![CDATA[black]]></OptionId><OptionId><![CDATA[green]]></OptionId></OptionIds>"
    ) in xml


def test_lists_submit_their_default_where_nothing_is_chosen(app: WeCom) -> None:
    sent(app, "template_card", SELECTS)
    xml = event_of(app, press(app, selected={"q2": ["black"]}))
    assert xml.index("q1") < xml.index("q2")
    assert xml.count("<OptionId><![CDATA[black]]></OptionId>") == 2
    assert "<OptionId><![CDATA[green]]></OptionId>" in event_of(app, press(app))


@pytest.mark.parametrize("card", [{**NOTICE, "task_id": "n-1"}, {**BUTTONS}])
def test_the_menu_raises_template_card_menu_event(app: WeCom, card: dict[str, Any]) -> None:
    sent(app, "template_card", {**card, "action_menu": MENU})
    made = press(app, menu_key="B")
    xml = event_of(app, made)
    assert "<Event><![CDATA[template_card_menu_event]]></Event><EventKey><![CDATA[B]]></EventKey>" in xml
    assert f"<CardType><![CDATA[{card['card_type']}]]></CardType>" in xml
    assert "SelectedItems" not in xml


def test_an_older_task_card_raises_taskcard_click(app: WeCom) -> None:
    sent(app, "interactive_taskcard", TASK)
    made = press(app, button_key="no")
    assert "response_code" not in made
    assert event_of(app, made).endswith(
        "<Event><![CDATA[taskcard_click]]></Event><EventKey><![CDATA[no]]></EventKey>"
        f"<TaskId><![CDATA[gift@1]]></TaskId><AgentId>{app.agentid}</AgentId></xml>"
    )


@pytest.mark.parametrize(
    ("card", "fields", "why"),
    [
        (BUTTONS, {}, "button_key None is not one of yes, no"),
        (BUTTONS, {"button_key": "maybe"}, "button_key 'maybe' is not one of yes, no"),
        (BUTTONS, {"menu_key": "A"}, "menu_key 'A' is not one of none"),
        (NOTICE, {"button_key": "yes"}, "button_key 'yes' is not one of none"),
        (BUTTONS, {"button_key": "yes", "selected": {"tea": ["green"]}}, "the card has no question tea"),
        (BUTTONS, {"button_key": "yes", "selected": {"score": ["a"]}}, "a: not an option of score"),
        (SELECTS, {"selected": {"q1": ["green", "black"]}}, "q1 takes one option"),
    ],
)
def test_what_the_card_does_not_have_cannot_be_pressed(
    app: WeCom, card: dict[str, Any], fields: dict[str, Any], why: str
) -> None:
    sent(app, "template_card", card)
    assert press_error(app, **fields) == why


def test_only_cards_that_are_there_can_be_pressed(app: WeCom) -> None:
    sent(app, touser="zhangsan")
    assert press_error(app, "zhangsan") == "this is no card but text"
    msgid = sent(app, "template_card", VOTE)["msgid"]
    item = last_on(app.corp)["id"]
    assert act_error(app.corp, PRESS, userid="zhangsan", id=item).endswith(f"has no item {item}")
    assert app.post("message/recall", msgid=msgid)["errcode"] == 0
    assert press_error(app) == f"item {item} was recalled"


def test_a_card_can_be_named_by_its_msgid(app: WeCom) -> None:
    reply = sent(app, "template_card", VOTE)
    sent(app)
    made = act(app.corp, PRESS, userid="lisi", msgid=reply["msgid"])
    update = {"agentid": app.agentid, "response_code": reply["response_code"], "atall": 1}
    assert app.post("message/update_template_card", {**update, "template_card": BUTTONS})["errcode"] == 0
    assert act(app.corp, PRESS, userid="lisi", msgid=reply["msgid"], button_key="no")["task_id"] == "vote-1"
    assert made["event_key"] == "submit"
    for fields, why in (
        ({"msgid": "none"}, "no app of this corp has sent the message none"),
        ({}, "give id, that of an item on the phone, or msgid"),
        ({"id": 1, "msgid": "none"}, "give id, that of an item on the phone, or msgid"),
    ):
        assert act_error(app.corp, PRESS, userid="lisi", **fields) == f"{PRESS}: {why}"
