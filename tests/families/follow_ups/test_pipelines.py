"""用户跟进: the stages and fields that a corp sets."""

from typing import Any

import pytest

from tests.families.follow_ups.records import STAGES, FollowUps


def stage(stage_id: str, kind: str = "open", following: list[str] | None = None) -> dict[str, Any]:
    return {"stage_id": stage_id, "name": stage_id.upper(), "kind": kind, "next_stage_ids": following or []}


@pytest.mark.parametrize(
    ("stages", "errcode"),
    [
        ([], 990003),
        ([stage("a"), stage("a")], 990003),
        ([stage("a"), {**stage("b"), "name": "A"}], 990003),
        ([stage("a", "won")], 990003),
        ([stage("a", following=["b"])], 990004),
        ([stage("a", following=["b"]), stage("b", following=["c"]), stage("c", following=["a"])], 990004),
        ([stage("a", following=["a"])], 990004),
        ([{"name": "no id"}], 990006),
        ([{"stage_id": "x" * 33, "name": "long"}], 40058),
    ],
)
def test_an_invalid_pipeline_is_refused(ups: FollowUps, stages: list[Any], errcode: int) -> None:
    assert ups.call("set_pipeline", stages=stages)["errcode"] == errcode
    assert [one["stage_id"] for one in ups.ok("get_pipeline")["stages"]] == list(STAGES)


@pytest.mark.parametrize(
    "fields",
    [
        [{"field_id": "a", "name": "A"}, {"field_id": "a", "name": "B"}],
        [{"field_id": "a", "name": "A", "type": "select"}],
        [{"field_id": "a", "name": "A", "options": ["x"]}],
    ],
)
def test_invalid_fields_are_refused(ups: FollowUps, fields: list[Any]) -> None:
    stages = ups.ok("get_pipeline")["stages"]
    assert ups.call("set_pipeline", stages=stages, fields=fields)["errcode"] == 990003


def test_records_move_only_along_next_stage_ids(ups: FollowUps) -> None:
    stages = [stage("a", following=["b"]), stage("b", following=["c"]), stage("c", "won")]
    ups.ok("set_pipeline", stages=stages)
    id_ = ups.add()
    assert ups.call("move", follow_up_id=id_, stage_id="c")["errcode"] == 990004
    ups.ok("move", follow_up_id=id_, stage_id="b")
    ups.ok("move", follow_up_id=id_, stage_id="b", position={"side": "bottom"})
    assert ups.call("move", follow_up_id=id_, stage_id="a")["errcode"] == 990004
    ups.ok("move", follow_up_id=id_, stage_id="c")


def test_removing_a_stage_with_records_needs_move_to(ups: FollowUps) -> None:
    a, b, there = ups.add(amount=3), ups.add(amount=4), ups.add(stage_id="connected")
    stages = [stage("connected"), stage("done", "won")]
    assert ups.call("set_pipeline", stages=stages)["errcode"] == 990007
    unknown = [{"stage_id": "untouched", "move_to": "nowhere"}]
    assert ups.call("set_pipeline", stages=stages, move_to=unknown)["errcode"] == 990006
    move_to = [{"stage_id": "untouched", "move_to": "connected"}]
    assert ups.ok("set_pipeline", stages=stages, move_to=move_to)["moved"] == 2
    assert ups.board() == {"connected": [there, b, a], "done": []}
    assert ups.counts() == {"connected": 3, "done": 0}
    assert ups.ok("board")["stages"][0]["amount"] == 7
    assert [one["kind"] for one in ups.ok("changes", follow_up_id=a)["changes"]] == ["added", "moved"]
    assert ups.ok("set_pipeline", stages=[stage("done2", "won"), stage("connected")])["version"] == 2


def test_changing_the_kind_of_a_stage_leaves_its_records_unchanged(ups: FollowUps) -> None:
    closed, opened = ups.add(stage_id="cooperating"), ups.add(stage_id="untouched")
    before = ups.get(closed)["closed_time"]
    stages = [stage("cooperating"), stage("untouched", "won"), stage("connected"), stage("ended", "lost")]
    ups.ok("set_pipeline", stages=stages)
    assert (ups.get(closed)["closed_time"], ups.get(opened)["closed_time"]) == (before, 0)
    assert ups.listed(closed=True) == [closed]
    ups.ok("move", follow_up_id=closed, stage_id="connected")
    assert ups.get(closed)["closed_time"] == 0
    ups.ok("move", follow_up_id=opened, stage_id="ended")
    assert ups.get(opened)["close_reason"] == "lost"


def test_a_stale_pipeline_version_is_refused(ups: FollowUps) -> None:
    stages = [stage("a")]
    assert ups.ok("set_pipeline", stages=stages, version=0)["version"] == 1
    assert ups.call("set_pipeline", stages=stages, version=0)["errcode"] == 45035
