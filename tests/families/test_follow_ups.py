"""用户跟进: records, boards, lists, logs and changes, through the API and the control API alone."""

import json
from typing import Any

import pytest

from tests.conftest import Corp, WeCom

PATH = "externalcontact/follow_up/"
STAGES = ("untouched", "connected", "cooperating", "ended")


class FollowUps:
    """The follow-ups of a corp, and customers to follow up."""

    def __init__(self, wecom: WeCom) -> None:
        self.wecom = wecom
        self._free = self._pairs()

    def _pairs(self) -> list[tuple[str, str]]:
        found = []
        for userid in self.wecom.get("externalcontact/get_follow_user_list")["follow_user"]:
            listed = self.wecom.get("externalcontact/list", userid=userid)
            found += [(userid, customer) for customer in listed["external_userid"]]
        return found

    @property
    def now(self) -> int:
        return int(self.wecom.corp.server.sim.get("/clock").json()["now"])

    def call(self, operation: str, /, **body: Any) -> dict[str, Any]:
        return self.wecom.post(PATH + operation, body)

    def ok(self, operation: str, /, **body: Any) -> dict[str, Any]:
        reply = self.call(operation, **body)
        assert reply["errcode"] == 0, reply
        return reply

    def pair(self, userid: str | None = None) -> dict[str, str]:
        """A member and a customer who have no record yet."""
        found = next(pair for pair in self._free if userid in (None, pair[0]))
        self._free.remove(found)
        return {"userid": found[0], "external_userid": found[1]}

    def add(self, userid: str | None = None, **fields: Any) -> str:
        return str(self.ok("add", **{**self.pair(userid), **fields})["follow_up_id"])

    def get(self, id_: str) -> dict[str, Any]:
        return dict(self.ok("get", follow_up_id=id_)["follow_up"])

    def board(self, **body: Any) -> dict[str, list[str]]:
        stages = self.ok("board", **body)["stages"]
        return {stage["stage_id"]: [card["follow_up_id"] for card in stage["cards"]] for stage in stages}

    def counts(self, **body: Any) -> dict[str, int]:
        return {stage["stage_id"]: stage["count"] for stage in self.ok("board", **body)["stages"]}

    def listed(self, **body: Any) -> list[str]:
        """All pages."""
        found: list[str] = []
        cursor = {}
        while True:
            reply = self.ok("list", **body, **cursor)
            found += [one["follow_up_id"] for one in reply["follow_ups"]]
            if "next_cursor" not in reply:
                return found
            cursor = {"cursor": reply["next_cursor"]}


@pytest.fixture
def ups(wecom: WeCom) -> FollowUps:
    return FollowUps(wecom)


# --- records ---------------------------------------------------------------------------------------------


def test_a_new_record_begins_in_the_first_stage_under_the_members_remark(ups: FollowUps) -> None:
    pair = ups.pair()
    detail = ups.wecom.get("externalcontact/get", external_userid=pair["external_userid"])
    remark = next(one["remark"] for one in detail["follow_user"] if one["userid"] == pair["userid"])
    record = ups.get(ups.ok("add", **pair)["follow_up_id"])
    assert record["title"] == remark
    assert (record["stage_id"], record["version"], record["next_time"]) == ("untouched", 1, 0)
    assert record["creator"] == f"agent:{ups.wecom.agentid}"


def test_a_record_keeps_what_it_was_given(ups: FollowUps) -> None:
    soon = ups.now + 3600
    id_ = ups.add(
        title="团购", note="百杯", priority=3, amount=2_680_000_000_00, source="扫码", next_time=soon
    )
    record = ups.get(id_)
    assert (record["title"], record["note"], record["priority"]) == ("团购", "百杯", 3)
    assert (record["amount"], record["source"], record["next_time"]) == (268_000_000_000, "扫码", soon)


def test_a_customer_and_a_member_have_one_record(ups: FollowUps) -> None:
    pair = ups.pair()
    ups.ok("add", **pair)
    assert ups.call("add", **pair)["errcode"] == 990002


