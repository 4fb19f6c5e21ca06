"""Callbacks, attempts, act records and the journal are bounded by count and age; the ledger is not."""

import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Corp, RunningServer
from wecom_tollbooth.billing.tables import USAGE_RECORD
from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ATTEMPT
from wecom_tollbooth.families.relations.tables import ACT_RECORD
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.retention import Retention
from wecom_tollbooth.retention.sweep import SLICE_ROWS
from wecom_tollbooth.world.clock import DAY

StartServer = Callable[..., RunningServer]
NO_CORP = ""


def now(server: RunningServer) -> int:
    return int(server.sim.get("/clock").json()["now"])


def run(server: RunningServer, retention: Retention | None = None) -> int:
    """A round; returns how many slices it took."""
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    (retention or Retention(server.settings, server.server.database)).run_round(pause)
    return len(pauses)


def callback(corpid: str, number: int, at: int, state: str = "delivered") -> dict[str, Any]:
    return {
        "corp_id": corpid, "id": number, "agentid": 1_000_002, "at": at, "event": "e", "change_type": "c",
        "xml": "<xml/>", "state": state, "due_at": 2**40, "attempts": 1, "copy_of": None,
    }  # fmt: skip


def attempt(corpid: str, callback_id: int, at: int, number: int = 1) -> dict[str, Any]:
    return {
        "corp_id": corpid, "callback_id": callback_id, "number": number, "at": at, "url": "http://127.0.0.1:9/",
        "status": 200, "answer": "", "error": "", "duration_ms": 1,
    }  # fmt: skip


def act_record(corpid: str, number: int, at: int) -> dict[str, Any]:
    return {
        "corp_id": corpid, "id": number, "at": at, "kind": "message_in", "userid": "zhangsan",
        "external_userid": "wm1", "reference": "",
    }  # fmt: skip


def journaled(corpid: str, number: int, at: int) -> dict[str, Any]:
    return {
        "corp_id": corpid, "seq": number, "usage_id": number, "at": at, "agentid": 0, "ip": "127.0.0.1",
        "method": "GET", "path": "/cgi-bin/x", "query": "", "body": "", "http_status": 200, "errcode": 0,
        "errmsg": "ok", "detail": "", "warned": False, "duration_us": 1,
    }  # fmt: skip


