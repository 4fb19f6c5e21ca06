"""用户跟进: records, their logs and changes, statistics, batches and visible range."""

import json
from typing import Any

import pytest

from tests.conftest import Corp
from tests.families.follow_ups.records import FollowUps


def test_a_new_record_starts_in_the_first_stage_with_the_members_remark_as_title(ups: FollowUps) -> None:
    pair = ups.pair()
    detail = ups.wecom.get("externalcontact/get", external_userid=pair["external_userid"])
    remark = next(one["remark"] for one in detail["follow_user"] if one["userid"] == pair["userid"])
    record = ups.get(ups.ok("add", **pair)["follow_up_id"])
    assert record["title"] == remark
    assert (record["stage_id"], record["version"], record["next_time"]) == ("untouched", 1, 0)
    assert record["creator"] == f"agent:{ups.wecom.agentid}"


def test_a_record_keeps_the_given_values(ups: FollowUps) -> None:
    soon = ups.now + 3600
    id_ = ups.add(
        title="团购", note="百杯", priority=3, amount=2_680_000_000_00, source="扫码", next_time=soon
    )
    record = ups.get(id_)
    assert (record["title"], record["note"], record["priority"]) == ("团购", "百杯", 3)
    assert (record["amount"], record["source"], record["next_time"]) == (268_000_000_000, "扫码", soon)


def test_a_second_record_of_a_member_and_customer_answers_990002(ups: FollowUps) -> None:
    pair = ups.pair()
    ups.ok("add", **pair)
    assert ups.call("add", **pair)["errcode"] == 990002


def test_a_record_needs_a_customer_of_the_member(ups: FollowUps) -> None:
    pair = ups.pair("zhangsan")
    stranger = next(one for one in ups._free if one[0] != "zhangsan")[1]
    followers = ups.wecom.get("externalcontact/get", external_userid=stranger)["follow_user"]
    if all(one["userid"] != "zhangsan" for one in followers):
        assert ups.call("add", userid="zhangsan", external_userid=stranger)["errcode"] == 84061
    assert ups.call("add", userid="nobody", external_userid=pair["external_userid"])["errcode"] == 40003
    assert ups.call("add", userid="zhangsan", external_userid="wmnobody")["errcode"] == 40096


def test_an_update_changes_only_the_given_fields(ups: FollowUps) -> None:
    id_ = ups.add(note="first", amount=5)
    assert ups.ok("update", follow_up_id=id_, amount=7)["version"] == 2
    assert (ups.get(id_)["note"], ups.get(id_)["amount"]) == ("first", 7)
    assert ups.call("update", follow_up_id=id_)["errcode"] == 40063


def test_a_stale_version_is_refused_and_changes_nothing(ups: FollowUps) -> None:
    id_ = ups.add()
    ups.ok("update", follow_up_id=id_, version=1, note="one")
    for operation, fields in (
        ("update", {"note": "two"}),
        ("move", {"stage_id": "connected"}),
        ("delete", {}),
    ):
        reply = ups.call(operation, follow_up_id=id_, version=1, **fields)
        assert reply["errcode"] == 45035
    assert ups.get(id_)["note"] == "one"
    assert ups.get(id_)["stage_id"] == "untouched"


def test_a_deleted_record_is_gone_and_the_pair_can_have_another(ups: FollowUps) -> None:
    pair = ups.pair()
    id_ = ups.ok("add", **pair, title="消失的人")["follow_up_id"]
    ups.ok("delete", follow_up_id=id_)
    assert ups.call("get", follow_up_id=id_)["errcode"] == 990001
    assert ups.listed(text="消失的人") == []
    assert ups.counts()["untouched"] == 0
    ups.ok("add", **pair)
    assert [one["kind"] for one in ups.ok("changes", follow_up_id=id_)["changes"]] == ["added", "deleted"]
    narrow = FollowUps(ups.wecom.corp.client(ups.wecom.corp.new_app(visible={"userid": ["wangwu"]})))
    assert narrow.call("changes", follow_up_id=id_)["errcode"] == 60011


@pytest.mark.parametrize("id_", ["fu", "fu0000000000000000", "fu9e3779b97f4a7c1", "wm" + "a" * 16, "x"])
def test_an_invalid_id_answers_990001(ups: FollowUps, id_: str) -> None:
    assert ups.call("get", follow_up_id=id_)["errcode"] == 990001


def test_a_record_of_another_corp_answers_990001(ups: FollowUps) -> None:
    foreign = FollowUps(ups.wecom.corp.server.make_corp(seed="demo").client()).add()
    for operation in ("get", "update", "move", "delete", "get_logs"):
        assert ups.call(operation, follow_up_id=foreign, note="x")["errcode"] == 990001
    assert ups.call("add_log", follow_up_id=foreign, text="x")["errcode"] == 990001
    assert ups.call("changes", follow_up_id=foreign)["errcode"] == 990001