def test_only_a_customer_whom_the_member_has_is_followed_up(ups: FollowUps) -> None:
    pair = ups.pair("zhangsan")
    stranger = next(one for one in ups._free if one[0] != "zhangsan")[1]
    followers = ups.wecom.get("externalcontact/get", external_userid=stranger)["follow_user"]
    if all(one["userid"] != "zhangsan" for one in followers):
        assert ups.call("add", userid="zhangsan", external_userid=stranger)["errcode"] == 84061
    assert ups.call("add", userid="nobody", external_userid=pair["external_userid"])["errcode"] == 40003
    assert ups.call("add", userid="zhangsan", external_userid="wmnobody")["errcode"] == 40096


def test_an_update_sets_what_is_given_and_leaves_the_rest(ups: FollowUps) -> None:
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


def test_a_deleted_record_is_gone_and_its_customer_may_have_another(ups: FollowUps) -> None:
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
def test_an_id_that_is_none_is_refused(ups: FollowUps, id_: str) -> None:
    assert ups.call("get", follow_up_id=id_)["errcode"] == 990001


def test_a_record_of_another_corp_is_none(ups: FollowUps) -> None:
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


# --- boards and moves ------------------------------------------------------------------------------------


def test_an_amount_has_a_limit_that_sums_bear(ups: FollowUps) -> None:
    id_ = ups.add(amount=10**12)
    assert ups.call("update", follow_up_id=id_, amount=10**12 + 1)["errcode"] == 40058
    assert ups.call("update", follow_up_id=id_, amount=-1)["errcode"] == 40058
    assert ups.get(id_)["amount"] == 10**12


def test_a_record_that_is_closed_has_no_next_time(ups: FollowUps) -> None:
    pair, soon = ups.pair(), ups.now + 1000
    assert ups.call("add", **pair, stage_id="cooperating", next_time=soon)["errcode"] == 990008
    id_ = ups.ok("add", **pair, stage_id="cooperating", next_time=0)["follow_up_id"]
    assert ups.call("update", follow_up_id=id_, next_time=soon)["errcode"] == 990008
    assert ups.get(id_)["next_time"] == 0


def test_cards_stand_where_they_are_put(ups: FollowUps) -> None:
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


def test_room_is_made_where_cards_stand_close(ups: FollowUps) -> None:
    first, second, *others = [ups.add() for _ in range(6)]
    expected = [*reversed(others), second, first]
    for turn in range(60):
        moved = others[turn % len(others)]
        ups.ok("move", follow_up_id=moved, position={"side": "before", "follow_up_id": first})
        expected.remove(moved)
        expected.insert(expected.index(first), moved)
    assert ups.board()["untouched"] == expected


def test_a_place_beside_a_card_of_another_stage_is_refused(ups: FollowUps) -> None:
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


def test_a_won_or_lost_record_is_closed_and_opens_again(ups: FollowUps) -> None:
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


def test_a_board_sends_the_first_cards_and_a_cursor_for_more(ups: FollowUps) -> None:
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


# --- lists -----------------------------------------------------------------------------------------------


def test_lists_are_sorted_both_ways_and_paged(ups: FollowUps) -> None:
    amounts = [5, 1, 9, 5, 7]
    made = [ups.add(amount=amount, next_time=ups.now + 100 + amount) for amount in amounts]
    up = sorted(range(5), key=lambda place: (amounts[place], place))
    assert ups.listed(sort="amount", order="asc", limit=2) == [made[place] for place in up]
    assert ups.listed(sort="amount", limit=2) == [made[place] for place in reversed(up)]
    assert ups.listed(sort="next_time", limit=2) == [made[place] for place in up]
    assert ups.listed(limit=2) == made[::-1]
    assert ups.listed(order="asc", limit=2) == made
    ups.ok("add_log", follow_up_id=made[2], text="到店")
    assert ups.listed(sort="last_time", limit=2)[0] == made[2]
    assert sorted(ups.listed(sort="updated", limit=2)) == sorted(made)


