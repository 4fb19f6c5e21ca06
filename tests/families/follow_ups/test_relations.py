"""Records when relations with customers end, begin again and are transferred."""

from typing import Any

import pytest

from tests.conftest import Corp
from tests.families.factories import act
from tests.families.follow_ups.records import FollowUps, frozen
from wecom_tollbooth.world.clock import DAY


def kinds(ups: FollowUps, id_: str) -> list[tuple[str, str]]:
    history = ups.ok("changes", follow_up_id=id_)["changes"]
    return [(one["kind"], one["by"]) for one in history]


@pytest.mark.parametrize("kind", ["member_deletes_customer", "customer_deletes_member"])
@pytest.mark.parametrize("auto_create", [False, True])
def test_a_record_closes_with_its_relation_and_reopens_with_it(
    corp: Corp,
    ups: FollowUps,
    kind: str,
    auto_create: bool,
) -> None:
    ups.ok("set_pipeline", stages=ups.ok("get_pipeline")["stages"], auto_create=auto_create)
    pair = ups.pair()
    added = {**pair, "stage_id": "connected", "amount": 7, "next_time": ups.now + DAY}
    id_ = ups.ok("add", **added)["follow_up_id"]
    act(corp, kind, **pair)
    closed = ups.get(id_)
    assert (closed["stage_id"], closed["close_reason"], closed["next_time"]) == ("ended", "relation_ended", 0)
    assert closed["closed_time"] > 0
    act(corp, "member_adds_customer", **pair)
    opened = ups.get(id_)
    assert (opened["stage_id"], opened["close_reason"], opened["closed_time"]) == ("untouched", "", 0)
    assert opened["amount"] == 7
    by = pair["userid"] if kind == "member_deletes_customer" else "customer"
    assert kinds(ups, id_)[1:] == [("closed", by), ("reopened", pair["userid"])]
    assert ups.listed() == [id_]
    assert ups.counts() == {"untouched": 1, "connected": 0, "cooperating": 0, "ended": 0}


def test_a_closed_record_is_not_closed_twice(corp: Corp, ups: FollowUps) -> None:
    pair = ups.pair()
    id_ = ups.ok("add", **pair)["follow_up_id"]
    act(corp, "customer_deletes_member", **pair)
    before = ups.get(id_)
    act(corp, "member_deletes_customer", **pair)
    assert ups.get(id_) == before


def after_transfer(ups: FollowUps, pair: dict[str, str], taker: str) -> FollowUps:
    """Transfers the customer to the taker; the records a day later."""
    asked = ups.wecom.post(
        "externalcontact/transfer_customer",
        handover_userid=pair["userid"],
        takeover_userid=taker,
        external_userid=[pair["external_userid"]],
    )
    assert asked["customer"][0]["errcode"] == 0, asked
    ups.wecom.corp.server.sim.post("/clock", json={"advance_seconds": DAY + 1})
    return FollowUps(ups.wecom.corp.client())


def check_counters(ups: FollowUps) -> None:
    """Checks the counters of each member and of the corp against the records and each other."""
    for userid in ("zhangsan", "lisi", ""):
        listed = ups.ok("list", userid=userid, limit=500)["follow_ups"]
        for stage in ups.ok("statistics", userid=userid)["stages"]:
            rows = [one["amount"] for one in listed if one["stage_id"] == stage["stage_id"]]
            assert (stage["count"], stage["amount"]) == (len(rows), sum(rows)), (userid, stage)
            assert stage["count"] == stage["entered"] - stage["left"], (userid, stage)


def test_counters_of_each_member_are_right_after_a_transfer(start_server: Any) -> None:
    ups = frozen(start_server)
    pair = ups.pair("zhangsan")
    id_ = ups.ok("add", **pair, amount=500)["follow_up_id"]
    ups.ok("move", follow_up_id=id_, stage_id="connected")
    ups = after_transfer(ups, pair, "lisi")
    assert ups.get(id_)["userid"] == "lisi"
    ups.ok("move", follow_up_id=id_, stage_id="cooperating")
    check_counters(ups)
    connected = ups.ok("statistics", userid="lisi")["stages"][1]
    assert (connected["entered"], connected["left"], connected["average_seconds"]) == (1, 1, DAY + 1)


