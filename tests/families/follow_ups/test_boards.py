"""用户跟进: boards, and moves of cards within and between stages."""

from typing import Any

from tests.families.follow_ups.records import STAGES, FollowUps


def test_moved_cards_keep_their_position(ups: FollowUps) -> None:
    a, b, c = (ups.add() for _ in range(3))
    assert ups.board()["untouched"] == [c, b, a]
    ups.ok("move", follow_up_id=c, position={"side": "bottom"})
    assert ups.board()["untouched"] == [b, a, c]
    ups.ok("move", follow_up_id=c, position={"side": "before", "follow_up_id": a})
    assert ups.board()["untouched"] == [b, c, a]
    ups.ok("move", follow_up_id=b, position={"side": "after", "follow_up_id": a})
    assert ups.board()["untouched"] == [c, a, b]
    ups.ok("move", follow_up_id=a, stage_id="connected")
    ups.ok("move", follow_up_id=b, stage_id="connected", position={"side": "before", "follow_up_id": a})
    assert ups.board()["connected"] == [b, a]


def test_cards_are_spread_out_when_there_is_no_gap(ups: FollowUps) -> None:
    first, second, *others = [ups.add() for _ in range(6)]
    expected = [*reversed(others), second, first]
    for turn in range(60):
        moved = others[turn % len(others)]
        ups.ok("move", follow_up_id=moved, position={"side": "before", "follow_up_id": first})
        expected.remove(moved)
        expected.insert(expected.index(first), moved)
    assert ups.board()["untouched"] == expected


def test_a_position_beside_a_card_of_another_stage_is_refused(ups: FollowUps) -> None:
    here, there = ups.add(), ups.add(stage_id="connected")
    for beside in (there, here, "fu", None):
        position = {"side": "after", "follow_up_id": beside}
        assert ups.call("move", follow_up_id=here, position=position)["errcode"] == 990009


def test_an_unknown_stage_is_refused(ups: FollowUps) -> None:
    id_ = ups.add()
    assert ups.call("move", follow_up_id=id_, stage_id="nowhere")["errcode"] == 990006
    assert ups.call("add", **ups.pair(), stage_id="nowhere")["errcode"] == 990006
    assert ups.call("list", stage_id="nowhere")["errcode"] == 990006
    assert ups.call("board", stage_id="nowhere")["errcode"] == 990006


def test_a_won_or_lost_record_is_closed_and_can_be_reopened(ups: FollowUps) -> None:
    id_ = ups.add(next_time=ups.now + 500)
    ups.ok("move", follow_up_id=id_, stage_id="cooperating")
    record = ups.get(id_)
    assert (record["close_reason"], record["next_time"]) == ("won", 0)
    assert record["closed_time"] > 0
    assert ups.call("update", follow_up_id=id_, next_time=ups.now + 500)["errcode"] == 990008
    ups.ok("move", follow_up_id=id_, stage_id="connected")
    assert (ups.get(id_)["closed_time"], ups.get(id_)["close_reason"]) == (0, "")


def test_counts_and_amounts_follow_every_change(ups: FollowUps) -> None:
    a, b = ups.add("zhangsan", amount=100), ups.add("lisi", amount=20)
    ups.ok("move", follow_up_id=a, stage_id="connected")
    ups.ok("update", follow_up_id=a, amount=150)
    stages = {stage["stage_id"]: stage for stage in ups.ok("board")["stages"]}
    assert [(stages[name]["count"], stages[name]["amount"]) for name in STAGES[:2]] == [(1, 20), (1, 150)]
    assert ups.counts(userid="zhangsan")["connected"] == 1
    assert ups.counts(userid="lisi")["connected"] == 0
    ups.ok("delete", follow_up_id=b)
    assert ups.counts(userid="lisi")["untouched"] == 0


def test_a_board_shows_the_first_cards_and_a_cursor_for_more(ups: FollowUps) -> None:
    made = [ups.add() for _ in range(7)]
    seen: list[str] = []
    body: dict[str, Any] = {}
    while True:
        (stage,) = [
            one for one in ups.ok("board", limit=3, **body)["stages"] if one["stage_id"] == "untouched"
        ]
        assert stage["count"] == 7
        seen += [card["follow_up_id"] for card in stage["cards"]]
        if "next_cursor" not in stage:
            break
        body = {"stage_id": "untouched", "cursor": stage["next_cursor"]}
    assert seen == made[::-1]
    assert len(stage["cards"][0]) == 8


def test_a_cursor_of_another_query_is_refused(ups: FollowUps) -> None:
    for _ in range(3):
        ups.add("zhangsan")
    cursor = ups.ok("board", limit=1)["stages"][0]["next_cursor"]
    assert ups.call("board", stage_id="connected", cursor=cursor)["errcode"] == 50100  # which is empty
    assert ups.call("board", stage_id="untouched", userid="zhangsan", cursor=cursor)["errcode"] == 50100
    assert ups.call("board", cursor=cursor)["errcode"] == 40058
    listed = ups.ok("list", limit=1)["next_cursor"]
    assert ups.call("list", limit=1, sort="amount", cursor=listed)["errcode"] == 50100
    assert ups.call("list", limit=1, userid="zhangsan", cursor=listed)["errcode"] == 50100
    assert ups.call("changes", cursor=listed)["errcode"] == 50100
