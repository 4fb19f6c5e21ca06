"""联系客户统计 counts what happened, day by day."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.families.factories import act
from wecom_tollbooth.families.statistics.reply_times import Message, replies_of

DAY = 86_400
OPERATION = "externalcontact/get_user_behavior_data"


@pytest.fixture
def noon(start_server: Any) -> RunningServer:
    """A server whose clock is set to noon in Shanghai."""
    server: RunningServer = start_server()
    server.sim.post("/clock", json={"set": "2026-03-10T12:00:00+08:00", "freeze": True})
    return server


def advance(server: RunningServer, seconds: int) -> int:
    return int(server.sim.post("/clock", json={"advance_seconds": seconds}).json()["now"])


def test_each_day_is_counted_separately(noon: RunningServer) -> None:
    corp = noon.make_corp(seed="demo")
    first = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    second = act(corp, "customer_adds_member", userid="zhangsan")["external_userid"]
    act(corp, "customer_sends_message", userid="zhangsan", external_userid=first)
    advance(noon, 180)
    act(corp, "member_sends_message", userid="zhangsan", external_userid=first, count=2)
    act(corp, "customer_sends_message", userid="zhangsan", external_userid=second)
    now = advance(noon, DAY)
    act(corp, "member_sends_message", userid="zhangsan", external_userid=second)
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid=second)
    reply = corp.client().post(OPERATION, userid=["zhangsan"], start_time=now - DAY, end_time=now)
    yesterday, today = reply["behavior_data"]
    midnight = now - (now + 8 * 3600) % DAY
    assert yesterday == {
        "stat_time": midnight - DAY,
        "chat_cnt": 1,
        "message_cnt": 2,
        "reply_percentage": 50.0,
        "avg_reply_time": 3,
        "negative_feedback_cnt": 0,
        "new_apply_cnt": 1,
        "new_contact_cnt": 2,
    }
    assert today == {
        "stat_time": midnight,
        "chat_cnt": 1,
        "message_cnt": 1,
        "negative_feedback_cnt": 1,
        "new_apply_cnt": 0,
        "new_contact_cnt": 0,
    }


def test_several_members_are_summed_in_one_series(noon: RunningServer) -> None:
    corp = noon.make_corp(seed="demo")
    for userid in ("zhangsan", "lisi"):
        act(corp, "member_adds_customer", userid=userid)
    now = advance(noon, 0)
    reply = corp.client().post(OPERATION, partyid=[1], start_time=now, end_time=now)
    assert [day["new_contact_cnt"] for day in reply["behavior_data"]] == [2]
    reply = corp.client().post(OPERATION, userid=["zhangsan", "lisi"], start_time=now, end_time=now)
    assert [day["new_contact_cnt"] for day in reply["behavior_data"]] == [2]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"userid": None}, 40063),
        ({"userid": ["nobody"]}, 40003),
        ({"userid": None, "partyid": [999]}, 60123),
        ({"userid": ["zhangsan"] * 101}, 40058),
        ({"start_time": None}, 600018),
        ({"end_time": 0}, 600018),
    ],
)
def test_invalid_requests_are_refused(corp: Corp, body: dict[str, Any], errcode: int) -> None:
    now = corp.server.sim.get("/clock").json()["now"]
    whole = {"userid": ["zhangsan"], "start_time": now, "end_time": now, **body}
    reply = corp.client().post(OPERATION, whole)
    assert reply["errcode"] == errcode
    assert reply["behavior_data"] == []


def test_time_ranges_are_limited(corp: Corp) -> None:
    now = corp.server.sim.get("/clock").json()["now"]
    wecom = corp.client()

    def errcode(start: int, end: int) -> int:
        return int(wecom.post(OPERATION, userid=["lisi"], start_time=start, end_time=end)["errcode"])

    assert errcode(now - 30 * DAY, now) == 0
    assert errcode(now - 31 * DAY, now) == 600018
    assert errcode(now - 180 * DAY, now - 170 * DAY) == 0
    assert errcode(now - 181 * DAY, now - 170 * DAY) == 600018


def test_chats_started_by_the_member_do_not_count_for_replies() -> None:
    chat = ("zhangsan", "wm1")
    messages = [Message(chat, 0, False), Message(chat, 60, True), Message(chat, 120, False)]
    assert replies_of(messages).started == 0


def test_only_the_first_answer_counts() -> None:
    chat = ("zhangsan", "wm1")
    messages = [Message(chat, 0, True), Message(chat, 30, True), Message(chat, 90, False)]
    replies = replies_of([*messages, Message(chat, 9000, False)])
    assert (replies.percentage, replies.average_minutes) == (100.0, 1)


def test_members_out_of_the_visible_range_are_refused(corp: Corp) -> None:
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan"], "partyid": []}))
    now = corp.server.sim.get("/clock").json()["now"]
    span = {"start_time": now - 86_400, "end_time": now - 86_400}
    assert narrow.post(OPERATION, userid=["zhangsan"], **span)["errcode"] == 0
    assert narrow.post(OPERATION, userid=["lisi"], **span)["errcode"] == 60011
