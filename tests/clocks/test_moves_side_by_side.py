"""Moves of different corps' clocks run side by side, those of one corp one after the other."""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import sqlalchemy as sa

from tests.clocks.corps import MAY, move, rows, schedule_at
from tests.conftest import Corp, RunningServer
from tests.sim_api.test_advance import handled_by
from wecom_tollbooth.corps.tables import Corp as CorpRow
from wecom_tollbooth.db import table_of
from wecom_tollbooth.world.clock import CORP_CLOCK

StartServer = Callable[..., RunningServer]


def test_a_long_move_of_one_corp_holds_up_no_other(server: RunningServer) -> None:
    slow, quick = server.make_corp(), server.make_corp()
    for corp in (slow, quick):
        move(corp, set=MAY, freeze=True)
    begun, moved = threading.Event(), threading.Event()

    def runs_until_the_other_has_moved(act: Any, _: str) -> None:
        if act.corp_id == slow.corpid and not moved.is_set():
            begun.set()
            time.sleep(0.002)

    schedule_at(slow, *range(MAY + 1, MAY + 400))
    url = f"{server.base_url}/_sim/corps/{slow.corpid}/clock"
    with handled_by(runs_until_the_other_has_moved):
        moving = threading.Thread(
            target=lambda: httpx.post(url, json={"advance_seconds": 1_000}, timeout=60), daemon=True
        )
        moving.start()
        assert begun.wait(20)
        assert move(quick, advance_seconds=60)["now"] == MAY + 60
        assert moving.is_alive()
        assert slow.sim("clock")["now"] < MAY + 1_000
        moved.set()
        moving.join(30)
    assert slow.sim("clock")["now"] == MAY + 1_000


def test_concurrent_advances_of_one_corp_all_take_effect(clocked: Corp) -> None:
    from concurrent.futures import ThreadPoolExecutor

    url = f"{clocked.server.base_url}/_sim/corps/{clocked.corpid}/clock"

    def advance(seconds: int) -> None:
        assert httpx.post(url, json={"advance_seconds": seconds}, timeout=60).status_code == 200

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(advance, range(1, 21)))
    assert clocked.sim("clock")["now"] == MAY + sum(range(1, 21))


def test_a_corp_that_is_deleted_while_its_clock_moves_answers_404(server: RunningServer) -> None:
    corp = server.make_corp()
    move(corp, set=MAY, freeze=True)
    begun, deleted = threading.Event(), threading.Event()
    answers: list[int] = []

    def takes_a_while(act: Any, _: str) -> None:
        begun.set()
        if not deleted.is_set():
            time.sleep(0.005)

    schedule_at(corp, *range(MAY + 1, MAY + 200))
    url = f"{server.base_url}/_sim/corps/{corp.corpid}/clock"
    with handled_by(takes_a_while):
        moving = threading.Thread(
            target=lambda: answers.append(
                httpx.post(url, json={"advance_seconds": 1_000}, timeout=60).status_code
            )
        )
        moving.start()
        assert begun.wait(20)
        assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
        deleted.set()
        moving.join(30)
    assert answers == [404]
    (kept,) = rows(corp, sa.select(CORP_CLOCK).where(CORP_CLOCK.c.corp_id == corp.corpid))
    assert kept.frozen_at is None
    assert not rows(corp, sa.select(table_of(CorpRow)).where(table_of(CorpRow).c.corp_id == corp.corpid))