def test_lists_keep_to_their_filters(ups: FollowUps) -> None:
    now = ups.now
    a = ups.add("zhangsan", priority=3, next_time=now + 1000)
    b = ups.add("zhangsan", stage_id="connected", next_time=now + 5000)
    c = ups.add("lisi", stage_id="cooperating")
    assert sorted(ups.listed(userid="zhangsan")) == sorted([a, b])
    assert ups.listed(stage_id="connected") == [b]
    assert ups.listed(priority=3) == [a]
    assert ups.listed(closed=True) == [c]
    assert sorted(ups.listed(closed=False)) == sorted([a, b])
    assert ups.listed(due_before=now + 2000) == [a]
    assert ups.listed(due_after=now + 2000) == [b]
    assert ups.listed(due_after=now + 2000, sort="created") == [b]
    assert ups.listed(userid="zhangsan", stage_id="untouched", due_before=now + 9000) == [a]
    assert ups.listed(overdue=True) == []
    assert ups.listed(external_userid=ups.get(c)["external_userid"]) == [c]


@pytest.mark.parametrize("unknown", ["owner", "stage", "Userid", "名称", ""])
def test_a_filter_that_is_none_is_refused(ups: FollowUps, unknown: str) -> None:
    id_ = ups.add()
    assert ups.call("list", **{unknown: "zhangsan"})["errcode"] == 990005
    assert ups.listed(**{unknown: None}) == [id_]


def test_the_customers_own_tags_filter(ups: FollowUps) -> None:
    marked, bare = ups.add("zhangsan"), ups.add("zhangsan")
    group = ups.wecom.post("externalcontact/add_corp_tag", group_name="等级", tag=[{"name": "贵宾"}])
    tag_id = group["tag_group"]["tag"][0]["id"]
    customer = ups.get(marked)["external_userid"]
    reply = ups.wecom.post(
        "externalcontact/mark_tag", userid="zhangsan", external_userid=customer, add_tag=[tag_id]
    )
    assert reply["errcode"] == 0
    assert ups.listed(tag_id=tag_id) == [marked]
    listed = {one["follow_up_id"]: one for one in ups.ok("list", userid="zhangsan")["follow_ups"]}
    assert listed == {marked: ups.get(marked), bare: ups.get(bare)}
    detail = ups.wecom.get("externalcontact/get", external_userid=customer)
    (of_member,) = (one for one in detail["follow_user"] if one["userid"] == "zhangsan")
    tags = [tag["tag_id"] for tag in of_member["tags"]]
    assert tag_id in tags
    assert listed[marked]["tag_id"] == sorted(tags)
    assert tag_id not in listed[bare]["tag_id"]
    assert ups.wecom.post("externalcontact/del_corp_tag", tag_id=[tag_id])["errcode"] == 0
    assert ups.get(marked)["tag_id"] == sorted({*tags} - {tag_id})
    assert ups.listed(tag_id=tag_id) == []


def test_text_is_found_in_title_note_and_logs(ups: FollowUps) -> None:
    a = ups.add(title="人民广场店 团购")
    b = ups.add(title="别的", note="ＡＢＣ 广场活动")
    c = ups.add(title="无关")
    ups.ok("add_log", follow_up_id=c, text="电话里说起了人民广场")
    assert sorted(ups.listed(text="广场")) == sorted([a, b, c])
    assert sorted(ups.listed(text="人民广场")) == sorted([a, c])
    assert ups.listed(text="abc广") == [b]
    assert ups.listed(text="广人") == []
    assert ups.listed(text="广场民人") == []
    ups.ok("update", follow_up_id=a, title="改名了")
    assert ups.listed(text="人民广场") == [c]
    assert ups.listed(text="改名") == [a]
    assert sorted(ups.listed(text="广场", sort="amount")) == sorted([b, c])
    assert ups.call("list", text="广")["errcode"] == 40058


def test_only_defined_fields_are_kept_and_filtered_by(ups: FollowUps) -> None:
    fields = [
        {"field_id": "shop", "name": "门店"},
        {"field_id": "cups", "name": "杯数", "type": "number"},
        {"field_id": "size", "name": "规格", "type": "select", "options": ["大", "小"]},
    ]
    stages = ups.ok("get_pipeline")["stages"]
    ups.ok("set_pipeline", stages=stages, fields=fields)
    a = ups.add(custom={"shop": "湖滨", "cups": 12})
    b = ups.add(custom={"cups": 1})
    assert ups.call("add", **ups.pair(), custom={"unknown": 1})["errcode"] == 990005
    assert ups.call("update", follow_up_id=a, custom={"unknown": 1})["errcode"] == 990005
    for wrong in ({"cups": "many"}, {"shop": 5}, {"size": "中"}):
        assert ups.call("update", follow_up_id=a, custom=wrong)["errcode"] == 40058
    ups.ok("update", follow_up_id=a, custom={"size": "大"})
    assert ups.get(a)["custom"] == {"shop": "湖滨", "cups": 12, "size": "大"}
    assert ups.listed(custom={"field_id": "cups", "value": 1}) == [b]
    assert ups.listed(custom={"field_id": "size", "value": "大"}) == [a]
    assert ups.call("list", custom={"field_id": "unknown", "value": 1})["errcode"] == 990005


