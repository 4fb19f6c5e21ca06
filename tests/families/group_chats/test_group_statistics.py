"""群聊数据统计 counts what happened in customer groups, by owner and by day."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.families.factories import act, new_member
from wecom_tollbooth.families.group_chats import owners

BY_OWNER = "externalcontact/groupchat/statistic"
BY_DAY = "externalcontact/groupchat/statistic_group_by_day"
DAY = 86_400
NAMES = (
    "new_chat_cnt",
    "chat_total",
    "chat_has_msg",
    "new_member_cnt",
    "member_total",
    "member_has_msg",
    "msg_total",
)


@pytest.fixture
def noon(start_server: Any) -> RunningServer:
    """A server whose clock is set to noon in Shanghai."""
    server: RunningServer = start_server()
    server.sim.post("/clock", json={"set": "2026-03-10T12:00:00+08:00", "freeze": True})
    return server


@pytest.fixture
def corp(noon: RunningServer) -> Corp:
    corp = noon.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    return corp


def tomorrow(corp: Corp) -> int:
    """Advances the clock by a day; returns 0:00 of the day that just ended."""
    now = int(corp.server.sim.post("/clock", json={"advance_seconds": DAY}).json()["now"])
    return now - (now + 8 * 3600) % DAY - DAY


def figures(data: dict[str, int]) -> tuple[int, ...]:
    assert set(data) == set(NAMES)
    return tuple(data[name] for name in NAMES)


def by_day(corp: Corp, first: int, last: int, *owners: str) -> list[tuple[int, ...]]:
    reply = corp.client().post(
        BY_DAY, day_begin_time=first, day_end_time=last, owner_filter={"userid_list": list(owners)}
    )
    assert reply["errcode"] == 0, reply
    assert [item["stat_time"] for item in reply["items"]] == list(range(first, last + 1, DAY))
    return [figures(item["data"]) for item in reply["items"]]


def by_owner(corp: Corp, first: int, **fields: Any) -> dict[str, tuple[int, ...]]:
    reply = corp.client().post(BY_OWNER, day_begin_time=first, **fields)
    assert reply["errcode"] == 0, reply
    assert reply["total"] == reply["next_offset"] == len(reply["items"])
    return {item["owner"]: figures(item["data"]) for item in reply["items"]}


def test_statistics_count_three_days_of_two_owners(corp: Corp) -> None:
    chat_id = act(corp, "member_creates_group", userid="zhangsan", people=["lisi"])["chat_id"]
    guest = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    act(corp, "group_message", chat_id=chat_id, sender=guest, count=3)
    act(corp, "group_message", chat_id=chat_id, sender=guest)
    first = tomorrow(corp)
    act(corp, "group_message", chat_id=chat_id, sender="zhangsan", count=2)
    act(corp, "leave_group", chat_id=chat_id, people=[guest])
    other = act(corp, "member_creates_group", userid="lisi")["chat_id"]
    second = tomorrow(corp)
    act(corp, "change_group_owner", chat_id=chat_id, userid="lisi")
    act(corp, "dismiss_group", chat_id=other)
    act(corp, "join_group", chat_id=chat_id, external_userid=guest)
    third = tomorrow(corp)
    # new groups, groups, with messages; new people, people, who wrote; messages
    assert by_day(corp, first, third, "zhangsan") == [
        (1, 1, 1, 3, 3, 1, 4),
        (0, 1, 1, 0, 2, 1, 6),
        (0, 0, 0, 0, 0, 0, 0),
    ]
    assert by_day(corp, first, third, "lisi") == [
        (0, 0, 0, 0, 0, 0, 0),
        (1, 1, 0, 1, 1, 0, 0),
        (0, 1, 1, 1, 3, 2, 6),
    ]
    assert by_day(corp, second, second) == [(1, 2, 1, 1, 3, 1, 6)]
    assert by_owner(corp, first, day_end_time=second) == {
        "lisi": (1, 1, 0, 1, 1, 0, 0),
        "zhangsan": (1, 1, 1, 3, 2, 1, 6),
    }
    assert by_owner(corp, second) == {
        "lisi": (1, 1, 0, 1, 1, 0, 0),
        "zhangsan": (0, 1, 1, 0, 2, 1, 6),
    }
    assert by_owner(corp, third + 3600, owner_filter={"userid_list": ["zhangsan"]}) == {}


def test_owners_are_ordered_and_paged(corp: Corp) -> None:
    for userid, groups, guests in (("zhangsan", 1, 3), ("lisi", 2, 0), ("admin", 1, 0)):
        for _ in range(groups):
            chat_id = act(corp, "member_creates_group", userid=userid)["chat_id"]
        for _ in range(guests):
            act(corp, "join_group", chat_id=chat_id)
    day = tomorrow(corp)
    wecom = corp.client()

    def ordered(**fields: Any) -> list[str]:
        items = wecom.post(BY_OWNER, day_begin_time=day, **fields)["items"]
        return [item["owner"] for item in items]

    assert ordered() == ordered(order_by=1) == ordered(limit=0) == ["lisi", "admin", "zhangsan"]
    assert ordered(order_by=2, order_asc=1) == ["admin", "zhangsan", "lisi"]
    assert ordered(order_by=3) == ordered(order_by=4) == ["zhangsan", "lisi", "admin"]
    page = wecom.post(BY_OWNER, day_begin_time=day, offset=1, limit=1)
    assert (page["total"], page["next_offset"], len(page["items"])) == (3, 2, 1)
    last = wecom.post(BY_OWNER, day_begin_time=day, offset=2, limit=1)
    assert last["next_offset"] == last["total"] == 3


def test_owners_outside_the_visible_range_are_left_out(corp: Corp) -> None:
    for userid in ("zhangsan", "lisi"):
        act(corp, "member_creates_group", userid=userid)
    day = tomorrow(corp)
    wecom = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    items = wecom.post(BY_OWNER, day_begin_time=day)["items"]
    assert [item["owner"] for item in items] == ["lisi"]
    (item,) = wecom.post(BY_DAY, day_begin_time=day)["items"]
    assert item["data"]["chat_total"] == 1
    named = {"userid_list": ["zhangsan"]}
    for operation in (BY_OWNER, BY_DAY):
        assert wecom.post(operation, day_begin_time=day, owner_filter=named)["errcode"] == 60011


def test_owners_can_be_filtered_by_department(corp: Corp) -> None:
    act(corp, "member_creates_group", userid="lisi")
    day = tomorrow(corp)
    assert set(by_owner(corp, day, owner_filter={"partyid_list": [1]})) == {"lisi"}
    for operation in (BY_OWNER, BY_DAY):
        reply = corp.client().post(operation, day_begin_time=day, owner_filter={"partyid_list": [999]})
        assert reply["errcode"] == 60123


def test_an_owner_filter_is_required_if_too_many_members_are_visible(
    corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "MOST_UNNAMED", 1)
    day = tomorrow(corp)
    wecom = corp.client()
    for operation in (BY_OWNER, BY_DAY):
        assert wecom.post(operation, day_begin_time=day)["errcode"] == 81017
        named = {"userid_list": ["zhangsan"]}
        assert wecom.post(operation, day_begin_time=day, owner_filter=named)["errcode"] == 0


@pytest.mark.parametrize("operation", [BY_OWNER, BY_DAY])
def test_invalid_days_and_owners_are_refused(corp: Corp, operation: str) -> None:
    yesterday = tomorrow(corp)
    wecom = corp.client()
    for fields, errcode in (
        ({"day_begin_time": yesterday + DAY}, 600018),
        ({"day_begin_time": yesterday, "day_end_time": yesterday + DAY}, 600018),
        ({"day_begin_time": yesterday, "day_end_time": yesterday - DAY}, 600018),
        ({"day_begin_time": yesterday - 31 * DAY, "day_end_time": yesterday}, 600018),
        ({"day_begin_time": yesterday - 180 * DAY}, 600018),
        ({"day_begin_time": yesterday - 30 * DAY, "day_end_time": yesterday}, 0),
        ({"day_begin_time": yesterday - 179 * DAY, "day_end_time": 0}, 0),
        ({}, 600018),
        ({"day_begin_time": yesterday, "owner_filter": {"userid_list": ["nobody"]}}, 40003),
        ({"day_begin_time": yesterday, "owner_filter": {"userid_list": ["lisi"] * 101}}, 40058),
    ):
        assert wecom.post(operation, fields)["errcode"] == errcode, fields


def test_invalid_order_and_limit_are_refused(corp: Corp) -> None:
    yesterday = tomorrow(corp)
    wecom = corp.client()
    for name in ("order_by", "order_asc", "limit"):
        reply = wecom.post(BY_OWNER, {"day_begin_time": yesterday, name: 1001})
        assert (reply["errcode"], reply["errmsg"].split(",")[0]) == (40058, f"{name} invalid")
    reply = wecom.post(BY_OWNER, {"day_begin_time": yesterday, "order_by": 0})
    assert (reply["errcode"], reply["errmsg"].split(",")[0]) == (40058, "order_by invalid"), "as captured"


def test_the_education_industry_gets_counts_of_migrated_groups(start_server: Any) -> None:
    server = start_server(education_trade=True)
    server.sim.post("/clock", json={"set": "2026-03-10T12:00:00+08:00", "freeze": True})
    corp = server.make_corp(seed="demo")
    for owner, migrated in (("zhangsan", True), ("zhangsan", False), ("lisi", True)):
        act(corp, "member_creates_group", userid=owner, migrated=migrated)
    gone = act(corp, "member_creates_group", userid="lisi", migrated=True)["chat_id"]
    first = tomorrow(corp)
    act(corp, "dismiss_group", chat_id=gone)
    second = tomorrow(corp)
    days = {"day_begin_time": first, "day_end_time": second}
    by_days = corp.client().post(BY_DAY, days)["items"]
    assert [day["data"]["migrate_trainee_chat_cnt"] for day in by_days] == [3, 2]
    items = corp.client().post(BY_OWNER, day_begin_time=second)["items"]
    assert {one["owner"]: one["data"]["migrate_trainee_chat_cnt"] for one in items} == {
        "zhangsan": 1,
        "lisi": 1,
    }
