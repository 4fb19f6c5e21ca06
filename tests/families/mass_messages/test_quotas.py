"""How many mass messages a customer or group may receive, by the clock."""

from typing import Any

import pytest

from tests.conftest import RunningServer, WeCom
from tests.families.factories import act, act_error, follow, insert, new_contact, new_member
from tests.families.mass_messages.messages import LIST, confirm, made, phone, results, tasks
from wecom_tollbooth.families.mass_messages.tables import MassReceived

DAY = 86_400
NOVEMBER = 1_793_462_400
"""2026-11-01 0:00 in Asia/Shanghai, a Sunday."""


class Shop:
    """A corp on a server whose clock stands; zhangsan and lisi both follow wmA."""

    def __init__(self, server: RunningServer) -> None:
        self.sim = server.sim
        self.corp = server.make_corp()
        for userid in ("zhangsan", "lisi"):
            new_member(self.corp, userid)
        follow(self.corp, new_contact(self.corp, "wmA"))
        follow(self.corp, "wmA", "lisi")

    @property
    def wecom(self) -> WeCom:
        """A caller with a token valid at the current clock."""
        return self.corp.client()

    def go_to(self, now: int) -> None:
        answer = self.sim.post("/clock", json={"set": now, "freeze": True})
        assert answer.status_code == 200, answer.text

    def send(self, sender: str = "zhangsan") -> int:
        """The status of wmA after a message from the sender."""
        wecom = self.wecom
        msgid = made(wecom, sender=sender)["msgid"]
        confirm(self.corp, msgid, sender)
        return results(wecom, msgid, sender)["wmA"]

    def received(self, count: int, day: int) -> None:
        insert(self.corp, MassReceived(corp_id=self.corp.corpid, receiver="wmA", day=day, count=count))


@pytest.fixture
def shop(start_server: Any) -> Shop:
    return Shop(start_server())


def test_a_month_allows_as_many_messages_as_it_has_days(shop: Shop) -> None:
    shop.received(9, NOVEMBER - DAY)
    shop.received(28, NOVEMBER)
    shop.go_to(NOVEMBER + 30 * DAY - 3 * 3600)
    assert [shop.send(), shop.send("lisi"), shop.send()] == [1, 1, 3]
    assert len(phone(shop.corp, "wmA")) == 2
    shop.go_to(NOVEMBER + 30 * DAY)
    assert shop.send() == 1


def test_the_corp_may_choose_seven_a_week_or_one_a_day(shop: Shop) -> None:
    monday = NOVEMBER + DAY
    act(shop.corp, "admin_sets_group_message_rule", rule="week")
    shop.received(7, monday - DAY)
    shop.received(6, monday)
    shop.go_to(monday + 7 * DAY - 3600)
    assert [shop.send(), shop.send()] == [1, 3]
    shop.go_to(monday + 7 * DAY)
    assert shop.send() == 1
    act(shop.corp, "admin_sets_group_message_rule", rule="day")
    assert shop.send() == 3
    shop.go_to(monday + 8 * DAY)
    assert [shop.send(), shop.send("lisi")] == [1, 3]
    act(shop.corp, "admin_sets_group_message_rule", rule="month")
    assert shop.send() == 1
    act_error(shop.corp, "admin_sets_group_message_rule", rule="year")


def test_a_group_has_a_quota_of_its_own(shop: Shop) -> None:
    corp = shop.corp
    shop.go_to(NOVEMBER)
    act(corp, "admin_sets_group_message_rule", rule="day")
    assert shop.send() == 1
    chat_id = act(corp, "member_creates_group", userid="zhangsan", people=["wmA"])["chat_id"]
    wecom = shop.wecom
    for status in (1, 3):
        msgid = made(wecom, chat_type="group", sender="zhangsan")["msgid"]
        confirm(corp, msgid)
        assert results(wecom, msgid) == {chat_id: status}
    assert len(phone(corp, "wmA")) == 2


def test_a_member_s_own_messages_count_and_are_listed_with_their_creator(shop: Shop) -> None:
    corp = shop.corp
    shop.go_to(NOVEMBER)
    act(corp, "admin_sets_group_message_rule", rule="day")
    own = {"userid": "zhangsan", "text": "新茶上市"}
    msgid = act(corp, "member_creates_group_message", **own, external_userids=["wmA"])["msgid"]
    wecom = shop.wecom
    assert tasks(wecom, msgid) == {"zhangsan": 2}
    assert results(wecom, msgid) == {"wmA": 1}
    assert shop.send("lisi") == 3
    chat_id = act(corp, "member_creates_group", userid="zhangsan", people=["wmA"])["chat_id"]
    to_group = act(corp, "member_creates_group_message", **own, chat_ids=[chat_id])["msgid"]
    assert results(wecom, to_group) == {chat_id: 1}
    asked = {"start_time": NOVEMBER, "end_time": NOVEMBER + DAY}
    (record,) = wecom.post(LIST, **asked, creator="zhangsan", filter_type=1)["group_msg_list"]
    assert (record["msgid"], record["create_type"], record["creator"]) == (msgid, 1, "zhangsan")
    for wrong in ({}, {"external_userids": ["wmA"], "chat_ids": [chat_id]}, {"external_userids": ["wmX"]}):
        act_error(corp, "member_creates_group_message", **own, **wrong)
    act_error(corp, "member_creates_group_message", **{**own, "userid": "lisi"}, chat_ids=[chat_id])
