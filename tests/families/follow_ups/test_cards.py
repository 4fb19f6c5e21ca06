"""Boards and cards that a process caches show the records as they are, whichever process changed them."""

import random
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.families.factories import act
from tests.families.follow_ups.records import STAGES, FollowUps, FollowUpSheet
from tests.families.id_conversion.apps import FINISH, new_id
from tests.families.sheets import text
from tests.providers import Provider
from wecom_tollbooth.db import Database
from wecom_tollbooth.families.follow_ups.store import board_cache, cards
from wecom_tollbooth.families.follow_ups.store.record_store import change
from wecom_tollbooth.families.follow_ups.store.unit_of_work import unit_of_work
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.context import Context

FIELDS = ("follow_up_id", "external_userid", "userid", "title", "priority", "amount", "next_time", "version")


def shown(ups: FollowUps, **body: Any) -> dict[str, dict[str, Any]]:
    """The cards of the board by follow_up_id, each with its stage_id."""
    stages = ups.ok("board", limit=100, **body)["stages"]
    return {
        card["follow_up_id"]: {**card, "stage_id": stage["stage_id"]}
        for stage in stages
        for card in stage["cards"]
    }


def stored(ups: FollowUps, **body: Any) -> dict[str, dict[str, Any]]:
    """The same, made from the records."""
    records = ups.ok("list", limit=500, **body)["follow_ups"]
    return {one["follow_up_id"]: {name: one[name] for name in (*FIELDS, "stage_id")} for one in records}


def test_a_board_shows_every_change_at_once(corp: Corp, ups: FollowUps) -> None:
    rng = random.Random(20)
    sheet = FollowUpSheet(ups.wecom)
    pairs = {}
    for number in range(12):
        pair = ups.pair()
        pairs[ups.ok("add", **pair, title=f"第{number}位")["follow_up_id"]] = pair
    for turn in range(60):
        id_ = rng.choice(sorted(pairs))
        kind = rng.choice(["title", "move", "beside", "next", "sheet", "ends", "deleted", "batch"])
        if kind == "title":
            ups.ok("update", follow_up_id=id_, title=f"改{turn}", amount=turn, priority=turn % 4)
        elif kind == "move":
            ups.ok("move", follow_up_id=id_, stage_id=rng.choice(STAGES))
        elif kind == "beside":
            other = rng.choice(sorted(set(pairs) - {id_}))
            position = {"side": rng.choice(["before", "after"]), "follow_up_id": other}
            ups.ok("move", follow_up_id=id_, stage_id=ups.get(other)["stage_id"], position=position)
        elif kind == "next" and not ups.get(id_)["closed_time"]:
            ups.ok("update", follow_up_id=id_, next_time=ups.now + 9_000 + turn)
        elif kind == "sheet":
            sheet.ok(
                "update_records", records=[{"record_id": id_, "values": {"客户名称": text(f"表{turn}")}}]
            )
        elif kind == "ends":
            act(corp, "member_deletes_customer", **pairs[id_])
            act(corp, "member_adds_customer", **pairs[id_])
        elif kind == "deleted":
            ups.ok("delete", follow_up_id=id_)
            pair = pairs.pop(id_)
            pairs[ups.ok("add", **pair, title=f"又{turn}")["follow_up_id"]] = pair
        elif kind == "batch":
            ups.ok(
                "batch", items=[{"update": {"follow_up_id": one, "amount": turn}} for one in sorted(pairs)]
            )
        assert shown(ups) == stored(ups)
        assert shown(ups, userid="zhangsan") == stored(ups, userid="zhangsan")
    stages = [{"stage_id": "only", "name": "唯一", "kind": "open"}]
    ups.ok("set_pipeline", stages=stages, move_to=[{"stage_id": one, "move_to": "only"} for one in STAGES])
    assert shown(ups) == stored(ups)
    assert {card["stage_id"] for card in shown(ups).values()} == {"only"}


def test_a_board_shows_changes_of_another_process(corp: Corp, ups: FollowUps) -> None:
    id_ = ups.add(title="从前")
    assert shown(ups)[id_]["title"] == "从前"
    settings = Settings(database_url=corp.server.server.settings.database_url)
    other, now = Database(settings), ups.now
    try:
        with (
            other.transaction() as tx,
            unit_of_work(Context(settings, tx, corp.corpid, now), by="another") as work,
        ):
            change(work, id_, {"title": "后来"})
    finally:
        other.close()
    assert shown(ups)[id_] == stored(ups)[id_]
    assert shown(ups)[id_]["title"] == "后来"