def add(server: RunningServer, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    with server.server.database.transaction() as tx:
        tx.execute(sa.insert(table), rows)


def ids(server: RunningServer, table: sa.Table, corpid: str) -> list[Any]:
    """What the corp has in the table, by the last column of the primary key."""
    key = list(table.primary_key.columns)[1]
    with server.server.database.transaction() as tx:
        return list(tx.execute(sa.select(key).where(table.c.corp_id == corpid).order_by(key)).scalars())


def removed(corp: Corp) -> dict[str, int]:
    return {kind["kind"]: kind["removed"] for kind in corp.sim("retention")["kinds"] if kind["removed"]}


@pytest.fixture
def small(start_server: StartServer) -> RunningServer:
    return start_server(
        callbacks_kept=10,
        callbacks_kept_days=30,
        attempts_kept=8,
        attempts_kept_days=20,
        act_records_kept=10,
        act_records_kept_days=30,
        journal_capacity=20,
        journal_kept_days=30,
    )


def test_the_newest_are_kept_and_what_waits(small: RunningServer) -> None:
    corp, other, at = small.make_corp(), small.make_corp(), now(small)
    rows = [
        callback(corp.corpid, number, at, "waiting" if number < 3 else "delivered") for number in range(1, 31)
    ]
    add(small, CALLBACK, rows)
    add(small, CALLBACK, [callback(other.corpid, number, at) for number in range(1, 11)])
    add(small, CALLBACK_ATTEMPT, [attempt(corp.corpid, number, at) for number in range(1, 31)])
    add(small, ACT_RECORD, [act_record(corp.corpid, number, at) for number in range(1, 31)])
    run(small)
    assert ids(small, CALLBACK, corp.corpid) == [1, 2, *range(21, 31)]
    assert ids(small, CALLBACK, other.corpid) == list(range(1, 11))
    assert ids(small, CALLBACK_ATTEMPT, corp.corpid) == list(range(23, 31))
    assert ids(small, ACT_RECORD, corp.corpid) == list(range(21, 31))
    assert removed(corp) == {"callbacks": 18, "attempts": 22, "act_records": 20}
    assert removed(other) == {}
    whole = small.sim.get("/retention").json()["kinds"]
    assert [(kind["kind"], kind["kept"], kind["days"], kind["removed"]) for kind in whole[:4]] == [
        ("callbacks", 10, 30, 18),
        ("attempts", 8, 20, 22),
        ("act_records", 10, 30, 20),
        ("journal", 20, 30, 0),
    ]
    assert all((kind["last_removed_at"] is None) == (kind["removed"] == 0) for kind in whole)


def test_old_rows_are_removed_despite_a_row_in_the_future(small: RunningServer) -> None:
    corp, at = small.make_corp(), now(small)
    old, future = at - 31 * DAY, at + 100 * DAY
    add(small, CALLBACK, [
        callback(corp.corpid, 1, future), callback(corp.corpid, 2, old), callback(corp.corpid, 4, at),
        callback(corp.corpid, 3, old, "waiting"), callback(corp.corpid, 5, old),
    ])  # fmt: skip
    add(small, ACT_RECORD, [act_record(corp.corpid, 1, future), act_record(corp.corpid, 2, old)])
    add(small, CALLBACK_ATTEMPT, [attempt(corp.corpid, 3, old), attempt(corp.corpid, 4, at, 1)])
    for corpid in (corp.corpid, NO_CORP):
        add(small, CALL_JOURNAL, [journaled(corpid, 1, old), journaled(corpid, 2, at)])
    run(small)
    assert ids(small, CALLBACK, corp.corpid) == [1, 3, 4]
    assert ids(small, ACT_RECORD, corp.corpid) == [1]
    assert ids(small, CALLBACK_ATTEMPT, corp.corpid) == [4]
    assert ids(small, CALL_JOURNAL, corp.corpid) == [2]
    assert ids(small, CALL_JOURNAL, NO_CORP) == [2]
    assert removed(corp) == {"callbacks": 2, "attempts": 1, "act_records": 1, "journal": 1}


def test_the_clock_makes_rows_old_and_the_ledger_stays(small: RunningServer) -> None:
    corp = small.make_corp(seed="demo")
    wecom = corp.client()
    for _ in range(3):
        wecom.get("externalcontact/get_follow_user_list")
    retention = Retention(small.settings, small.server.database)
    run(small, retention)
    assert len(ids(small, CALL_JOURNAL, corp.corpid)) == 4
    with small.server.database.transaction() as tx:
        booked = tx.execute(sa.select(sa.func.count()).select_from(USAGE_RECORD)).scalar_one()
    answer = small.sim.post("/clock", json={"advance_seconds": 40 * DAY})
    assert answer.status_code == 200
    run(small, retention)
    assert ids(small, CALL_JOURNAL, corp.corpid) == []
    with small.server.database.transaction() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(USAGE_RECORD)).scalar_one() >= booked
    assert corp.sim("ledger/verify")["intact"]
    assert removed(corp)["journal"] == 4


def test_excess_rows_are_removed_once_they_exceed_a_tenth(small: RunningServer) -> None:
    corp, at = small.make_corp(), now(small)
    retention = Retention(small.settings, small.server.database)
    add(small, ACT_RECORD, [act_record(corp.corpid, number, at) for number in range(1, 11)])
    quiet = run(small, retention), run(small, retention)
    assert quiet[1] < quiet[0]
    add(small, ACT_RECORD, [act_record(corp.corpid, 11, at)])
    run(small, retention)
    assert len(ids(small, ACT_RECORD, corp.corpid)) == 11
    add(small, ACT_RECORD, [act_record(corp.corpid, 12, at)])
    run(small, retention)
    assert ids(small, ACT_RECORD, corp.corpid) == list(range(3, 13))


