"""Each account of the API licence is a seat while a member holds it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.conftest import Corp, Databases, RunningServer
from tests.families.providers.licences import UNLICENSED, license_members, put
from tests.providers import Provider
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import FOLDER, migrate
from wecom_tollbooth.settings import Settings

StartServer = Callable[..., RunningServer]


@pytest.fixture
def priced(start_server: StartServer) -> RunningServer:
    """A server with WeCom's prices and the clock at noon of 2026-03-10."""
    server = start_server(price_book="wecom-2022")
    server.sim.post("/clock", json={"set": "2026-03-10T12:00:00+08:00", "freeze": True})
    return server


def seats(corp: Corp, month: str | None = None) -> tuple[int, int]:
    """The month's peak of base and interop seats."""
    usage = corp.sim("usage", **({"month": month} if month else {}))["seats"]
    return usage["base"], usage["interop"]


def records(corp: Corp, meter: str) -> list[tuple[str, str, int]]:
    found = corp.sim("ledger", meter=meter)["records"]
    return [(record["operation"], record["subject"], record["quantity"]) for record in found]


def statement_of(provider: Provider, **params: Any) -> dict[str, Any]:
    answer = provider.server.sim.get(f"/providers/{provider.id}/statement", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def all_members(corp: Corp) -> list[str]:
    return list(corp.client().get("externalcontact/get_follow_user_list")["follow_user"])


def test_each_account_takes_one_seat_of_its_type_and_calls_take_no_other(priced: RunningServer) -> None:
    provider, corp = Provider(priced), priced.make_corp(seed="demo", members=8, customers=80)
    app = provider.app_in(corp)
    everybody = all_members(corp)
    accounts: list[dict[str, Any]] = [
        {"userid": userid, "type": "interop", "months": 12} for userid in everybody
    ]
    accounts += [{"userid": userid, "type": "base", "months": 12} for userid in everybody[:6]]
    put(provider, corp, accounts=accounts)
    put(provider, corp, accounts=accounts, enforced=True)
    assert app.post("externalcontact/batch/get_by_user", userid_list=everybody)["errcode"] == 0
    assert seats(corp) == (6, 8)
    assert records(corp, "seats.base") == [("seat_taken", userid, 1) for userid in sorted(everybody[:6])]
    (section,) = statement_of(provider)["corps"]
    lines = {line["meter"]: (line["quantity"], line["amount"]) for line in section["lines"]}
    # A twelfth of 5 × 5 + 1 × 4, and of 5 × 50 + 3 × 40.
    assert (lines["seats.base"], lines["seats.interop"]) == ((6, "2.42"), (8, "30.83"))
    assert corp.sim("ledger/verify")["intact"] is True


def test_a_seat_ends_with_its_account(priced: RunningServer) -> None:
    provider, corp = Provider(priced), priced.make_corp(seed="demo")
    provider.app_in(corp)
    license_members(provider, corp, "zhangsan", "lisi", months=1)
    assert seats(corp) == (0, 2)
    put(
        provider,
        corp,
        accounts=[
            {"userid": "zhangsan", "type": "interop", "months": 3},
            {"userid": "lisi", "type": "interop", "expires_at": "2026-04-11T00:00:00+08:00"},
            {"userid": "wangwu", "type": "base", "expires_at": "2026-03-10T12:00:00+08:00"},
        ],
    )
    priced.sim.post("/clock", json={"set": "2026-04-12T12:00:00+08:00"})
    assert records(corp, "seats.interop")[-1] == ("seat_expired", "lisi", -1)
    priced.sim.post("/clock", json={"set": "2026-05-12T12:00:00+08:00"})
    assert [seats(corp, month) for month in ("2026-03", "2026-04", "2026-05")] == [(0, 2), (0, 2), (0, 1)]
    put(provider, corp, accounts=[])
    assert records(corp, "seats.interop")[-1] == ("seat_given_up", "zhangsan", -1)
    priced.sim.post("/clock", json={"set": "2026-06-12T12:00:00+08:00"})
    assert seats(corp) == (0, 0)
    assert [statement_of(provider, month=month)["total"] for month in ("2026-03", "2026-05", "2026-06")] == [
        "8.33",
        "4.17",
        "0.00",
    ]
    assert corp.sim("ledger/verify")["intact"] is True


def test_seats_are_right_even_if_the_clock_goes_back_within_the_day(priced: RunningServer) -> None:
    provider, corp = Provider(priced), priced.make_corp(seed="demo")
    provider.app_in(corp)
    for at, given in {"12:00": ["zhangsan"], "11:00": ["zhangsan", "lisi", "wangwu"], "13:00": []}.items():
        priced.sim.post("/clock", json={"set": f"2026-03-10T{at}:00+08:00"})
        license_members(provider, corp, *given)
    assert seats(corp) == (0, 3)
    assert corp.sim("ledger/verify")["intact"] is True


def test_seats_taken_by_calls_end_when_accounts_become_required(priced: RunningServer) -> None:
    provider, corp = Provider(priced), priced.make_corp(seed="demo", members=3)
    app = provider.app_in(corp)
    assert app.post("externalcontact/batch/get_by_user", userid_list=all_members(corp))["errcode"] == 0
    assert seats(corp) == (0, 3)
    license_members(provider, corp, "zhangsan")
    assert app.get("externalcontact/list", userid="lisi")["errcode"] == UNLICENSED
    assert app.get("externalcontact/list", userid="zhangsan")["errcode"] == 0
    priced.sim.post("/clock", json={"set": "2026-04-01T00:00:00+08:00"})
    assert seats(corp) == (0, 1)


def test_after_an_account_expires_a_call_takes_the_seat_where_accounts_are_not_required(
    priced: RunningServer,
) -> None:
    provider, corp = Provider(priced), priced.make_corp(seed="demo", members=3)
    provider.app_in(corp, "provider_developed")
    put(provider, corp, accounts=[{"userid": "zhangsan", "type": "interop", "days": 31}])
    priced.sim.post("/clock", json={"set": "2026-04-11T00:00:00+08:00"})
    assert records(corp, "seats.interop")[-1] == ("seat_expired", "zhangsan", -1)
    app = provider.app_in(corp, "provider_developed")
    assert app.get("externalcontact/list", userid="zhangsan")["errcode"] == 0
    assert records(corp, "seats.interop")[-1] == ("seat_taken", "zhangsan", 1)


def test_concurrent_requests_book_each_seat_once(server: RunningServer) -> None:
    provider, corp = Provider(server), server.make_corp(seed="demo")
    provider.app_in(corp)
    with ThreadPoolExecutor(16) as clients:
        made = list(clients.map(lambda _: license_members(provider, corp, "zhangsan", "lisi"), range(16)))
    assert {one["enforced"] for one in made} == {True}
    assert records(corp, "seats.interop") == [("seat_taken", "lisi", 1), ("seat_taken", "zhangsan", 1)]
    assert corp.sim("ledger/verify")["intact"] is True


def test_a_base_seat_ends_when_the_member_leaves_or_the_corp_is_deleted(priced: RunningServer) -> None:
    provider, corp = Provider(priced), priced.make_corp(seed="demo", members=3)
    provider.app_in(corp)
    license_members(provider, corp, "zhangsan", "lisi", type="base")
    act = {"act": "member_leaves_corp", "userid": "lisi"}
    assert priced.sim.post(f"/corps/{corp.corpid}/acts", json=act).status_code == 200
    assert records(corp, "seats.base")[-1] == ("seat_given_up", "lisi", -1)
    assert priced.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    assert records(corp, "seats.base")[-1] == ("corp_closed", "zhangsan", -1)
    assert corp.sim("ledger/verify")["intact"] is True


def test_more_members_than_an_id_block_are_licensed_and_deleted(
    start_server: StartServer, priced: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_tollbooth.db.transactions.ID_BLOCK", 60)
    monkeypatch.setattr(Database._reserve_ids, "__defaults__", (60,))
    monkeypatch.setattr("wecom_tollbooth.families.providers.licences.ENDED_AT_ONCE", 20)
    provider, corp = Provider(priced), priced.make_corp(seed="demo", members=130, customers=0)
    provider.app_in(corp)
    everybody = all_members(corp)
    license_members(provider, corp, *everybody, months=1)
    assert seats(corp) == (0, 130)
    priced.sim.post("/clock", json={"set": "2026-04-11T00:00:00+08:00"})
    assert records(corp, "seats.interop")[-1][0] == "seat_expired"
    priced.sim.post("/clock", json={"set": "2026-05-11T00:00:00+08:00"})
    assert seats(corp) == (0, 0)
    license_members(provider, corp, *everybody, months=1)
    priced.stop()
    again = start_server(database_url=priced.settings.database_url)
    assert again.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    assert again.sim.get(f"/corps/{corp.corpid}/ledger/verify").json()["intact"] is True


def test_migrated_seats_are_interop_seats(databases: Databases) -> None:
    database = Database(Settings(database_url=databases.new_url(migrated=False)))
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        connection.execute(
            sa.text("INSERT INTO seat (corp_id, provider_id, userid, agentid) VALUES ('c', 'p', :u, 7)"),
            [{"u": "zhangsan"}, {"u": "lisi"}],
        )
        connection.commit()
    migrate(database)
    with database.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT corp_id, userid, type, agentid FROM seat ORDER BY userid"))
        assert found.all() == [("c", "lisi", 2, 7), ("c", "zhangsan", 2, 7)]
    database.close()