def test_a_board_shows_seeded_records(corp: Corp, ups: FollowUps) -> None:
    ups.add("zhangsan")
    for userid in (None, "zhangsan"):
        about = {} if userid is None else {"userid": userid}
        for _ in range(2):
            assert shown(ups, **about) == stored(ups, **about)
            before = len(stored(ups))
            assert (
                corp.server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 30}).status_code == 200
            )
            assert len(stored(ups)) == before + 30
            assert shown(ups, **about) == stored(ups, **about)


def test_a_board_shows_the_current_pipeline(ups: FollowUps) -> None:
    ups.add()
    stages = ups.ok("get_pipeline")["stages"]
    assert [one["name"] for one in ups.ok("board")["stages"]] == [one["name"] for one in stages]
    renamed = [{**one, "name": one["name"] + "了"} for one in reversed(stages)]
    ups.ok("set_pipeline", stages=renamed)
    assert [one["name"] for one in ups.ok("board")["stages"]] == [one["name"] for one in renamed]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(cards, "CACHED_AT_MOST", 5)
    monkeypatch.setattr(board_cache, "BOARDS", 2)
    return 5


def test_the_caches_of_cards_and_boards_are_limited(start_server: Any, few: int) -> None:
    server: RunningServer = start_server()
    ups = FollowUps(server.make_corp(seed="demo", customers=30, follow_ups=24).client())
    everything = stored(ups)
    for limit in (1, 2, 3, 4, 100):
        seen: list[dict[str, Any]] = []
        for stage in ups.ok("board", limit=limit)["stages"]:
            while True:
                seen += [{**card, "stage_id": stage["stage_id"]} for card in stage["cards"]]
                if "next_cursor" not in stage:
                    break
                about = {"stage_id": stage["stage_id"], "cursor": stage["next_cursor"]}
                (stage,) = ups.ok("board", limit=limit, **about)["stages"]
        assert {card["follow_up_id"]: card for card in seen} == everything
        assert len(seen) == len(everything)
        page = min(limit + 1, 24)
        assert len(cards.cached_cards(server.server.database)) <= few + page
        assert len(board_cache.board_cache(server.server.database)) <= 2


def test_a_board_with_many_cards_is_not_cached(start_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_cache, "CARDS_A_BOARD", 3)
    server: RunningServer = start_server()
    ups = FollowUps(server.make_corp(seed="demo", customers=10).client())
    for count in range(1, 6):
        ups.add()
        assert len(shown(ups)) == count
    cache = board_cache.board_cache(server.server.database)
    assert len(cache) == 1
    assert shown(ups) == shown(ups) == stored(ups)


def test_a_cached_board_is_metered_like_any_other(corp: Corp, ups: FollowUps) -> None:
    ups.add()
    path = "/cgi-bin/externalcontact/follow_up/board"

    def charged() -> int:
        by_operation = corp.sim("usage")["calls"]["by_operation"]
        return int(by_operation.get(path, {"charged": 0})["charged"])

    before = charged()
    for _ in range(5):
        ups.ok("board")
    assert charged() == before + 5


def test_apps_see_cached_cards_in_their_range_with_their_own_ids(corp: Corp, ups: FollowUps) -> None:
    provider = Provider(corp.server)
    third = provider.app_in(corp)
    mine, other = ups.add("zhangsan"), ups.add("lisi")
    customer = ups.get(mine)["external_userid"]
    scoped = new_id(third, customer)
    for _ in range(2):
        provider.call(FINISH, token=provider.provider_token(), corpid=corp.corpid)
    narrow = FollowUps(corp.client(corp.new_app(visible={"userid": ["lisi"]})))
    for _ in range(2):
        stages = third.post("externalcontact/follow_up/board")["stages"]
        seen = {card["follow_up_id"]: card for stage in stages for card in stage["cards"]}
        assert seen[mine]["external_userid"] == scoped
        assert set(shown(ups)) == {mine, other}
        assert shown(ups)[mine]["external_userid"] == customer
        assert set(shown(narrow)) == {other}


def test_boards_with_equal_counters_are_cached_apart(corp: Corp, ups: FollowUps) -> None:
    mine, other = ups.add("zhangsan"), ups.add("lisi")
    of_userid = {
        userid: FollowUps(corp.client(corp.new_app(visible={"userid": [userid]})))
        for userid in ("zhangsan", "lisi")
    }
    for _ in range(2):
        assert set(shown(of_userid["zhangsan"])) == set(shown(ups, userid="zhangsan")) == {mine}
        assert set(shown(of_userid["lisi"])) == set(shown(ups, userid="lisi")) == {other}
        assert set(shown(ups)) == {mine, other}
    foreign = FollowUps(corp.server.make_corp(seed="demo").client())
    foreign.add("zhangsan")
    foreign.add("lisi")
    assert len(shown(foreign)) == 2
    assert not set(shown(foreign)) & {mine, other}