# --- logs and changes ------------------------------------------------------------------------------------


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


def test_a_log_that_is_too_long_or_yet_to_come_is_refused(ups: FollowUps) -> None:
    id_ = ups.add()
    assert ups.call("add_log", follow_up_id=id_, text="字" * 2001)["errcode"] == 990010
    assert ups.call("add_log", follow_up_id=id_, text="")["errcode"] == 40063
    assert ups.call("add_log", follow_up_id=id_, text="x", time=ups.now + 900)["errcode"] == 990008
    assert ups.ok("get_logs", follow_up_id=id_)["logs"] == []


def test_changes_tell_all_in_order_and_nothing_twice(ups: FollowUps) -> None:
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


def test_the_history_of_a_record_has_its_stages(ups: FollowUps) -> None:
    a, b = ups.add(), ups.add()
    ups.ok("move", follow_up_id=b, stage_id="ended")
    ups.ok("move", follow_up_id=a, stage_id="connected", operator_userid="lisi")
    history = ups.ok("changes", follow_up_id=a)["changes"]
    assert [(one["from_stage"], one["to_stage"]) for one in history] == [
        ("", "untouched"),
        ("untouched", "connected"),
    ]
    assert history[1]["by"] == "lisi"


def test_statistics_count_who_came_and_left(ups: FollowUps) -> None:
    a = ups.add(next_time=ups.now + 1000, amount=5)
    ups.add()
    ups.ok("move", follow_up_id=a, stage_id="connected")
    reply = ups.ok("statistics")
    assert (reply["total"], reply["overdue"], reply["due_in_a_day"]) == (2, 0, 1)
    first, second = reply["stages"][:2]
    assert (first["count"], first["entered"], first["left"]) == (1, 2, 1)
    assert (second["count"], second["entered"], second["amount"]) == (1, 1, 5)


# --- batches ---------------------------------------------------------------------------------------------


def test_a_batch_answers_each_item_and_a_refused_one_stops_no_other(ups: FollowUps) -> None:
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
        ({"delete": {"follow_up_id": "KNOWN"}}, 40063, "some parameters are empty"),
        ("words", 40058, "item invalid"),
        (7, 40058, "item invalid"),
    ],
)
def test_a_wrong_item_of_a_batch_is_answered_in_its_place(
    ups: FollowUps, wrong: Any, errcode: int, errmsg: str
) -> None:
    known = ups.add()
    wrong = json.loads(json.dumps(wrong).replace("KNOWN", known))
    first, last = ({"update": {"follow_up_id": known, name: name}} for name in ("note", "source"))
    results = ups.ok("batch", items=[first, wrong, last])["results"]
    assert [one["errcode"] for one in results] == [0, errcode, 0]
    assert results[1]["errmsg"] == errmsg
    assert (ups.get(known)["note"], ups.get(known)["source"]) == ("note", "source")


# --- pipelines -------------------------------------------------------------------------------------------


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
def test_a_pipeline_that_cannot_be_is_refused(ups: FollowUps, stages: list[Any], errcode: int) -> None:
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
def test_fields_that_cannot_be_are_refused(ups: FollowUps, fields: list[Any]) -> None:
    stages = ups.ok("get_pipeline")["stages"]
    assert ups.call("set_pipeline", stages=stages, fields=fields)["errcode"] == 990003


def test_records_move_only_the_ways_that_a_stage_names(ups: FollowUps) -> None:
    stages = [stage("a", following=["b"]), stage("b", following=["c"]), stage("c", "won")]
    ups.ok("set_pipeline", stages=stages)
    id_ = ups.add()
    assert ups.call("move", follow_up_id=id_, stage_id="c")["errcode"] == 990004
    ups.ok("move", follow_up_id=id_, stage_id="b")
    ups.ok("move", follow_up_id=id_, stage_id="b", position={"side": "bottom"})
    assert ups.call("move", follow_up_id=id_, stage_id="a")["errcode"] == 990004
    ups.ok("move", follow_up_id=id_, stage_id="c")


