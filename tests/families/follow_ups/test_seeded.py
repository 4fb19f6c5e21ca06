"""Seeded follow-ups are like those added through the API: counted, searchable, each of a real relation."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, RunningServer
from tests.families.factories import all_pages
from tests.families.follow_ups.records import FollowUps
from tests.families.follow_ups.test_at_once import counters_and_rows
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families.follow_ups.tables import FollowUp
from wecom_tollbooth.seeds import add_follow_ups, bulk, corps, customers, seeding
from wecom_tollbooth.seeds import follow_ups as seeds


def test_seeded_records_are_counted_and_found(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=30, follow_ups=60)
    ups = FollowUps(corp.client())
    assert sum(ups.counts().values()) == 60
    counters, counted = counters_and_rows(ups)
    assert counters == counted
    first = ups.ok("list", limit=1)["follow_ups"][0]
    assert first["follow_up_id"] in ups.listed(text=first["title"][:2])
    shown = ups.wecom.get("externalcontact/get", external_userid=first["external_userid"])
    assert first["userid"] in [one["userid"] for one in shown["follow_user"]]


def test_existing_customers_get_seeded_records_first(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=30)
    before = {pair[1] for pair in FollowUps(corp.client())._pairs()}
    reply = server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 20}).json()
    assert reply["follow_ups"] == 20
    ups = FollowUps(corp.client())
    assert {pair[1] for pair in ups._pairs()} == before
    assert {ups.get(id_)["external_userid"] for id_ in ups.listed()} <= before


def test_a_corp_without_followers_gets_no_records(server: RunningServer) -> None:
    corp = server.make_corp(seed="empty")
    act = {"act": "admin_sets_follow_right", "userid": "admin", "may_follow": False}
    assert server.sim.post(f"/corps/{corp.corpid}/acts", json=act).status_code == 200
    reply = server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 20}).json()
    assert reply["follow_ups"] == 0


@pytest.fixture
def in_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a seed of a few records take the code path of a large one."""
    monkeypatch.setattr(bulk, "REBUILD_INDEXES_FROM", 10)
    monkeypatch.setattr(seeds, "CHUNK", 7)
    monkeypatch.setattr(seeding, "ROWS", 4)
    monkeypatch.setattr(corps, "AT_ONCE", 10)
    monkeypatch.setattr(customers, "BATCH", 20)


@pytest.mark.usefixtures("in_bulk")
def test_a_large_seed_counts_and_indexes_like_a_small_one(start_server: Any) -> None:
    server: RunningServer = start_server()
    database = server.server.database
    table = table_of(FollowUp)
    before = sa.inspect(database.engine).get_indexes(table.name)
    corp = server.make_corp(seed="demo", customers=40)
    reply = server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 80}).json()
    assert reply["follow_ups"] == 80
    assert sa.inspect(database.engine).get_indexes(table.name) == before
    ups = FollowUps(corp.client())
    counters, counted = counters_and_rows(ups)
    assert counters == counted
    assert sum(ups.counts().values()) == 80
    assert len({(one["userid"], one["external_userid"]) for one in map(ups.get, ups.listed())}) == 80
    for one in map(ups.get, ups.listed()[::8]):
        assert one["follow_up_id"] in ups.listed(text=one["title"][:2])


@pytest.mark.usefixtures("in_bulk")
def test_a_failed_large_seed_leaves_the_indexes_and_no_record(
    start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: RunningServer = start_server()
    database = server.server.database
    table = table_of(FollowUp)
    before = sa.inspect(database.engine).get_indexes(table.name)
    corp = server.make_corp(seed="demo", customers=40)
    with monkeypatch.context() as broken:
        broken.setattr(seeds, "add_to_counts", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add_follow_ups(database, corp.corpid, 20)
    assert sa.inspect(database.engine).get_indexes(table.name) == before
    assert FollowUps(corp.client()).listed() == []
    assert add_follow_ups(database, corp.corpid, 20) == 20


def test_customers_do_not_depend_on_the_batch_size(
    start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "CHUNK", 4)
    seen: list[Any] = []
    for batch in (8, 1_000):
        monkeypatch.setattr(customers, "BATCH", batch)
        server: RunningServer = start_server()
        for body in ({"freeze": True}, {"set": 1_800_000_000}):
            assert server.sim.post("/clock", json=body).status_code == 200
        corp = server.make_corp(seed="demo", customers=30, follow_ups=50)
        entries = all_pages(corp.client(), ["zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi"])
        ups = FollowUps(corp.client())
        seen.append((corp.corpid, entries, [ups.get(id_) for id_ in ups.listed()]))
        assert corp.sim("usage")["contacts"] == len(
            {one["external_contact"]["external_userid"] for one in entries}
        )
    assert seen[0] == seen[1]
    assert len(seen[0][1]) >= 50


def test_postgresql_has_statistics_right_after_a_large_seed(
    start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ANALYZE_FROM", 40)
    server = start_server()
    corp = server.make_corp(seed="demo", customers=60)
    tables = {table.name for table in customers.TABLES}
    assert _counted_rows(server, corp.corpid) == (tables if ON_POSTGRESQL else set())
    server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 50})
    tables |= {"follow_up", "follow_up_log", "follow_up_gram"}
    assert _counted_rows(server, corp.corpid) == (tables if ON_POSTGRESQL else set())


def _counted_rows(server: RunningServer, corpid: str) -> set[str]:
    """The tables whose planner statistics know the corp; SQLite has no such statistics."""
    if not ON_POSTGRESQL:
        with server.server.database.transaction() as tx:
            known = "SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'"
            return {name for (name,) in tx.execute(sa.text(known))}
    query = "SELECT tablename FROM pg_stats WHERE attname = 'corp_id' AND most_common_vals::text LIKE :it"
    with server.server.database.transaction() as tx:
        return {name for (name,) in tx.execute(sa.text(query), {"it": f"%{corpid}%"})}
