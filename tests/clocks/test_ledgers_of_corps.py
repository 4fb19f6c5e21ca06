"""Months, seals and what is left of a deleted corp go by the corp's clock."""

import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from tests.billing.ledger_checks import agree, kinds_found
from tests.billing.test_budgets import BARRED, budget, call, expensive_book
from tests.clocks.corps import DAY, HOUR, LIST, MAY, move, rows
from tests.conftest import Corp, RunningServer
from wecom_tollbooth.billing.tables import LEDGER_SEAL, USAGE_RECORD
from wecom_tollbooth.world.clock import CORP_CLOCK

StartServer = Callable[..., RunningServer]


def test_a_bill_has_the_months_of_the_corps_clock(clocked: Corp) -> None:
    before = clocked.sim("usage", month="2030-05")["calls"]["charged"]
    clocked.client().get(LIST)
    move(clocked, advance_seconds=31 * DAY)
    clocked.client().get(LIST)
    usage = clocked.sim("usage")
    assert (usage["month"], usage["calls"]["charged"]) == ("2030-06", 2)
    assert clocked.sim("usage", month="2030-05")["calls"]["charged"] == before + 2
    assert clocked.sim("statement")["month"] == "2030-06"
    assert agree(clocked)


def test_a_budget_is_for_the_month_of_the_corps_clock(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(price_book=expensive_book(tmp_path))
    callers = []
    for _ in range(2):
        corp = server.make_corp(seed="demo")
        move(corp, set="2030-05-31T23:50:00+08:00", freeze=True)
        budget(corp, amount="0.20", barrier="hard")
        callers.append(corp.client())
    assert [call(wecom, 3) for wecom in callers] == [[0, 0, BARRED]] * 2
    move(callers[0].corp, advance_seconds=600)
    assert [call(wecom) for wecom in callers] == [[0], [BARRED]]
    assert [wecom.corp.sim("budget")["month"] for wecom in callers] == ["2030-06", "2030-05"]


def hours_sealed(corp: Corp) -> list[int]:
    query = sa.select(LEDGER_SEAL.c.hour).where(LEDGER_SEAL.c.corp_id == corp.corpid)
    return [row.hour for row in rows(corp, query.order_by(LEDGER_SEAL.c.hour))]


def test_hours_are_sealed_and_opened_again_by_the_corps_clock(server: RunningServer, clocked: Corp) -> None:
    other = server.make_corp(seed="demo")
    move(other, set=MAY, freeze=True)
    for corp in (clocked, other):
        corp.client().get(LIST)
        move(corp, advance_seconds=2 * HOUR)
        assert MAY // HOUR in hours_sealed(corp)
    move(clocked, set=MAY)
    assert MAY // HOUR not in hours_sealed(clocked)
    assert MAY // HOUR in hours_sealed(other)
    clocked.client().get(LIST)
    move(clocked, advance_seconds=2 * HOUR)
    for corp in (clocked, other):
        assert kinds_found(corp) == set()


def test_the_server_set_back_leaves_seals_of_corps_with_their_own_clock(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": MAY, "freeze": True})
    own, follower = server.make_corp(), server.make_corp()
    move(own, freeze=True)
    for corp in (own, follower):
        corp.client().get(LIST)
    move(own, advance_seconds=HOUR)
    server.sim.post("/clock", json={"advance_seconds": HOUR})
    assert hours_sealed(own) == hours_sealed(follower) == [MAY // HOUR]
    server.sim.post("/clock", json={"set": MAY})
    assert (hours_sealed(own), hours_sealed(follower)) == ([MAY // HOUR], [])


def test_a_changed_hour_of_a_corp_with_its_own_clock_does_not_stop_the_server(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.sim.post("/clock", json={"set": MAY, "freeze": True})
    own = server.make_corp()
    move(own, freeze=True)
    own.client().get(LIST)
    move(own, advance_seconds=HOUR)
    with server.server.database.transaction() as tx:
        tx.execute(sa.update(USAGE_RECORD).where(USAGE_RECORD.c.corp_id == own.corpid).values(quantity=7))
    assert server.sim.post("/clock", json={"set": MAY - DAY}).status_code == 200
    assert server.sim.post(f"/corps/{own.corpid}/clock", json={"set": MAY}).status_code == 409


def test_a_corp_does_not_go_back_over_an_hour_that_was_changed(clocked: Corp) -> None:
    clocked.client().get(LIST)
    move(clocked, advance_seconds=HOUR)
    with clocked.server.server.database.transaction() as tx:
        mine = (USAGE_RECORD.c.corp_id == clocked.corpid) & (USAGE_RECORD.c.at == MAY)
        tx.execute(sa.update(USAGE_RECORD).where(mine).values(quantity=7))
    for body in ({"set": MAY}, {"follow_server": True}):
        answer = clocked.server.sim.post(f"/corps/{clocked.corpid}/clock", json=body)
        assert answer.status_code == 409
        assert "can't go back over sealed hours" in answer.json()["error"]
    assert clocked.sim("clock")["now"] == MAY + HOUR


def test_the_hours_of_a_running_clock_are_sealed_as_they_pass(server: RunningServer) -> None:
    corp = server.make_corp()
    move(corp, set=MAY)
    corp.client().get(LIST)
    move(corp, set=MAY + HOUR - 1)
    deadline = time.monotonic() + 60
    while MAY // HOUR not in hours_sealed(corp) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert MAY // HOUR in hours_sealed(corp)


def test_a_deleted_corp_keeps_its_clock_which_runs_on(clocked: Corp) -> None:
    clocked.client().get(LIST)
    assert clocked.server.sim.delete(f"/corps/{clocked.corpid}").status_code == 200
    (kept,) = rows(clocked, sa.select(CORP_CLOCK).where(CORP_CLOCK.c.corp_id == clocked.corpid))
    assert kept.frozen_at is None
    assert abs(kept.shift + time.time() - MAY) < 30
    ended = rows(
        clocked, sa.select(sa.func.max(USAGE_RECORD.c.at)).where(USAGE_RECORD.c.corp_id == clocked.corpid)
    )
    assert MAY <= ended[0][0] < MAY + 30
    assert kinds_found(clocked) == set()
