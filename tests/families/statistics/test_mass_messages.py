"""Mass messages in the statistics of members and of groups."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, follow, new_contact, new_member
from tests.families.mass_messages.messages import confirm, made

DAY = 86_400
CUSTOMERS = ("wmA", "wmB", "wmC")


@pytest.fixture
def wecom(start_server: Any) -> WeCom:
    """zhangsan follows three customers, lisi one; it is noon in Shanghai."""
    server = start_server()
    server.sim.post("/clock", json={"set": "2026-03-10T12:00:00+08:00", "freeze": True})
    corp: Corp = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    for number, customer in enumerate(CUSTOMERS, 1):
        follow(corp, new_contact(corp, customer), "zhangsan", seq=number)
    follow(corp, new_contact(corp, "wmD"), "lisi", seq=9)
    return corp.client()


def of_days(wecom: WeCom, *userids: str, days: int = 0) -> list[tuple[int, int]]:
    """chat_cnt and message_cnt of the last days and today."""
    now = wecom.corp.server.sim.get("/clock").json()["now"]
    reply = wecom.post(
        "externalcontact/get_user_behavior_data",
        userid=list(userids or ("zhangsan",)),
        start_time=now - days * DAY,
        end_time=now,
    )
    assert reply["errcode"] == 0, reply
    assert all("reply_percentage" not in day for day in reply["behavior_data"])
    return [(day["chat_cnt"], day["message_cnt"]) for day in reply["behavior_data"]]


def test_a_confirmed_mass_message_is_a_message_in_each_single_chat(wecom: WeCom) -> None:
    msgid = made(wecom, external_userid=list(CUSTOMERS), sender="zhangsan")["msgid"]
    assert of_days(wecom) == [(0, 0)], "nothing is sent before a member confirms"
    confirm(wecom.corp, msgid)
    assert of_days(wecom) == [(3, 3)]
    for customer in ("wmA", "wmA", "wmB"):
        act(wecom.corp, "member_sends_message", userid="zhangsan", external_userid=customer)
    assert of_days(wecom) == [(3, 6)], "a chat counts once a day"


def test_each_day_and_member_has_its_own(wecom: WeCom) -> None:
    corp = wecom.corp
    confirm(corp, made(wecom, external_userid=["wmA", "wmB"], sender="zhangsan")["msgid"])
    corp.server.sim.post("/clock", json={"advance_seconds": DAY})
    wecom = corp.client()
    of_lisi = made(wecom, external_userid=["wmD"], sender="lisi")["msgid"]
    confirm(corp, of_lisi, "lisi")
    act(corp, "member_sends_message", userid="zhangsan", external_userid="wmC")
    assert of_days(wecom, "zhangsan", days=1) == [(2, 2), (1, 1)]
    assert of_days(wecom, "zhangsan", "lisi", days=1) == [(2, 2), (2, 2)]


def test_what_did_not_arrive_does_not_count(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = made(wecom, external_userid=list(CUSTOMERS), sender="zhangsan")["msgid"]
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid="wmA")
    ignored = made(wecom, external_userid=["wmB"], sender="zhangsan")["msgid"]
    act(corp, "member_ignores_group_message", userid="zhangsan", msgid=ignored)
    confirm(corp, msgid)
    assert of_days(wecom) == [(2, 2)]


def test_a_mass_message_to_groups_is_a_message_of_the_owner_there(wecom: WeCom) -> None:
    corp = wecom.corp
    first, second = (act(corp, "member_creates_group", userid="zhangsan")["chat_id"] for _ in range(2))
    confirm(corp, made(wecom, chat_type="group", sender="zhangsan", chat_id_list=[first])["msgid"])
    assert of_days(wecom) == [(0, 0)], "groups are no single chats"
    corp.server.sim.post("/clock", json={"advance_seconds": DAY})
    yesterday = corp.server.sim.get("/clock").json()["now"] - DAY
    reply = corp.client().post("externalcontact/groupchat/statistic", day_begin_time=yesterday)
    (item,) = reply["items"]
    assert item["owner"] == "zhangsan"
    figures = {
        name: item["data"][name] for name in ("chat_total", "chat_has_msg", "msg_total", "member_has_msg")
    }
    assert figures == {"chat_total": 2, "chat_has_msg": 1, "msg_total": 1, "member_has_msg": 1}
    assert second != first