def test_a_next_time_in_the_past_is_refused(ups: FollowUps) -> None:
    past = ups.now - 60
    assert ups.call("add", **ups.pair(), next_time=past)["errcode"] == 990008
    id_ = ups.add()
    assert ups.call("update", follow_up_id=id_, next_time=past)["errcode"] == 990008


def test_an_amount_is_limited(ups: FollowUps) -> None:
    id_ = ups.add(amount=10**12)
    assert ups.call("update", follow_up_id=id_, amount=10**12 + 1)["errcode"] == 40058
    assert ups.call("update", follow_up_id=id_, amount=-1)["errcode"] == 40058
    assert ups.get(id_)["amount"] == 10**12


def test_a_closed_record_has_no_next_time(ups: FollowUps) -> None:
    pair, soon = ups.pair(), ups.now + 1000
    assert ups.call("add", **pair, stage_id="cooperating", next_time=soon)["errcode"] == 990008
    id_ = ups.ok("add", **pair, stage_id="cooperating", next_time=0)["follow_up_id"]
    assert ups.call("update", follow_up_id=id_, next_time=soon)["errcode"] == 990008
    assert ups.get(id_)["next_time"] == 0


def test_logs_are_read_back_latest_first(ups: FollowUps) -> None:
    id_ = ups.add()
    yesterday = ups.now - 86_400
    ups.ok("add_log", follow_up_id=id_, text="一", kind="visit", time=yesterday, operator_userid="lisi")
    assert ups.get(id_)["last_time"] == yesterday
    for text in ("二", "三"):
        ups.ok("add_log", follow_up_id=id_, text=text)
    first = ups.ok("get_logs", follow_up_id=id_, limit=2)
    second = ups.ok("get_logs", follow_up_id=id_, limit=2, cursor=first["next_cursor"])
    assert [one["text"] for one in (*first["logs"], *second["logs"])] == ["三", "二", "一"]
    assert (second["logs"][0]["by"], second["logs"][0]["kind"]) == ("lisi", "visit")
    assert "next_cursor" not in second
    of_another = {"follow_up_id": ups.add(), "cursor": first["next_cursor"]}
    assert ups.call("get_logs", **of_another)["errcode"] == 50100


def test_a_log_that_is_too_long_or_in_the_future_is_refused(ups: FollowUps) -> None:
    id_ = ups.add()
    assert ups.call("add_log", follow_up_id=id_, text="字" * 2001)["errcode"] == 990010
    assert ups.call("add_log", follow_up_id=id_, text="")["errcode"] == 40063
    assert ups.call("add_log", follow_up_id=id_, text="x", time=ups.now + 900)["errcode"] == 990008
    assert ups.ok("get_logs", follow_up_id=id_)["logs"] == []


def test_changes_show_everything_once_and_in_order(ups: FollowUps) -> None:
    a = ups.add()
    start = ups.ok("changes")
    assert [one["kind"] for one in start["changes"]] == ["added"]
    ups.ok("move", follow_up_id=a, stage_id="connected")
    ups.ok("move", follow_up_id=a, stage_id="ended")
    ups.ok("add_log", follow_up_id=a, text="再见")
    ups.ok("delete", follow_up_id=a)
    kinds, cursor = [], start["next_cursor"]
    while True:
        reply = ups.ok("changes", cursor=cursor, limit=1)
        kinds += [one["kind"] for one in reply["changes"]]
        cursor = reply["next_cursor"]
        if not reply["has_more"]:
            break
    assert kinds == ["moved", "closed", "logged", "deleted"]
    assert ups.ok("changes", cursor=cursor)["changes"] == []


def test_changes_from_now_on_leave_out_earlier_ones(ups: FollowUps) -> None:
    a = ups.add()
    start = ups.ok("changes", from_now=True)
    assert (start["changes"], start["has_more"]) == ([], False)
    ups.ok("add_log", follow_up_id=a, text="再见")
    later = ups.ok("changes", cursor=start["next_cursor"], from_now=True)
    assert [(one["follow_up_id"], one["kind"]) for one in later["changes"]] == [(a, "logged")]


def test_the_control_api_shows_how_far_the_changes_are(corp: Corp, ups: FollowUps) -> None:
    before = corp.sim("follow_ups")
    assert (before["last_change"], before["pipeline_version"]) == (0, 0)
    id_ = ups.add()
    ups.ok("add_log", follow_up_id=id_, text="再见")
    after = corp.sim("follow_ups")
    assert after["records"] == before["records"] + 1
    assert after["last_change"] == ups.ok("changes")["changes"][-1]["number"] == 2
    ups.ok("delete", follow_up_id=id_)
    assert corp.sim("follow_ups")["records"] == before["records"]


