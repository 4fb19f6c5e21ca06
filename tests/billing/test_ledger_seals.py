"""Seals: changing, removing or adding a record in a past hour is detected."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from tests.billing.ledger_checks import agree, do, kinds_found, move
from tests.conftest import Corp, RunningServer
from wecom_tollbooth.billing import seals
from wecom_tollbooth.billing.ledger import SealedHour, book
from wecom_tollbooth.billing.tables import LEDGER_SEAL, USAGE_LEVEL, USAGE_RECORD, USAGE_TOTAL
from wecom_tollbooth.world import clock

HOUR = 3600
CHANGED = {
    "corp_id": "wwsomebodyelse",
    "id": USAGE_RECORD.c.id + 10_000_000,
    "at": USAGE_RECORD.c.at + 1,
    "agentid": USAGE_RECORD.c.agentid + 1,
    "operation": "/cgi-bin/other",
    "meter": "tag.read",
    "errcode": USAGE_RECORD.c.errcode + 1,
    "quantity": USAGE_RECORD.c.quantity + 1,
    "subject": "zhangsan",
    "reverses": 1,
    "reason": "none",
}


def change(corp: Corp, statement: sa.Executable) -> None:
    with corp.server.server.database.transaction() as tx:
        tx.execute(statement)


@pytest.fixture
def sealed(start_server: Any) -> Corp:
    """A corp with three sealed hours, each with several calls."""
    server = start_server()
    move(server, set="2026-03-01T08:30:00+08:00", freeze=True)
    corp: Corp = server.make_corp(seed="demo", customers=3)
    for _ in range(3):
        wecom = corp.client()
        wecom.get("externalcontact/list", userid="zhangsan")
        wecom.get("externalcontact/list", userid="nobody")
        move(server, advance_seconds=HOUR)
    return corp


def second_hour(corp: Corp) -> int:
    with corp.server.server.database.transaction() as tx:
        hours = (
            sa.select(LEDGER_SEAL.c.hour)
            .where(LEDGER_SEAL.c.corp_id == corp.corpid)
            .order_by(LEDGER_SEAL.c.hour)
        )
        return int(tx.execute(hours).scalars().all()[1])


def in_the_second_hour(corp: Corp) -> sa.ColumnElement[bool]:
    hour = second_hour(corp)
    return (
        (USAGE_RECORD.c.corp_id == corp.corpid)
        & (USAGE_RECORD.c.at >= hour * HOUR)
        & (USAGE_RECORD.c.at < hour * HOUR + HOUR)
    )


def test_a_past_hour_is_sealed_and_chained(sealed: Corp) -> None:
    assert kinds_found(sealed) == set()
    with sealed.server.server.database.transaction() as tx:
        rows = tx.execute(
            sa.select(LEDGER_SEAL).where(LEDGER_SEAL.c.corp_id == sealed.corpid).order_by(LEDGER_SEAL.c.hour)
        ).all()
    assert [seal.hour - rows[0].hour for seal in rows] == [0, 1, 2]
    assert [seal.previous_hash for seal in rows] == ["", rows[0].hash, rows[1].hash]
    report = sealed.sim("ledger/verify")
    assert (report["hours"], report["sealed_until"]) == (3, "2026-03-01T11:00:00+08:00")
    assert sealed.server.sim.get("/ledger/verify").json()["intact"] is True


def test_every_column_of_the_ledger_is_sealed() -> None:
    assert set(CHANGED) == set(USAGE_RECORD.c.keys())


@pytest.mark.parametrize("column", CHANGED)
def test_a_changed_column_in_a_sealed_hour_is_found(sealed: Corp, column: str) -> None:
    here = in_the_second_hour(sealed)
    first = sa.select(sa.func.min(USAGE_RECORD.c.id)).where(here).scalar_subquery()
    change(
        sealed,
        sa.update(USAGE_RECORD).where(here, USAGE_RECORD.c.id == first).values({column: CHANGED[column]}),
    )
    assert "changed" in kinds_found(sealed)


def test_a_removed_record_and_a_removed_hour_are_found(sealed: Corp) -> None:
    here = in_the_second_hour(sealed)
    last = sa.select(sa.func.max(USAGE_RECORD.c.id)).where(here).scalar_subquery()
    change(sealed, sa.delete(USAGE_RECORD).where(here, USAGE_RECORD.c.id == last))
    assert {"changed", "total"} <= kinds_found(sealed)
    change(
        sealed,
        sa.delete(LEDGER_SEAL).where(
            LEDGER_SEAL.c.corp_id == sealed.corpid, LEDGER_SEAL.c.hour == second_hour(sealed)
        ),
    )
    change(sealed, sa.delete(USAGE_RECORD).where(here))
    assert "chain" in kinds_found(sealed)


def test_a_record_added_to_a_sealed_hour_is_found(sealed: Corp) -> None:
    row = {"corp_id": sealed.corpid, "agentid": 0, "operation": "/x", "meter": "tag.read", "errcode": 0}
    row |= {"quantity": 1, "subject": "", "reverses": None, "reason": ""}
    with sealed.server.server.database.transaction() as tx:
        context = sealed.server.server.context(tx)
        at = context.now - 2 * HOUR
        tx.execute(sa.insert(USAGE_RECORD).values(**row, id=context.next_id(), at=at))
        tx.execute(sa.insert(USAGE_RECORD).values(**row, id=context.next_id(), at=at - 30 * HOUR))
    assert kinds_found(sealed) == {"changed", "added", "total"}


@pytest.mark.parametrize("column", ["records", "sum", "hash", "previous_hash"])
def test_a_changed_seal_is_found(sealed: Corp, column: str) -> None:
    value: Any = LEDGER_SEAL.c[column] + 1 if column in ("records", "sum") else "0" * 64
    change(
        sealed, sa.update(LEDGER_SEAL).where(LEDGER_SEAL.c.corp_id == sealed.corpid).values({column: value})
    )
    assert kinds_found(sealed) & {"changed", "chain"}


def test_a_total_or_level_that_differs_from_the_records_is_found(sealed: Corp) -> None:
    change(
        sealed,
        sa.update(USAGE_TOTAL)
        .where(USAGE_TOTAL.c.corp_id == sealed.corpid)
        .values(quantity=USAGE_TOTAL.c.quantity + 1),
    )
    assert kinds_found(sealed) == {"total"}
    change(
        sealed,
        sa.update(USAGE_LEVEL)
        .where(USAGE_LEVEL.c.corp_id == sealed.corpid)
        .values(peak=USAGE_LEVEL.c.peak + 1),
    )
    assert kinds_found(sealed) == {"total", "level"}


def test_setting_the_clock_back_reopens_hours_which_are_sealed_again(sealed: Corp) -> None:
    move(sealed.server, set="2026-03-01T09:45:00+08:00")
    assert sealed.sim("ledger/verify")["hours"] == 1
    assert sealed.client().get("externalcontact/get_follow_user_list")["errcode"] == 0
    move(sealed.server, advance_seconds=2 * HOUR)
    report = sealed.sim("ledger/verify")
    assert (report["intact"], report["hours"]) == (True, 3)
    assert agree(sealed)


def test_the_clock_cannot_go_back_over_changed_hours(sealed: Corp) -> None:
    change(sealed, sa.update(USAGE_RECORD).where(in_the_second_hour(sealed)).values(agentid=7))
    answer = sealed.server.sim.post("/clock", json={"set": "2026-03-01T09:45:00+08:00"})
    assert answer.status_code == 409
    assert sealed.corpid in answer.json()["error"]
    assert "changed" in kinds_found(sealed)


def test_tasks_due_in_a_past_hour_are_in_its_seal(start_server: Any) -> None:
    server = start_server()
    move(server, set="2026-03-01T08:30:00+08:00", freeze=True)
    corp: Corp = server.make_corp(seed="demo", customers=0)
    at = server.sim.get("/clock").json()["now"]
    do(corp, "admin_buys_acquisition_quota", amount=5, expires_at=at + 5 * HOUR)
    move(server, advance_seconds=10 * 86_400)
    assert corp.sim("ledger/verify")["intact"] is True


# --- deleted corps ---------------------------------------------------------------------------------------


def test_the_ledger_of_a_deleted_corp_can_be_read(start_server: Any) -> None:
    server = start_server()
    move(server, set="2026-03-10T12:00:00+08:00", freeze=True)
    corp: Corp = server.make_corp(seed="demo", customers=7)
    corp.client().get("externalcontact/list", userid="zhangsan")
    usage, total = corp.sim("usage"), corp.sim("statement")["total"]
    assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    assert (corp.sim("usage"), corp.sim("statement")["total"]) == (usage, total)
    move(server, set="2026-05-10T12:00:00+08:00")
    assert corp.sim("usage")["contacts"] == 0, "its contacts ended with it"
    assert corp.sim("usage", month="2026-03") == usage
    assert kinds_found(corp) == set()
    assert [other["corpid"] for other in server.sim.get("/usage").json()["corps"]] == ["", corp.corpid]
    assert server.make_corp().corpid != corp.corpid
    assert server.sim.get("/corps/ww0/usage").status_code == 404


def test_a_late_record_is_refused_on_postgresql_and_found_on_sqlite(
    sealed: Corp,
) -> None:
    """On SQLite transactions run one after the other, so no call can be late and none is checked."""
    database = sealed.server.server.database
    at = sealed.server.sim.get("/clock").json()["now"] - 2 * HOUR
    refused = False
    try:
        with database.transaction() as tx:
            number = sealed.server.server.context(tx).next_id()
            book(tx, corp_id=sealed.corpid, id=number, at=at, operation="/x", meter="tag.read")
    except SealedHour:
        refused = True
    assert refused is (database.dialect == "postgresql")
    assert kinds_found(sealed) == (set() if refused else {"changed"})


def a_call_waits(server: RunningServer) -> bool:
    """Whether a call waits for the lock of the hours; SQLite does not show it."""
    database = server.server.database
    if database.dialect == "sqlite":
        time.sleep(0.2)
        return True
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = :hours"
    with database.transaction() as tx:
        return bool(tx.execute(sa.text(waiting), {"hours": clock.HOUR_LOCK}).scalar())


def while_its_hour_is_sealed(corp: Corp, act: Callable[[], Any]) -> Any:
    """The result of `act`, started before its hour was sealed and finished afterwards."""
    with ThreadPoolExecutor(1) as client:
        with corp.server.server.database.transaction() as tx:
            clock.hold_hours(tx)
            clock.goal_in(tx, HOUR).reach(tx)
            context = corp.server.server.context(tx, corp.corpid)
            made = seals.next_seals(context)
            assert made
            seals.write(context, made)
            under_way = client.submit(act)
            deadline = time.monotonic() + 20
            while not a_call_waits(corp.server):
                assert time.monotonic() < deadline, "the call does not wait"
        return under_way.result()


@pytest.mark.parametrize("external_userid", ["known", "unknown"])
def test_a_call_running_while_its_hour_is_sealed_is_booked_in_the_next(
    start_server: Any, external_userid: str
) -> None:
    server = start_server()
    move(server, set="2026-03-01T08:30:00+08:00", freeze=True)
    corp: Corp = server.make_corp(seed="demo", members=1, customers=1)
    wecom = corp.client()
    (customer,) = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    asked = customer if external_userid == "known" else "wm" + "0" * 30
    reply = while_its_hour_is_sealed(corp, lambda: wecom.get("externalcontact/get", external_userid=asked))
    assert reply["errcode"] == (0 if external_userid == "known" else 40096), reply
    (record,) = corp.sim("ledger", operation="/cgi-bin/externalcontact/get")["records"]
    assert record["at"] == server.sim.get("/clock").json()["now"]
    assert kinds_found(corp) == set()


def test_an_act_running_while_its_hour_is_sealed_is_booked_in_the_next(start_server: Any) -> None:
    server = start_server()
    move(server, set="2026-03-01T08:30:00+08:00", freeze=True)
    corp: Corp = server.make_corp(seed="demo", customers=1)
    while_its_hour_is_sealed(corp, lambda: do(corp, "member_adds_customer", userid="zhangsan"))
    assert corp.sim("usage")["contacts"] == 2
    assert corp.sim("ledger", meter="contacts")["records"][-1]["at"] == server.sim.get("/clock").json()["now"]
    assert kinds_found(corp) == set()
