"""Seeds and deletions in slices: calls in between, nothing half made is seen, nothing left after a kill."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import Corp, Databases, RunningServer
from wecom_tollbooth.corp_deletion import deleting
from wecom_tollbooth.corps.tables import CORP, UNFINISHED_CORP
from wecom_tollbooth.db import OUTLIVES_CORP, Slices, in_transaction, run_slices
from wecom_tollbooth.seeds import NewCorp, making, seeding
from wecom_tollbooth.tables import metadata

StartServer = Callable[..., RunningServer]

CUSTOMERS = 2_500
LARGE = {"seed": "demo", "members": 3, "customers": CUSTOMERS}


def meanwhile(long: Callable[[], Any], short: Callable[[], Any]) -> tuple[Any, list[Any]]:
    """What `long` returns, and what `short` returned again and again until then."""
    with ThreadPoolExecutor(1) as threads:
        running: Future[Any] = threads.submit(long)
        seen = []
        while not running.done():
            seen.append(short())
        return running.result(), seen


def asked(server: RunningServer, method: str, path: str, body: Any = None) -> Callable[[], Any]:
    def ask() -> Any:
        return httpx.request(method, f"{server.base_url}/_sim{path}", json=body, timeout=60)

    return ask


def rows_of(server: RunningServer, corpid: str) -> dict[str, int]:
    """How many rows of the corp there are in tables that don't outlive it."""
    counted = {}
    with server.server.database.transaction() as tx:
        for table in metadata().sorted_tables:
            if "corp_id" in table.c and OUTLIVES_CORP not in table.info:
                count = sa.select(sa.func.count()).select_from(table).where(table.c.corp_id == corpid)
                if number := tx.execute(count).scalar_one():
                    counted[table.name] = number
    return counted


def customers_of(corp: Corp) -> list[str]:
    wecom = corp.client()
    members = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    return [
        customer
        for userid in members
        for customer in wecom.get("externalcontact/list", userid=userid)["external_userid"]
    ]


def test_calls_are_answered_during_a_seed_and_do_not_see_it_half_done(server: RunningServer) -> None:
    other = server.make_corp(seed="demo").client()
    before = {corp["corpid"] for corp in server.sim.get("/corps").json()["corps"]}

    def look() -> set[str]:
        assert other.get("externalcontact/get_follow_user_list")["errcode"] == 0
        return {corp["corpid"] for corp in server.sim.get("/corps").json()["corps"]}

    answer, seen = meanwhile(asked(server, "POST", "/corps", LARGE), look)
    corp = Corp(server, answer.json())
    assert len(seen) > 2
    assert all(corpids <= before | {corp.corpid} for corpids in seen)
    assert sum(corp.corpid not in corpids for corpids in seen) > 2
    assert corp.sim("usage")["contacts"] == CUSTOMERS == len(set(customers_of(corp)))


def test_a_seed_creates_the_same_rows_despite_calls_in_between(start_server: StartServer) -> None:
    made = []
    for disturb in (False, True):
        server = start_server()
        other = server.make_corp(seed="demo").client()

        def call(server: RunningServer = server, wecom: Any = other, disturb: bool = disturb) -> None:
            if disturb and unfinished(server):
                wecom.get("externalcontact/get_follow_user_list")

        body = {**LARGE, "follow_ups": 700}
        answer, _ = meanwhile(asked(server, "POST", "/corps", body), call)
        corp = Corp(server, answer.json())
        made.append((corp.corpid, corp.apps[0]["secret"], customers_of(corp)))
    assert made[0] == made[1]


def test_added_customers_are_counted_at_each_moment(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=2, customers=10)

    def contacts() -> int:
        return int(corp.sim("usage")["contacts"])

    body = {"customers": CUSTOMERS, "follow_ups": 600}
    answer, seen = meanwhile(asked(server, "POST", f"/corps/{corp.corpid}/seed", body), contacts)
    assert answer.json() == {"corpid": corp.corpid, "customers": CUSTOMERS, "follow_ups": 600}
    assert seen == sorted(seen)
    assert contacts() == 10 + CUSTOMERS == len(set(customers_of(corp)))
    assert corp.sim("ledger/verify")["intact"]


