"""/_sim/corps/{corpid}/clock: a clock of its own for a corp, and the way back to the server's."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.clocks.corps import DAY, MAY, move, schedule_at
from tests.conftest import Corp, Databases, RunningServer
from tests.sim_api.test_advance import KIND, handled_by
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

StartServer = Callable[..., RunningServer]

SECONDS_A_TEST_MAY_TAKE = 30


@pytest.fixture
def other(server: RunningServer) -> Corp:
    return server.make_corp()


def waiting(corp: Corp) -> list[tuple[int, bool]]:
    """When the tasks are due, and whether they are noted as those of a corp with a clock of its own."""
    with corp.server.server.database.transaction() as tx:
        mine = SCHEDULED_TASK.select().where(
            SCHEDULED_TASK.c.corp_id == corp.corpid, SCHEDULED_TASK.c.kind == KIND
        )
        return sorted((row.due_at, bool(row.own_clock)) for row in tx.execute(mine))


# --- the clock itself -------------------------------------------------------------------------------------


def test_a_corp_follows_the_servers_clock_until_it_is_given_one(server: RunningServer, other: Corp) -> None:
    shown = other.sim("clock")
    assert (shown["corpid"], shown["frozen"], shown["follows_server"]) == (other.corpid, False, True)
    assert abs(shown["now"] - server.sim.get("/clock").json()["now"]) <= SECONDS_A_TEST_MAY_TAKE


def test_a_corps_clock_is_set_frozen_and_advanced_by_itself(server: RunningServer, other: Corp) -> None:
    corp = server.make_corp()
    shown = move(corp, set="2030-05-09T08:00:00+08:00", freeze=True)
    assert shown == {
        "corpid": corp.corpid,
        "now": MAY,
        "iso": "2030-05-09T08:00:00+08:00",
        "frozen": True,
        "follows_server": False,
    }
    assert move(corp, advance_seconds=90)["now"] == MAY + 90
    assert corp.sim("clock")["now"] == MAY + 90
    assert other.sim("clock")["follows_server"] is True
    assert abs(server.sim.get("/clock").json()["now"] - time.time()) < SECONDS_A_TEST_MAY_TAKE


def test_a_running_clock_of_a_corp_runs_with_the_wall_clock(server: RunningServer) -> None:
    corp = server.make_corp()
    assert move(corp, set=MAY)["frozen"] is False
    time.sleep(1.1)
    assert MAY < corp.sim("clock")["now"] < MAY + SECONDS_A_TEST_MAY_TAKE
    frozen = move(corp, freeze=True)["now"]
    assert move(corp, freeze=False)["now"] - frozen < SECONDS_A_TEST_MAY_TAKE


def test_freezing_a_corp_that_follows_gives_it_a_clock_that_stands(other: Corp) -> None:
    shown = move(other, freeze=True)
    assert (shown["frozen"], shown["follows_server"]) == (True, False)
    assert abs(shown["now"] - time.time()) < SECONDS_A_TEST_MAY_TAKE


def test_the_servers_moves_do_not_touch_a_corps_own_clock(start_server: StartServer) -> None:
    server = start_server()
    own, follower = server.make_corp(), server.make_corp()
    move(own, set=MAY, freeze=True)
    for body in ({"set": MAY + 9 * DAY, "freeze": True}, {"advance_seconds": DAY}, {"set": MAY - DAY}):
        server_now = server.sim.post("/clock", json=body).json()["now"]
        assert own.sim("clock")["now"] == MAY
        assert follower.sim("clock")["now"] == server_now


def test_follow_server_takes_the_corp_back_from_ahead_and_from_behind(start_server: StartServer) -> None:
    server, now = start_server(), MAY + 10 * DAY
    server.sim.post("/clock", json={"set": now, "freeze": True})
    for at in (MAY, MAY + 20 * DAY):
        corp = server.make_corp()
        move(corp, set=at)
        shown = move(corp, follow_server=True)
        assert (shown["now"], shown["frozen"], shown["follows_server"]) == (now, True, True)
        assert move(corp, follow_server=True) == shown
        server.sim.post("/clock", json={"advance_seconds": 1})
        now += 1
        assert corp.sim("clock")["now"] == now


def test_the_clock_of_a_corp_survives_a_restart(databases: Databases, start_server: StartServer) -> None:
    url = databases.new_url()
    first = start_server(database_url=url)
    corp = first.make_corp()
    shown = move(corp, set=MAY, freeze=True)
    first.stop()
    assert start_server(database_url=url).sim.get(f"/corps/{corp.corpid}/clock").json() == shown


@pytest.mark.parametrize("freeze_first", [True, False])
def test_a_move_and_a_freeze_happen_at_the_same_second(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, freeze_first: bool
) -> None:
    corp, readings = start_server().make_corp(), itertools.count(int(time.time()))
    if freeze_first:
        move(corp, freeze=True)
    monkeypatch.setattr(clock, "time", type("", (), {"time": lambda: float(next(readings))}))
    assert move(corp, set=MAY, freeze=True)["now"] == MAY
    assert move(corp, advance_seconds=5, freeze=True)["now"] == MAY + 5


# --- what is refused --------------------------------------------------------------------------------------

FORMS = "write unix seconds, or ISO 8601 such as 2026-08-01T09:00:00+08:00"


@pytest.mark.parametrize(
    "written",
    [
        "2015-12-31",
        1451606399,
        "2100-01-01T08:00:00+08:00",
        4102444800,
        0,
        -1,
        10**18,
        "yesterday",
        True,
        1.5,
    ],
)
def test_a_time_before_2016_or_after_2099_is_refused_and_moves_nothing(
    clocked: Corp, written: object
) -> None:
    answer = clocked.server.sim.post(f"/corps/{clocked.corpid}/clock", json={"set": written})
    assert answer.status_code == 422
    assert answer.json()["error"] == f"body.set: {written!r} is not a time from 2016 to 2099; {FORMS}"
    assert clocked.sim("clock")["now"] == MAY


@pytest.mark.parametrize("written", [1451606400, "2016-01-01T08:00:00+08:00", 4102444799])
def test_the_first_and_the_last_second_of_the_range_can_be_set(other: Corp, written: object) -> None:
    assert move(other, set=written, freeze=True)["now"] in (1451606400, 4102444799)


def test_an_advance_beyond_2099_is_refused(clocked: Corp) -> None:
    beyond = {"advance_seconds": 2_500_000_000}
    answer = clocked.server.sim.post(f"/corps/{clocked.corpid}/clock", json=beyond)
    assert (answer.status_code, answer.json()["error"]) == (
        422,
        "a corp's clock runs from 1451606400 (2016) to 4102444799 (2099), unix seconds",
    )
    assert clocked.sim("clock")["now"] == MAY


def test_a_corp_cannot_take_over_the_servers_time_from_before_2016(start_server: StartServer) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": "2015-06-01", "freeze": True})
    corp = server.make_corp()
    answer = server.sim.post(f"/corps/{corp.corpid}/clock", json={"freeze": True})
    assert answer.status_code == 422
    assert "a corp's clock runs from 1451606400 (2016)" in answer.json()["error"]
    assert corp.sim("clock")["follows_server"] is True


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "body: give advance_seconds, set or freeze"),
        ({"follow_server": None}, "body: give advance_seconds, set or freeze"),
        ({"follow_server": True, "freeze": True}, "body: give follow_server alone"),
        ({"follow_server": True, "advance_seconds": 0}, "body: give follow_server alone"),
        ({"follow_server": False}, "body.follow_server: Input should be True"),
        ({"set": MAY, "advance_seconds": 1}, "body: give advance_seconds or set, not both"),
        ({"advance_seconds": -1}, "body.advance_seconds: Input should be greater than or equal to 0"),
        ({"hurry": True}, "body.hurry: Extra inputs are not permitted"),
    ],
)
def test_an_invalid_move_is_refused_and_leaves_the_corp_with_the_server(
    other: Corp, body: dict[str, Any], sentence: str
) -> None:
    answer = other.server.sim.post(f"/corps/{other.corpid}/clock", json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": sentence})
    assert other.sim("clock")["follows_server"] is True


def test_a_corp_that_does_not_exist_has_no_clock(server: RunningServer) -> None:
    for answer in (
        server.sim.get("/corps/ww0000000000000000/clock"),
        server.sim.post("/corps/ww0000000000000000/clock", json={"freeze": True}),
        server.sim.post("/corps/ww0000000000000000/clock", json={"follow_server": True}),
    ):
        assert answer.status_code == 404


# --- scheduled tasks --------------------------------------------------------------------------------------


def test_an_advance_runs_the_tasks_of_that_corp_alone(clocked: Corp, other: Corp) -> None:
    ran: list[tuple[str, int]] = []
    move(other, set=MAY, freeze=True)
    schedule_at(clocked, MAY + 30, MAY + 10)
    schedule_at(other, MAY + 20)
    with handled_by(lambda act, _: ran.append((act.corp_id, act.now))):
        move(clocked, advance_seconds=60)
        assert ran == [(clocked.corpid, MAY + 10), (clocked.corpid, MAY + 30)]
        move(other, advance_seconds=60)
    assert ran[2:] == [(other.corpid, MAY + 20)]


def test_calls_of_the_corp_see_its_clock_pass_and_those_of_others_do_not(clocked: Corp, other: Corp) -> None:
    seen: list[tuple[int, int]] = []

    def look(act: Any, _: str) -> None:
        server = clocked.server.server
        seen.append((server.context(act.db, clocked.corpid).now, server.context(act.db, other.corpid).now))

    schedule_at(clocked, MAY + 10, MAY + 20)
    with handled_by(look):
        move(clocked, advance_seconds=60)
    assert [own for own, _ in seen] == [MAY + 10, MAY + 20]
    assert all(abs(now - time.time()) < SECONDS_A_TEST_MAY_TAKE for _, now in seen)


def test_the_worker_runs_what_falls_due_by_a_running_clock(server: RunningServer) -> None:
    ran: list[int] = []
    corp = server.make_corp()
    move(corp, set=MAY)
    with handled_by(lambda act, _: ran.append(act.now)):
        schedule_at(corp, MAY)
        deadline = time.monotonic() + 20
        while waiting(corp) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert ran == [MAY]


def test_the_servers_clock_makes_nothing_due_in_a_corp_with_its_own(start_server: StartServer) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": MAY, "freeze": True})
    ran: list[str] = []
    own, follower = server.make_corp(), server.make_corp()
    schedule_at(own, MAY + 5)
    move(own, freeze=True)
    schedule_at(own, MAY + 6)
    schedule_at(follower, MAY + 7)
    with handled_by(lambda act, _: ran.append(act.corp_id)):
        server.sim.post("/clock", json={"advance_seconds": DAY})
    assert ran == [follower.corpid]
    assert waiting(own) == [(MAY + 5, True), (MAY + 6, True)]


def test_follow_server_runs_what_falls_due_on_the_way_and_later_by_the_servers_clock(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": MAY + DAY, "freeze": True})
    corp = server.make_corp()
    move(corp, set=MAY)
    schedule_at(corp, MAY + 50, MAY + DAY, MAY + 2 * DAY)
    ran: list[int] = []
    with handled_by(lambda act, _: ran.append(act.now)):
        move(corp, follow_server=True)
        assert ran == [MAY + 50, MAY + DAY]
        assert waiting(corp) == [(MAY + 2 * DAY, False)]
        server.sim.post("/clock", json={"advance_seconds": DAY})
    assert ran == [MAY + 50, MAY + DAY, MAY + 2 * DAY]


def test_a_task_that_was_noted_under_the_wrong_clock_is_found(start_server: StartServer) -> None:
    """It was scheduled by a transaction that ran while its corp went back to the server's clock."""
    from wecom_tollbooth.world.scheduled_tasks import take_strays_in

    server = start_server()
    corp = server.make_corp()
    far = int(time.time()) + DAY
    schedule_at(corp, far)
    with server.server.database.transaction() as tx:
        tx.execute(SCHEDULED_TASK.update().values(own_clock=True))
    take_strays_in(server.server.database)
    assert waiting(corp) == [(far, False)]