def test_a_transfer_swaps_records_with_a_taker_whose_own_ended(start_server: Any) -> None:
    ups = frozen(start_server)
    pair = ups.pair("zhangsan")
    of_taker = {**pair, "userid": "lisi"}
    act(ups.wecom.corp, "member_adds_customer", **of_taker)
    ended = ups.ok("add", **of_taker, amount=3)["follow_up_id"]
    act(ups.wecom.corp, "member_deletes_customer", **of_taker)
    due = ups.now + 9 * DAY
    living = ups.ok("add", **pair, stage_id="connected", amount=5, next_time=due)["follow_up_id"]
    ups = after_transfer(ups, pair, "lisi")
    shown = ups.get(living)
    assert (shown["userid"], shown["stage_id"], shown["next_time"]) == ("lisi", "connected", due)
    assert (shown["closed_time"], shown["amount"]) == (0, 5)
    other = ups.get(ended)
    assert (other["userid"], other["stage_id"], other["close_reason"]) == (
        "zhangsan",
        "ended",
        "relation_ended",
    )
    check_counters(ups)


def test_a_transfer_closes_the_record_if_the_taker_has_an_open_one(start_server: Any) -> None:
    ups = frozen(start_server)
    pair = ups.pair("zhangsan")
    of_taker = {**pair, "userid": "lisi"}
    act(ups.wecom.corp, "member_adds_customer", **of_taker)
    theirs, given = (ups.ok("add", **one)["follow_up_id"] for one in (of_taker, pair))
    ups = after_transfer(ups, pair, "lisi")
    assert (ups.get(theirs)["userid"], ups.get(theirs)["closed_time"]) == ("lisi", 0)
    assert (ups.get(given)["userid"], ups.get(given)["close_reason"]) == ("zhangsan", "relation_ended")
    check_counters(ups)


@pytest.mark.parametrize("kind", ["open", "lost"])
def test_a_record_that_ended_with_its_relation_stays_closed_when_its_stage_is_removed(
    corp: Corp, ups: FollowUps, kind: str
) -> None:
    pair = ups.pair()
    ended = ups.ok("add", **pair)["follow_up_id"]
    act(corp, "member_deletes_customer", **pair)
    lost, won, open_ = ups.add(stage_id="ended"), ups.add(stage_id="cooperating"), ups.add()
    stages = [
        {"stage_id": "untouched", "name": "未触达"},
        {"stage_id": "other", "name": "其他", "kind": kind},
    ]
    move_to = [{"stage_id": stage, "move_to": "other"} for stage in ("ended", "cooperating")]
    assert ups.ok("set_pipeline", stages=stages, move_to=move_to)["moved"] == 3
    reasons = {id_: ups.get(id_)["close_reason"] for id_ in (ended, lost, won, open_)}
    reason = "" if kind == "open" else "lost"
    assert reasons == {ended: "relation_ended", lost: reason, won: reason, open_: ""}
    assert {id_ for id_ in reasons if ups.get(id_)["closed_time"]} == {id_ for id_ in reasons if reasons[id_]}
    changed = "reopened" if kind == "open" else "moved"
    last = {id_: ups.ok("changes", follow_up_id=id_)["changes"][-1]["kind"] for id_ in reasons}
    assert last == {ended: "moved", lost: changed, won: changed, open_: "added"}
    act(corp, "member_adds_customer", **pair)
    assert (ups.get(ended)["stage_id"], ups.get(ended)["closed_time"]) == ("untouched", 0)


def test_the_history_shows_records_that_a_removed_stage_closes(ups: FollowUps) -> None:
    id_ = ups.add(next_time=ups.now + DAY)
    stages = [{"stage_id": "new", "name": "新"}, {"stage_id": "gone", "name": "没了", "kind": "lost"}]
    move_to = [{"stage_id": "untouched", "move_to": "gone"}]
    ups.ok("set_pipeline", stages=stages, move_to=move_to)
    assert kinds(ups, id_)[-1][0] == "closed"
    assert (ups.get(id_)["close_reason"], ups.get(id_)["next_time"]) == ("lost", 0)


def test_auto_create_adds_a_record_for_each_new_customer(corp: Corp, ups: FollowUps) -> None:
    act(corp, "member_adds_customer", userid="zhangsan", name="路人甲")
    assert ups.listed() == []
    ups.ok("set_pipeline", stages=ups.ok("get_pipeline")["stages"], auto_create=True)
    customer = act(corp, "member_adds_customer", userid="zhangsan", name="路人乙")["external_userid"]
    (id_,) = ups.listed()
    record = ups.get(id_)
    assert (record["external_userid"], record["title"]) == (customer, "路人乙")
    assert record["source"] == "auto_create"
