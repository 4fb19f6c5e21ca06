"""message/update_template_card and message/update_taskcard: codes, targets, and what phones then show."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import Corp, WeCom
from tests.families.app_messages.cards import (
    BUTTONS,
    NOTICE,
    SELECTS,
    TASK,
    VOTE,
    app_with_address,
    with_new_token,
)
from tests.families.app_messages.sending import advance, last_on, phone, sent
from tests.families.app_messages.test_presses import MENU, press, press_error
from tests.families.member_tags.tagging import tag_with
from wecom_tollbooth.families.app_messages.tables import CARD_VERSION

UPDATE, UPDATE_TASK = "message/update_template_card", "message/update_taskcard"
DONE = {"replace_name": "已处理"}


@pytest.fixture
def app(corp: Corp) -> WeCom:
    return app_with_address(corp)


def update(app: WeCom, code: str, **fields: Any) -> dict[str, Any]:
    return app.post(UPDATE, {"agentid": app.agentid, "response_code": code, **fields})


def card_on(corp: Corp, userid: str = "lisi") -> dict[str, Any]:
    return dict(last_on(corp, userid)["body"]["template_card"])


def test_a_grey_button_shows_its_new_name_and_cannot_be_pressed(corp: Corp, app: WeCom) -> None:
    reply = sent(app, "template_card", BUTTONS, touser="lisi|zhangsan")
    assert update(app, reply["response_code"], userids=["LISI"], button=DONE) == {
        "errcode": 0,
        "errmsg": "ok",
    }
    item = last_on(corp)
    assert (item["state"], item["body"]["msgid"]) == ("updated", reply["msgid"])
    assert item["body"]["template_card"] == {**BUTTONS, "replace_text": "已处理"}
    assert press_error(app, button_key="yes") == "the buttons are grey and show '已处理'"
    assert last_on(corp, "zhangsan")["state"] == "delivered"
    assert press(app, "zhangsan", button_key="yes")["event_key"] == "yes"


def test_a_new_card_takes_the_place_of_the_old_one_and_keeps_its_task_id(corp: Corp, app: WeCom) -> None:
    code = sent(app, "template_card", BUTTONS)["response_code"]
    vote = {**{name: VOTE[name] for name in VOTE if name != "task_id"}, "replace_text": "已提交"}
    assert update(app, code, atall=1, template_card=vote)["errcode"] == 0
    assert card_on(corp) == {**vote, "task_id": BUTTONS["task_id"]}
    assert len(phone(corp)) == 1


def test_each_press_gives_a_code_for_one_more_update(corp: Corp, app: WeCom) -> None:
    sent(app, "template_card", SELECTS)
    for name in ("第一次", "第二次", "第三次"):
        code = press(app)["response_code"]
        new = {**SELECTS, "main_title": {"title": name}}
        assert update(app, code, userids=["lisi"], template_card=new)["errcode"] == 0
        assert card_on(corp)["main_title"] == {"title": name}
    assert len(phone(corp)) == 1


def test_a_code_works_once(corp: Corp, app: WeCom) -> None:
    code = sent(app, "template_card", VOTE)["response_code"]
    assert update(app, code, button=DONE)["errcode"] == 82101
    assert update(app, code, userids=["nobody"], button=DONE)["errcode"] == 82102
    assert last_on(corp)["state"] == "delivered"
    assert update(app, code, userids=["lisi"], button=DONE)["errcode"] == 0
    assert update(app, code, userids=["lisi"], button=DONE)["errcode"] == 60140
    assert update(app, "unknown", userids=["lisi"], button=DONE)["errcode"] == 60140
    assert update(app, "", userids=["lisi"], button=DONE)["errcode"] == 60140


def test_a_code_works_for_72_hours(alone: Corp) -> None:
    corp, app = alone, app_with_address(alone)
    first = sent(app, "template_card", VOTE)["response_code"]
    advance(corp, 60)
    second = press(app)["response_code"]
    advance(corp, 72 * 3600 - 30)
    later = with_new_token(app)
    assert update(later, first, userids=["lisi"], button=DONE)["errcode"] == 60140
    assert update(later, second, userids=["lisi"], button=DONE)["errcode"] == 0


def test_only_the_app_that_sent_the_card_updates_it(corp: Corp, app: WeCom) -> None:
    code = sent(app, "template_card", VOTE)["response_code"]
    other = app_with_address(corp)
    assert update(other, code, atall=1, button=DONE)["errcode"] == 42015
    assert update(other, code, atall=1, button=DONE, agentid=app.agentid)["errcode"] == 301002
    assert update(app, code, atall=1, button=DONE, agentid=99)["errcode"] == 40056
    assert update(app, code, atall=1, button=DONE, agentid=None)["errcode"] == 41011
    assert update(app, code, atall=1, button=DONE)["errcode"] == 0


def test_members_who_did_not_get_the_card_are_named(corp: Corp, app: WeCom) -> None:
    code = sent(app, "template_card", VOTE, touser="lisi|wangwu")["response_code"]
    reply = update(app, code, userids=["LiSi", "ZhangSan", "Nobody"], button=DONE)
    assert reply["invaliduser"] == ["zhangsan", "nobody"]
    assert [last_on(corp, one)["state"] for one in ("lisi", "wangwu")] == ["updated", "delivered"]


def test_departments_are_targets_too(corp: Corp, app: WeCom) -> None:
    code = sent(app, "template_card", VOTE, touser="lisi|wangwu")["response_code"]
    assert update(app, code, partyids=[1], tagids=[9], button=DONE)["errcode"] == 0
    assert [last_on(corp, one)["state"] for one in ("lisi", "wangwu")] == ["updated", "updated"]


def test_member_tags_are_targets_too(corp: Corp, app: WeCom) -> None:
    tagid = tag_with(app, "wangwu")
    code = sent(app, "template_card", VOTE, touser="lisi|wangwu")["response_code"]
    assert update(app, code, tagids=[tagid, 99], button=DONE)["errcode"] == 0
    assert [last_on(corp, one)["state"] for one in ("lisi", "wangwu")] == ["delivered", "updated"]


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"userids": ["a"] * 1001, "button": DONE}, 40032),
        ({"partyids": [1] * 101, "button": DONE}, 82002),
        ({"tagids": [1] * 101, "button": DONE}, 82003),
        ({"atall": 1}, 42020),
        ({"atall": 1, "button": {"replace_name": ""}}, 42020),
        ({"atall": 1, "template_card": {"card_type": "none"}}, 42031),
        ({"atall": 1, "template_card": {"card_type": "vote_interaction"}}, 42033),
        ({"userids": ["zhangsan"], "button": DONE}, 82102),
    ],
)
def test_a_wrong_update_answers_its_code_and_leaves_the_code(
    corp: Corp, app: WeCom, fields: dict[str, Any], errcode: int
) -> None:
    code = sent(app, "template_card", VOTE)["response_code"]
    assert update(app, code, **fields)["errcode"] == errcode
    assert update(app, code, atall=1, button=DONE)["errcode"] == 0


def test_a_notice_has_no_buttons_to_make_grey(corp: Corp, app: WeCom) -> None:
    card = {**NOTICE, "task_id": "n-1", "action_menu": MENU}
    code = sent(app, "template_card", card)["response_code"]
    assert update(app, code, atall=1, button=DONE)["errcode"] == 40058
    assert update(app, code, atall=1, template_card=NOTICE)["errcode"] == 0


def test_recalled_cards_stay_recalled(corp: Corp, app: WeCom) -> None:
    reply = sent(app, "template_card", VOTE, touser="lisi|zhangsan")
    press_code = press(app)["response_code"]
    assert update(app, press_code, userids=["lisi"], button=DONE)["errcode"] == 0
    assert app.post("message/recall", msgid=reply["msgid"])["errcode"] == 0
    assert [last_on(corp, one)["state"] for one in ("lisi", "zhangsan")] == ["recalled", "recalled"]
    assert update(app, reply["response_code"], atall=1, button=DONE)["errcode"] == 82102


def test_names_take_the_place_of_ids_in_an_update(corp: Corp, app: WeCom) -> None:
    name = app.get("user/get", userid="lisi")["name"]
    code = sent(app, "template_card", VOTE)["response_code"]
    card = {**NOTICE, "sub_title_text": "$userName=lisi$"}
    assert update(app, code, atall=1, template_card=card, enable_id_trans=1)["errcode"] == 0
    assert card_on(corp)["sub_title_text"] == name


# --- older task cards ------------------------------------------------------------------------------------


def update_task(app: WeCom, **fields: Any) -> dict[str, Any]:
    body = {"userids": ["lisi"], "agentid": app.agentid, "task_id": TASK["task_id"], **fields}
    return app.post(UPDATE_TASK, body)


def test_a_task_card_shows_what_replaces_its_buttons(corp: Corp, app: WeCom) -> None:
    sent(app, "interactive_taskcard", TASK, touser="lisi|wangwu")
    reply = update_task(app, userids=["lisi", "zhangsan", "nobody"], replace_name="已收到")
    assert reply["invaliduser"] == ["zhangsan", "nobody"]
    item = last_on(corp)
    assert (item["state"], item["body"]["interactive_taskcard"]["replace_name"]) == ("updated", "已收到")
    assert press_error(app, button_key="yes") == "the buttons are grey and show '已收到'"
    assert last_on(corp, "wangwu")["state"] == "delivered"


@pytest.mark.parametrize(("key", "name"), [("yes", "已批准"), ("no", "驳回")])
def test_the_older_form_names_the_pressed_button(corp: Corp, app: WeCom, key: str, name: str) -> None:
    sent(app, "taskcard", TASK)
    assert update_task(app, clicked_key=key)["errcode"] == 0
    assert last_on(corp)["body"]["taskcard"]["replace_name"] == name


def test_what_a_task_card_refuses(corp: Corp, app: WeCom) -> None:
    sent(app, "taskcard", TASK)
    other = app_with_address(corp)
    assert update_task(app)["errcode"] == 42020
    assert update_task(app, clicked_key="maybe")["errcode"] == 42017
    assert update_task(app, task_id="none", replace_name="a")["errcode"] == 42016
    assert update_task(app, task_id="", replace_name="a")["errcode"] == 42016
    assert update_task(app, userids=["zhangsan"], replace_name="a")["errcode"] == 82102
    assert update_task(app, userids=["a"] * 1001, replace_name="a")["errcode"] == 40032
    assert update_task(app, agentid=None, replace_name="a")["errcode"] == 41011
    assert update_task(app, agentid=99, replace_name="a")["errcode"] == 40056
    assert update_task(app, agentid=other.agentid, replace_name="a")["errcode"] == 301002
    assert update_task(other, replace_name="a")["errcode"] == 42015
    assert last_on(corp)["state"] == "delivered"


def test_versions_that_nobody_sees_any_more_are_removed(corp: Corp, app: WeCom) -> None:
    sent(app, "template_card", SELECTS, touser="@all")
    for number in range(4):
        code = press(app)["response_code"]
        new = {**SELECTS, "main_title": {"title": f"第{number}次"}}
        assert update(app, code, userids=["lisi"], template_card=new)["errcode"] == 0
    code = press(app, "zhangsan")["response_code"]
    assert update(app, code, atall=1, button=DONE)["errcode"] == 0
    assert card_on(corp)["main_title"] == {"title": "第3次"}
    assert card_on(corp, "zhangsan")["main_title"] == SELECTS["main_title"]
    with corp.server.server.database.transaction() as tx:
        kept = tx.execute(sa.select(CARD_VERSION).where(CARD_VERSION.c.corp_id == corp.corpid)).all()
    assert len(kept) == 2