def test_a_corp_that_is_deleted_disappears_at_once(server: RunningServer) -> None:
    corp, other = server.make_corp(**LARGE), server.make_corp(seed="demo").client()

    def look() -> int:
        assert other.get("externalcontact/get_follow_user_list")["errcode"] == 0
        return server.sim.get(f"/corps/{corp.corpid}").status_code

    answer, seen = meanwhile(asked(server, "DELETE", f"/corps/{corp.corpid}"), look)
    assert answer.json() == {"deleted": corp.corpid}
    assert seen.count(404) > 2
    assert rows_of(server, corp.corpid) == {}
    assert corp.sim("statement")["closed_at"] is not None
    assert asked(server, "DELETE", f"/corps/{corp.corpid}")().status_code == 404


def test_a_corp_that_is_deleted_while_it_is_seeded_leaves_no_row(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=10)
    with ThreadPoolExecutor(1) as threads:
        body = {"customers": 10_000}
        adding = threads.submit(asked(server, "POST", f"/corps/{corp.corpid}/seed", body))
        while corp.sim("usage")["contacts"] == 10:
            pass
        assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
        assert adding.result().status_code == 404
    assert rows_of(server, corp.corpid) == {}
    assert corp.sim("ledger/verify")["intact"]


def begun(server: RunningServer, slices: Slices[Any], count: int) -> None:
    """Runs the first slices, as a process does that is killed then."""
    database, done = server.server.database, 0
    work = next(slices)
    while done < count:
        came = None if work is None else in_transaction(database, work)
        done += work is not None
        work = slices.send(came)


@pytest.fixture
def killed(databases: Databases, start_server: StartServer) -> Callable[..., RunningServer]:
    """`killed(long)` begins `long(server)`, stops the server and starts another on the same database."""

    def kill(long: Callable[[RunningServer], None]) -> RunningServer:
        url = databases.new_url()
        first = start_server(database_url=url)
        long(first)
        with first.server.database.transaction() as tx:
            # On PostgreSQL another worker may still be at work on it, until it has given no sign for long.
            tx.execute(sa.update(UNFINISHED_CORP).values(signed_at=0))
        first.stop()
        return start_server(database_url=url)

    return kill


def unfinished(server: RunningServer) -> list[str]:
    with server.server.database.transaction() as tx:
        return list(tx.execute(sa.select(UNFINISHED_CORP.c.corp_id)).scalars())


def corpids(server: RunningServer) -> list[str]:
    with server.server.database.transaction() as tx:
        return list(tx.execute(sa.select(CORP.c.corp_id)).scalars())


def test_an_unfinished_seed_of_a_killed_server_is_removed(killed: Callable[..., RunningServer]) -> None:
    left: list[str] = []

    def seed(server: RunningServer) -> None:
        wanted = NewCorp(seed="demo", members=3, customers=2_000)
        begun(server, making(server.server.database, wanted), 8)
        left.extend(unfinished(server))
        assert rows_of(server, left[0])["external_contact"] > 0
        assert corpids(server) == []

    second = killed(seed)
    while unfinished(second):
        pass
    assert rows_of(second, left[0]) == {}
    assert second.sim.get("/ledger/verify").json()["corps"] == []


def test_a_restarted_server_finishes_a_deletion(killed: Callable[..., RunningServer]) -> None:
    left: list[str] = []

    def delete(server: RunningServer) -> None:
        corp = server.make_corp(**LARGE)
        left.append(corp.corpid)
        begun(server, deleting(server.settings, corp.corpid), 5)
        assert rows_of(server, corp.corpid)["external_contact"] > 0
        assert server.sim.get(f"/corps/{corp.corpid}").status_code == 404

    second = killed(delete)
    while unfinished(second):
        pass
    assert rows_of(second, left[0]) == {}
    assert second.sim.get(f"/corps/{left[0]}/statement").json()["closed_at"] is not None
    assert second.sim.get("/ledger/verify").json()["intact"]


def test_a_seed_that_fails_leaves_nothing(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    before = corpids(server)
    monkeypatch.setattr(seeding.Seeding, "book", lambda *_: 1 / 0)
    slices = making(server.server.database, NewCorp(seed="demo", members=3, customers=2_000))
    with pytest.raises(ZeroDivisionError):
        run_slices(server.server.database, slices)
    assert corpids(server) == before
    assert unfinished(server) == []
