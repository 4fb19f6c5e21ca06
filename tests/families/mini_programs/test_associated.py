"""Mini-programs that are, or aren't, associated with the corp."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.app_messages.cards import NOTICE, VOTE, app_with_address
from tests.families.factories import act, act_error

E = "externalcontact/"
OWN, OTHER = "wx8bd80126147dfAAA", "wx0000000000000000"
APP = {"title": "点单", "pic_media_id": "MEDIA", "page": "/order"}
NEWS = {"title": "新茶", "pagepath": "/order"}
CARD = {**NOTICE, "card_action": {"type": 2, "pagepath": "/order"}}


def message(appid: str) -> dict[str, Any]:
    return {"attachments": [{"msgtype": "miniprogram", "miniprogram": {**APP, "appid": appid}}]}


def conclusions(appid: str) -> dict[str, Any]:
    return {"conclusions": {"miniprogram": {**APP, "appid": appid}}}


class Calls:
    """Each kind of call that names a mini-program."""

    def __init__(self, corp: Corp) -> None:
        self.corp, self.wecom = corp, app_with_address(corp)
        self.temporary = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
        self.template = self.ok(E + "group_welcome_template/add", text={"content": "你好"})["template_id"]
        self.way = self.ok(E + "add_contact_way", **self.temporary)["config_id"]

    def ok(self, operation: str, **fields: Any) -> dict[str, Any]:
        reply = self.wecom.post(operation, **fields)
        assert reply["errcode"] == 0, reply
        return reply

    def to_members(self, msgtype: str, part: dict[str, Any]) -> dict[str, Any]:
        to = {"touser": "zhangsan", "agentid": self.wecom.agentid, "msgtype": msgtype, msgtype: part}
        return self.wecom.post("message/send", to)

    def all(self, appid: str) -> dict[str, int]:
        """The errcode of each."""
        post = self.wecom.post
        code = act(self.corp, "member_adds_customer", userid="zhangsan")["welcome_code"]
        program = {"miniprogram": {**APP, "appid": appid}}
        button = {"type": "view_miniprogram", "name": "点单", "pagepath": "/order", "appid": appid}
        action = {**CARD["card_action"], "appid": appid}
        pressed = self.to_members("template_card", VOTE | {"task_id": f"vote-{appid}-{code}"[:60]})
        replies = {
            "mass": post(E + "add_msg_template", sender="zhangsan", **message(appid)),
            "welcome": self.corp.client().post(E + "send_welcome_msg", welcome_code=code, **message(appid)),
            "group welcome": post(E + "group_welcome_template/add", program),
            "edited": post(E + "group_welcome_template/edit", template_id=self.template, **program),
            "way": post(E + "add_contact_way", {**self.temporary, **conclusions(appid)}),
            "changed way": post(E + "update_contact_way", config_id=self.way, **conclusions(appid)),
            "menu": post("menu/create", button=[button]),
            "news": self.to_members("news", {"articles": [{**NEWS, "appid": appid}]}),
            "notice": self.to_members("miniprogram_notice", {"appid": appid, "title": "新订单来了"}),
            "card": self.to_members("template_card", {**CARD, "card_action": action}),
            "update": post(
                "message/update_template_card",
                agentid=self.wecom.agentid,
                response_code=pressed["response_code"],
                atall=1,
                template_card={**CARD, "card_action": action},
            ),
        }
        return {name: reply["errcode"] for name, reply in replies.items()}


@pytest.fixture
def calls(corp: Corp) -> Calls:
    return Calls(corp)


def test_only_associated_mini_programs_are_sent_once_there_are_any(calls: Calls) -> None:
    act(calls.corp, "admin_links_mini_program", appid="wx1")  # of the link in the card
    act(calls.corp, "admin_links_mini_program", appid=OWN)
    assert set(calls.all(OTHER).values()) == {90206}
    assert set(calls.all(OWN).values()) == {0}


def test_without_any_every_appid_counts(corp: Corp, wecom: WeCom) -> None:
    text = {"sender": "zhangsan", **message(OTHER)}
    assert wecom.post(E + "add_msg_template", text)["errcode"] == 0
    act(corp, "admin_links_mini_program", appid=OWN)
    assert wecom.post(E + "add_msg_template", text)["errcode"] == 90206
    assert "is not associated" in act_error(corp, "admin_unlinks_mini_program", appid=OTHER)
    act(corp, "admin_unlinks_mini_program", appid=OWN)
    assert wecom.post(E + "add_msg_template", text)["errcode"] == 0


def test_other_mini_programs_of_a_member_are_ignored(corp: Corp) -> None:
    act(corp, "admin_links_mini_program", appid=OWN)
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    rows = [
        {"type": 2, "name": name, "miniprogram": {"appid": appid, "pagepath": "/order", "title": "点单"}}
        for name, appid in (("自己的", OWN), ("别人的", OTHER))
    ]
    given = {"userid": "zhangsan", "external_profile": {"external_attr": rows}}
    assert sync.post("user/update", given)["errcode"] == 0
    shown = corp.client().get("user/get", userid="zhangsan")["external_profile"]
    assert shown["external_attr"] == rows[:1]