def test_an_old_big_table_shrinks_in_slices(small: RunningServer) -> None:
    corp, at = small.make_corp(), now(small)
    rows = 8 * SLICE_ROWS
    add(small, CALLBACK, [callback(corp.corpid, number, at) for number in range(1, rows + 1)])
    left: list[int] = []

    def pause(seconds: float) -> bool:
        assert seconds > 0
        left.append(len(ids(small, CALLBACK, corp.corpid)))
        return False

    Retention(small.settings, small.server.database).run_round(pause)
    steps = [before - after for before, after in pairwise(left)]
    assert left[-1] == 10
    assert max(steps) == SLICE_ROWS
    assert len([step for step in steps if step]) == 8


def test_a_round_ends_between_two_slices_when_the_server_stops(small: RunningServer) -> None:
    corp, at = small.make_corp(), now(small)
    add(small, CALLBACK, [callback(corp.corpid, number, at) for number in range(1, 3 * SLICE_ROWS)])
    retention = Retention(small.settings, small.server.database)
    assert retention.work(lambda _: True) < 10
    assert retention.work(lambda _: True) > 10
    assert len(ids(small, CALLBACK, corp.corpid)) >= 2 * SLICE_ROWS


def test_two_workers_remove_and_count_each_row_once(small: RunningServer) -> None:
    corps, at = [small.make_corp() for _ in range(3)], now(small)
    for corp in corps:
        add(small, CALLBACK, [callback(corp.corpid, number, at) for number in range(1, 1_511)])
        add(small, CALLBACK_ATTEMPT, [attempt(corp.corpid, number, at) for number in range(1, 1_511)])
    failures: list[BaseException] = []

    def rounds() -> None:
        retention = Retention(small.settings, small.server.database)
        try:
            for _ in range(3):
                run(small, retention)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=rounds) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    run(small)
    for corp in corps:
        assert ids(small, CALLBACK, corp.corpid) == list(range(1_501, 1_511))
        assert removed(corp) == {"callbacks": 1_500, "attempts": 1_502}


def test_the_count_is_deleted_with_the_corp(small: RunningServer) -> None:
    corp, at = small.make_corp(), now(small)
    add(small, ACT_RECORD, [act_record(corp.corpid, number, at) for number in range(1, 31)])
    retention = Retention(small.settings, small.server.database)
    run(small, retention)
    assert small.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    run(small, retention)
    assert small.sim.get(f"/corps/{corp.corpid}/retention").status_code == 404
    assert all(kind["removed"] == 0 for kind in small.sim.get("/retention").json()["kinds"])


@pytest.mark.skipif(ON_POSTGRESQL, reason="PostgreSQL reuses room by itself")
def test_a_sqlite_file_gives_back_its_room_in_slices(small: RunningServer) -> None:
    corp, at = small.make_corp(), now(small)
    rows = [{**callback(corp.corpid, number, at), "xml": "x" * 3_000} for number in range(1, 6_001)]
    add(small, CALLBACK, rows)
    path = small.settings.sqlite_file
    assert isinstance(path, Path)

    def size() -> int:
        with small.server.database.transaction() as tx:
            return int(tx.cursor.execute("PRAGMA page_count").fetchone()[0]) * 4096

    full, sizes = size(), []

    def pause(_: float) -> bool:
        sizes.append(size())
        return False

    Retention(small.settings, small.server.database).run_round(pause)
    steps = [before - after for before, after in pairwise(sizes) if before != after]
    assert full > 18_000_000
    assert sizes[-1] < full / 1.5
    assert max(steps) <= 101 * 4096