def test_the_history_of_a_record_shows_its_stages(ups: FollowUps) -> None:
    a, b = ups.add(), ups.add()
    ups.ok("move", follow_up_id=b, stage_id="ended")
    ups.ok("move", follow_up_id=a, stage_id="connected", operator_userid="lisi")
    history = ups.ok("changes", follow_up_id=a)["changes"]
    assert [(one["from_stage"], one["to_stage"]) for one in history] == [
        ("", "untouched"),
        ("untouched", "connected"),
    ]
    assert history[1]["by"] == "lisi"


def test_statistics_count_records_that_entered_and_left(ups: FollowUps) -> None:
    a = ups.add(next_time=ups.now + 1000, amount=5)
    ups.add()
    ups.ok("move", follow_up_id=a, stage_id="connected")
    reply = ups.ok("statistics")
    assert (reply["total"], reply["overdue"], reply["due_in_a_day"]) == (2, 0, 1)
    first, second = reply["stages"][:2]
    assert (first["count"], first["entered"], first["left"]) == (1, 2, 1)
    assert (second["count"], second["entered"], second["amount"]) == (1, 1, 5)


def test_a_refused_item_of_a_batch_does_not_stop_the_others(ups: FollowUps) -> None:
    known = ups.add()
    pair = ups.pair()
    reply = ups.ok(
        "batch",
        items=[
            {"add": {**pair, "title": "批量"}},
            {"add": pair},
            {"move": {"follow_up_id": known, "stage_id": "connected"}},
            {"move": {"follow_up_id": known, "stage_id": "nowhere"}},
            {"update": {"follow_up_id": known, "priority": 2}},
            {"update": {"follow_up_id": known, "note": "x"}, "move": {"follow_up_id": known}},
        ],
    )
    assert [one["errcode"] for one in reply["results"]] == [0, 990002, 0, 990006, 0, 40063]
    assert ups.counts() == {"untouched": 1, "connected": 1, "cooperating": 0, "ended": 0}
    assert ups.get(known)["version"] == 3
    assert ups.call("batch", items=[{}] * 101)["errcode"] == 40058


@pytest.mark.parametrize(
    ("wrong", "errcode", "errmsg"),
    [
        ({"update": {"follow_up_id": "KNOWN", "priority": 9}}, 40058, "update.priority invalid"),
        (
            {"move": {"follow_up_id": "KNOWN", "position": {"side": "up"}}},
            40058,
            "move.position.side invalid",
        ),
        ({"update": {"note": "of nothing"}}, 990001, "invalid follow_up_id"),
        ({"add": {"userid": "zhangsan"}}, 41035, "missing external userid"),
        ({"add": {"userid": "nobody", "external_userid": "wm"}}, 40003, "invalid userid"),
        ({"delete": {"follow_up_id": "KNOWN"}}, 40063, "some parameters are empty"),
        ("words", 40058, "item invalid"),
        (7, 40058, "item invalid"),
    ],
)
def test_an_invalid_item_of_a_batch_is_answered_in_its_place(
    ups: FollowUps, wrong: Any, errcode: int, errmsg: str
) -> None:
    known = ups.add()
    wrong = json.loads(json.dumps(wrong).replace("KNOWN", known))
    first, last = ({"update": {"follow_up_id": known, name: name}} for name in ("note", "source"))
    results = ups.ok("batch", items=[first, wrong, last])["results"]
    assert [one["errcode"] for one in results] == [0, errcode, 0]
    assert results[1]["errmsg"] == errmsg
    assert (ups.get(known)["note"], ups.get(known)["source"]) == ("note", "source")


def test_an_app_sees_only_records_of_members_in_its_visible_range(corp: Corp, ups: FollowUps) -> None:
    mine, other = ups.add("zhangsan"), ups.add("lisi")
    narrow = FollowUps(corp.client(corp.new_app(visible={"userid": ["zhangsan"]})))
    assert narrow.listed() == [mine]
    assert narrow.board()["untouched"] == [mine]
    assert narrow.counts()["untouched"] == 1
    assert narrow.ok("statistics")["total"] == 1
    assert [one["follow_up_id"] for one in narrow.ok("changes")["changes"]] == [mine]
    for operation in ("get", "update", "move", "delete"):
        assert narrow.call(operation, follow_up_id=other, note="x")["errcode"] == 60011
    for operation in ("add_log", "get_logs", "changes"):
        assert narrow.call(operation, follow_up_id=other, text="x")["errcode"] == 60011
    for operation in ("list", "board", "statistics"):
        assert narrow.call(operation, userid="lisi")["errcode"] == 60011
    pair = ups.pair("lisi")
    assert narrow.call("add", **pair)["errcode"] == 60011
    assert narrow.call("batch", items=[{"add": pair}], operator_userid="lisi")["errcode"] == 60011
    assert narrow.ok("batch", items=[{"add": pair}])["results"][0]["errcode"] == 60011
