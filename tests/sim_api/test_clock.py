"""/_sim/clock: one clock for the whole server, read, set, advanced, frozen."""

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import Databases, RunningServer
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import SIM_CLOCK

StartServer = Callable[..., RunningServer]

AUGUST = 1785546000
"""2026-08-01T09:00:00+08:00"""
SECONDS_A_TEST_MAY_TAKE = 30


def move(server: RunningServer, **body: Any) -> dict[str, Any]:
    answer = server.sim.post("/clock", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def read(server: RunningServer) -> dict[str, Any]:
    return dict(server.sim.get("/clock").json())


@pytest.fixture
def clocked(start_server: StartServer) -> RunningServer:
    """A server with the clock set to AUGUST."""
    server = start_server()
    move(server, set=AUGUST, freeze=True)
    return server


def test_a_new_server_starts_with_the_wall_clock_time(server: RunningServer) -> None:
    shown = read(server)
    assert shown["frozen"] is False
    assert abs(shown["now"] - time.time()) < SECONDS_A_TEST_MAY_TAKE


def test_iso_is_the_same_time_in_shanghai(clocked: RunningServer) -> None:
    assert read(clocked) == {"now": AUGUST, "iso": "2026-08-01T09:00:00+08:00", "frozen": True}
    moved = move(clocked, advance_seconds=3_600 * 15)
    assert moved["iso"] == "2026-08-02T00:00:00+08:00"
    assert datetime.fromisoformat(moved["iso"]).timestamp() == moved["now"]


def test_a_frozen_clock_moves_only_on_request(clocked: RunningServer) -> None:
    time.sleep(1.1)
    assert read(clocked)["now"] == AUGUST
    assert move(clocked, advance_seconds=86_400) == {
        "now": AUGUST + 86_400,
        "iso": "2026-08-02T09:00:00+08:00",
        "frozen": True,
    }
    assert move(clocked, advance_seconds=0)["now"] == AUGUST + 86_400


def test_an_unfrozen_clock_continues_from_its_time(clocked: RunningServer) -> None:
    assert move(clocked, freeze=False)["frozen"] is False
    time.sleep(1.1)
    assert AUGUST < read(clocked)["now"] < AUGUST + SECONDS_A_TEST_MAY_TAKE


def test_a_running_clock_keeps_running_after_a_move(start_server: StartServer) -> None:
    server = start_server()
    assert move(server, set=AUGUST)["frozen"] is False
    time.sleep(1.1)
    assert AUGUST < move(server, advance_seconds=0)["now"] < AUGUST + SECONDS_A_TEST_MAY_TAKE
    later = move(server, advance_seconds=10_000)["now"]
    assert AUGUST + 10_000 < later < AUGUST + 10_000 + SECONDS_A_TEST_MAY_TAKE


@pytest.mark.parametrize(
    "written",
    [
        AUGUST,
        str(AUGUST),
        "2026-08-01T09:00:00+08:00",
        "2026-08-01T01:00:00Z",
        "2026-07-31T18:00:00-07:00",
        "2026-08-01T09:00:00",
        "2026-08-01 09:00",
    ],
)
def test_a_time_is_unix_seconds_or_iso_and_without_a_zone_it_is_shanghai(
    clocked: RunningServer, written: object
) -> None:
    move(clocked, set="2020-02-29")
    assert move(clocked, set=written)["now"] == AUGUST


def test_the_clock_can_be_set_back(clocked: RunningServer) -> None:
    assert move(clocked, set=AUGUST - 10_000_000)["now"] == AUGUST - 10_000_000


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "body: give advance_seconds, set or freeze"),
        ({"set": None}, "body: give advance_seconds, set or freeze"),
        ({"set": AUGUST, "advance_seconds": 1}, "body: give advance_seconds or set, not both"),
        ({"advance_seconds": -1}, "body.advance_seconds: Input should be greater than or equal to 0"),
        ({"advance_seconds": 1.5}, "body.advance_seconds: Input should be a valid integer"),
        ({"advance_seconds": "60"}, "body.advance_seconds: Input should be a valid integer"),
        ({"advance_seconds": True}, "body.advance_seconds: Input should be a number, not true or false"),
        (
            {"advance_seconds": 10**12},
            "body.advance_seconds: Input should be less than or equal to 2682374400",
        ),
        ({"freeze": "yes"}, "body.freeze: Input should be a valid boolean"),
        ({"freeze": 1}, "body.freeze: Input should be a valid boolean"),
        ({"hurry": True}, "body.hurry: Extra inputs are not permitted"),
    ],
)
def test_an_invalid_move_is_refused_and_moves_nothing(
    clocked: RunningServer, body: dict[str, Any], sentence: str
) -> None:
    answer = clocked.sim.post("/clock", json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": sentence})
    assert read(clocked)["now"] == AUGUST


@pytest.mark.parametrize(
    "written", ["yesterday", "", "2026-02-30", "2014-12-31", True, 1.5, 0, -1, 4102444800, 10**18, [AUGUST]]
)
def test_an_invalid_time_is_refused_with_the_valid_forms(clocked: RunningServer, written: object) -> None:
    answer = clocked.sim.post("/clock", json={"set": written})
    assert answer.status_code == 422
    assert answer.json()["error"] == (
        f"body.set: {written!r} is not a time from 2015 to 2099; "
        "write unix seconds, or ISO 8601 such as 2026-08-01T09:00:00+08:00"
    )
    assert read(clocked)["now"] == AUGUST


def test_the_clock_stops_short_of_2100(clocked: RunningServer) -> None:
    answer = clocked.sim.post("/clock", json={"advance_seconds": 2_500_000_000})
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "the clock runs from 1420070400 (2015) to 4102444799 (2099), unix seconds"
    }
    assert read(clocked)["now"] == AUGUST