def test_a_stage_with_records_goes_only_when_told_where_they_go(ups: FollowUps) -> None:
    a, b, there = ups.add(amount=3), ups.add(amount=4), ups.add(stage_id="connected")
    stages = [stage("connected"), stage("done", "won")]
    assert ups.call("set_pipeline", stages=stages)["errcode"] == 990007
    unknown = [{"stage_id": "untouched", "move_to": "nowhere"}]
    assert ups.call("set_pipeline", stages=stages, move_to=unknown)["errcode"] == 990006
    told = [{"stage_id": "untouched", "move_to": "connected"}]
    assert ups.ok("set_pipeline", stages=stages, move_to=told)["moved"] == 2
    assert ups.board() == {"connected": [there, b, a], "done": []}
    assert ups.counts() == {"connected": 3, "done": 0}
    assert ups.ok("board")["stages"][0]["amount"] == 7
    assert [one["kind"] for one in ups.ok("changes", follow_up_id=a)["changes"]] == ["added", "moved"]
    assert ups.ok("set_pipeline", stages=[stage("done2", "won"), stage("connected")])["version"] == 2


def test_a_stage_that_becomes_another_kind_leaves_its_records_as_they_are(ups: FollowUps) -> None:
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


# --- visible range ---------------------------------------------------------------------------------------


def test_an_app_sees_the_records_of_the_members_in_its_range(corp: Corp, ups: FollowUps) -> None:
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


# --- customers who come and go ---------------------------------------------------------------------------


def act(corp: Corp, kind: str, /, **body: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": kind, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_records_come_with_customers_where_the_corp_wants_that(corp: Corp, ups: FollowUps) -> None:
    act(corp, "member_adds_customer", userid="zhangsan", name="路人甲")
    assert ups.listed() == []
    ups.ok("set_pipeline", stages=ups.ok("get_pipeline")["stages"], auto_create=True)
    customer = act(corp, "member_adds_customer", userid="zhangsan", name="路人乙")["external_userid"]
    (id_,) = ups.listed()
    record = ups.get(id_)
    assert (record["external_userid"], record["title"]) == (customer, "路人乙")
    assert record["source"] == "auto_create"


def frozen(start_server: Any) -> FollowUps:
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    return FollowUps(server.make_corp(seed="demo").client())


def test_a_next_time_that_falls_due_is_told_once(start_server: Any) -> None:
    ups = frozen(start_server)
    server = ups.wecom.corp.server
    due = ups.now + 1800
    kept = ups.add(next_time=due)
    for other in (due + 60, due, 0, due):
        ups.ok("update", follow_up_id=kept, next_time=other)
    changed, closed = ups.add(next_time=due), ups.add(next_time=due)
    ups.ok("update", follow_up_id=changed, next_time=due + 9999)
    ups.ok("move", follow_up_id=closed, stage_id="ended")
    server.sim.post("/clock", json={"advance_seconds": 3600})
    told = [one for one in ups.wecom.corp.sim("callbacks")["callbacks"] if one["event"] == "follow_up_event"]
    assert {one["change_type"] for one in told} == {"follow_up_due"}
    assert {kept in one["xml"] for one in told} == {True}
    assert len({one["agentid"] for one in told}) == len(told)
    assert ups.listed(overdue=True) == [kept]
    assert ups.ok("statistics")["overdue"] == 1


def test_a_record_that_is_overdue_is_saved_with_the_time_it_has(start_server: Any) -> None:
    ups = frozen(start_server)
    server = ups.wecom.corp.server
    due = ups.now + 1800
    id_ = ups.add(next_time=due)
    server.sim.post("/clock", json={"advance_seconds": 3600})
    ups.ok("update", follow_up_id=id_, next_time=due, note="没接电话")
    assert (ups.get(id_)["next_time"], ups.get(id_)["note"]) == (due, "没接电话")
    assert ups.call("update", follow_up_id=id_, next_time=due + 1)["errcode"] == 990008
