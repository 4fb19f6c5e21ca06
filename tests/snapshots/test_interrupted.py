"""Restores, resets and imports in slices: calls in between, and a process that dies after any of them."""

import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import Corp, RunningServer
from tests.sim_api.corps.test_long_actions import asked, meanwhile
from tests.snapshots.worlds import content_of, export, imported, send, take, without_the_restore
from wecom_tollbooth.corp_deletion import removing_leftovers
from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.tables import UNFINISHED_CORP
from wecom_tollbooth.db import Slices, in_transaction, run_slices
from wecom_tollbooth.seeds import resetting
from wecom_tollbooth.snapshots import importing, restoring
from wecom_tollbooth.snapshots.archive import opened
from wecom_tollbooth.tables import metadata


@pytest.fixture(autouse=True)
def every_corp_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "SMALL_ROWS", 0)
    monkeypatch.setattr(importing, "SMALL_ROWS", 0)


def run_some(server: RunningServer, slices: Slices[Any], count: int) -> bool:
    """Runs so many slices and gives up; says whether that were all of them."""
    database, came = server.server.database, None
    try:
        for _ in range(count):
            work = slices.send(came)
            came = None if work is None else in_transaction(database, work)
    except StopIteration:
        return True
    slices.close()
    return False


def after_a_start(server: RunningServer) -> None:
    """What a start makes of unfinished corps."""
    database = server.server.database
    in_transaction(database, unfinished.give_up_at_start)
    with database.transaction() as tx:
        # On PostgreSQL after a while without a sign of life.
        left = sa.update(UNFINISHED_CORP)
        state = UNFINISHED_CORP.c.state
        tx.execute(left.where(state == unfinished.RESTORING).values(state=unfinished.LEFT))
        tx.execute(left.where(state == unfinished.MAKING).values(state=unfinished.DELETING))
    run_slices(database, removing_leftovers(server.settings))
    run_slices(database, resetting.going_on(server.settings))


def used(server: RunningServer) -> Corp:
    corp = server.make_corp(seed="demo", customers=60)
    wecom = corp.client()
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    take(corp)
    wecom.post("externalcontact/remark", userid="zhangsan", external_userid=customer, remark="later")
    return corp


Slicing = Callable[[RunningServer, Corp], Slices[Any]]
ACTIONS: dict[str, Slicing] = {
    "restore": lambda server, corp: restoring.restoring(server.settings, corp.corpid, "before"),
    "reset": lambda server, corp: resetting.resetting(server.server.database, corp.corpid),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_killed_action_is_finished_after_the_next_start(server: RunningServer, action: str) -> None:
    corp = used(server)
    make = ACTIONS[action]
    run_slices(server.server.database, make(server, corp))
    wanted = without_the_restore(content_of(export(corp)))
    count = 5  # the corp is hidden by then
    while True:
        corp.client()
        is_whole = run_some(server, make(server, corp), count)
        after_a_start(server)
        assert without_the_restore(content_of(export(corp))) == wanted, count
        if is_whole:
            break
        count += 7
    assert count > 25
    assert corp.sim("ledger/verify")["intact"]


def rows_of(server: RunningServer, corpid: str) -> Iterator[str]:
    with server.server.database.transaction() as tx:
        for table in metadata().sorted_tables:
            if "corp_id" in table.c:
                found = sa.select(table.c.corp_id).where(table.c.corp_id == corpid).limit(1)
                if tx.execute(found).first() is not None:
                    yield table.name


def test_a_killed_import_leaves_nothing(server: RunningServer, start_server: Any) -> None:
    file = export(used(server))
    there = start_server()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corp"
        path.write_bytes(file)
        with opened(path) as archive:
            for count in range(1, 36, 5):
                slices = importing.importing(there.server.database, archive)
                assert not run_some(there, slices, count)
                after_a_start(there)
                assert list(rows_of(there, archive.manifest.corpid)) == []
    assert imported(there, file).sim("ledger/verify")["intact"]


def test_calls_during_a_restore_answer_minus_one_and_other_corps_go_on(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=1_500)
    other = server.make_corp(seed="demo").client()
    wecom = corp.client()
    take(corp)
    wanted = without_the_restore(content_of(export(corp)))

    def call() -> tuple[int, str, int]:
        assert other.get("externalcontact/get_follow_user_list")["errcode"] == 0
        reply = wecom.get("externalcontact/list", userid="zhangsan")
        control = server.sim.get(f"/corps/{corp.corpid}/clock").status_code
        return reply["errcode"], reply["errmsg"], control

    restore = asked(server, "POST", f"/corps/{corp.corpid}/snapshots/before/restore")
    answer, seen = meanwhile(restore, call)
    assert answer.status_code == 200, answer.text
    codes = [code for code, _, _ in seen]
    assert set(codes) <= {0, -1}
    assert -1 in codes
    assert all("hint" in message for code, message, _ in seen if code == -1)
    assert {status for _, _, status in seen} <= {200, 409}
    assert wecom.get("externalcontact/list", userid="zhangsan")["errcode"] == 0
    corp.server.sim.post(f"/corps/{corp.corpid}/snapshots/before/restore")
    assert without_the_restore(content_of(export(corp))) == wanted
    assert corp.sim("ledger/verify")["intact"]


def test_two_restores_at_once_are_one_after_the_other_or_refused(server: RunningServer) -> None:
    corp = used(server)
    restore = asked(server, "POST", f"/corps/{corp.corpid}/snapshots/before/restore")
    answer, others = meanwhile(restore, restore)
    statuses = {one.status_code for one in (answer, *others)}
    assert statuses <= {200, 409}
    assert 200 in statuses
    assert corp.sim("ledger/verify")["intact"]


def test_a_file_cut_short_is_refused(server: RunningServer) -> None:
    file = export(used(server))
    for size in (0, 10, len(file) // 2, len(file) - 1):
        answer = send(server, file[:size])
        assert answer.status_code == 422, answer.text
    assert io.BytesIO(file).read(2) == b"PK"