def test_concurrent_advances_all_take_effect(clocked: RunningServer) -> None:
    def advance(seconds: int) -> None:
        answer = httpx.post(f"{clocked.base_url}/_sim/clock", json={"advance_seconds": seconds}, timeout=60)
        assert answer.status_code == 200

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(advance, range(1, 21)))
    assert read(clocked)["now"] == AUGUST + sum(range(1, 21))


def test_calls_use_the_simulated_time(clocked: RunningServer) -> None:
    corp = clocked.make_corp()
    wecom = corp.client()
    reply = wecom.post("externalcontact/add_corp_tag", group_name="新组", tag=[{"name": "新标签"}])
    assert reply["tag_group"]["create_time"] == AUGUST
    move(clocked, advance_seconds=7_199)
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 0
    move(clocked, advance_seconds=1)
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 42001


def test_the_clock_survives_a_restart(databases: Databases, start_server: StartServer) -> None:
    url = databases.new_url()
    first = start_server(database_url=url)
    move(first, set=AUGUST, freeze=True)
    first.stop()
    assert read(start_server(database_url=url)) == {
        "now": AUGUST,
        "iso": "2026-08-01T09:00:00+08:00",
        "frozen": True,
    }


class EachReadingASecondLater:
    """A wall clock that is a second later at each read, as on a slow machine."""

    def __init__(self) -> None:
        self._readings = itertools.count(int(time.time()))

    def time(self) -> float:
        return float(next(self._readings))


@pytest.mark.parametrize("freeze_first", [True, False])
def test_a_move_and_a_freeze_happen_at_the_same_second(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, freeze_first: bool
) -> None:
    server = start_server()
    if freeze_first:
        move(server, freeze=True)
    monkeypatch.setattr(clock, "time", EachReadingASecondLater())
    assert move(server, set=AUGUST, freeze=True)["now"] == AUGUST
    assert move(server, advance_seconds=5, freeze=True)["now"] == AUGUST + 5


def test_unfreezing_a_running_clock_changes_nothing(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server()
    move(server, set=AUGUST)
    with server.server.database.transaction() as tx:
        before = tx.execute(sa.select(SIM_CLOCK)).one()
    monkeypatch.setattr(clock, "time", EachReadingASecondLater())
    move(server, freeze=False)
    with server.server.database.transaction() as tx:
        assert tx.execute(sa.select(SIM_CLOCK)).one() == before
