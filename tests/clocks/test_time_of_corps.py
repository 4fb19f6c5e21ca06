"""Everything of a corp goes by the corp's clock; where two corps meet, each keeps its own time."""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.billing.ledger_checks import agree, do, kinds_found
from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import wait_until
from tests.clocks.test_corp_clocks import DAY, MAY, move
from tests.conftest import Corp, RunningServer, WeCom
from tests.gateway.bodies import base
from tests.gateway.operation_calls import OPERATIONS, World
from tests.providers import Provider
from wecom_tollbooth.billing.tables import LEDGER_SEAL, USAGE_RECORD
from wecom_tollbooth.corps.tables import Corp as CorpRow
from wecom_tollbooth.db import table_of
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.world.clock import CORP_CLOCK

StartServer = Callable[..., RunningServer]
LIST = "externalcontact/get_follow_user_list"
HOUR = 3_600
LONG_AGO = 1577836800
"""2020-01-01T08:00:00+08:00"""


@pytest.fixture
def clocked(server: RunningServer) -> Corp:
    corp = server.make_corp(seed="demo")
    move(corp, set=MAY, freeze=True)
    return corp


def rows(corp: Corp, query: sa.Select[Any]) -> list[Any]:
    with corp.server.server.database.transaction() as tx:
        return list(tx.execute(query))


# --- calls ------------------------------------------------------------------------------------------------


def test_each_operation_goes_by_the_clock_of_the_corp_that_it_is_booked_to(server: RunningServer) -> None:
    """Back in time, because the tokens of the sample world are valid then."""
    world = World(server)
    clocks = {world.corp.corpid: LONG_AGO, world.provider.id: LONG_AGO + 400 * DAY}
    for corpid, at in clocks.items():
        set_to = {"set": at, "freeze": True}
        assert world.corp.server.sim.post(f"/corps/{corpid}/clock", json=set_to).status_code == 200
    tables = {USAGE_RECORD: "id", CALL_JOURNAL: "seq"}
    places = [(table, corpid) for table in tables for corpid in clocks]

    def recorded(table: sa.Table, corpid: str, what: sa.ColumnElement[Any], after: int = 0) -> list[Any]:
        later = (table.c.corp_id == corpid) & (table.c[tables[table]] > after)
        return [row[0] for row in rows(world.corp, sa.select(what).where(later).distinct())]

    last = {place: max(recorded(*place, place[0].c[tables[place[0]]])) for place in places}
    for operation in OPERATIONS:
        world.call(operation, base(operation))
    for table, corpid in places:
        assert recorded(table, corpid, table.c.at, last[table, corpid]) == [clocks[corpid]]
    world.api.close()


def test_a_token_expires_by_the_clock_of_its_corp(clocked: Corp) -> None:
    wecom = clocked.client()
    move(clocked, advance_seconds=7_199)
    assert wecom.get(LIST)["errcode"] == 0
    again = clocked.client()
    assert again.token == wecom.token
    move(clocked, advance_seconds=1)
    assert wecom.get(LIST)["errcode"] == 42001
    assert clocked.client().token != wecom.token


def test_what_an_operation_creates_carries_the_corps_time(clocked: Corp) -> None:
    reply = clocked.client().post("externalcontact/add_corp_tag", group_name="新组", tag=[{"name": "新"}])
    assert reply["tag_group"]["create_time"] == MAY


def test_a_welcome_code_expires_by_the_corps_clock(clocked: Corp) -> None:
    codes = [do(clocked, "member_adds_customer", userid="zhangsan")["welcome_code"] for _ in range(2)]
    wecom = clocked.client()
    text = {"text": {"content": "你好"}}
    move(clocked, advance_seconds=19)
    assert wecom.post("externalcontact/send_welcome_msg", welcome_code=codes[0], **text)["errcode"] == 0
    move(clocked, advance_seconds=2)
    assert wecom.post("externalcontact/send_welcome_msg", welcome_code=codes[1], **text)["errcode"] == 41050


# --- limits -----------------------------------------------------------------------------------------------


def test_limits_count_in_the_windows_of_the_corps_clock(start_server: StartServer) -> None:
    server = start_server(limit_per_corp_minute=2, limit_per_ip_minute=4)
    corps = [server.make_corp() for _ in range(3)]
    for number, corp in enumerate(corps[:2]):
        move(corp, set=MAY + number * 7 * DAY + 20, freeze=True)
    first, second, follower = (corp.client() for corp in corps)
    # In turn: neither another corp's minute nor its block counts.
    for wecom in (first, second, first, second, follower):
        assert wecom.get(LIST)["errcode"] == 0
    for wecom in (second, first):
        assert wecom.get(LIST)["errcode"] == 45009
    move(corps[0], advance_seconds=60)
    assert (first.get(LIST)["errcode"], second.get(LIST)["errcode"]) == (0, 45009)
    assert follower.get(LIST)["errcode"] == 0


def test_an_address_is_counted_for_each_corp_with_its_own_clock(start_server: StartServer) -> None:
    server = start_server(limit_per_ip_minute=2)
    server.sim.post("/clock", json={"set": MAY + 20, "freeze": True})
    own, follower = server.make_corp(), server.make_corp()
    move(own, freeze=True)
    mine, other = own.client(), follower.client()
    assert [mine.get(LIST)["errcode"] for _ in range(3)] == [0, 0, 45009]
    assert [other.get(LIST)["errcode"] for _ in range(3)] == [0, 0, 45009]
    move(own, advance_seconds=60)
    assert (mine.get(LIST)["errcode"], other.get(LIST)["errcode"]) == (0, 45009)


def test_wrong_secrets_block_an_address_for_each_corp_with_its_own_clock(start_server: StartServer) -> None:
    server = start_server(limit_wrong_secret_hour=2)
    own, follower = server.make_corp(), server.make_corp()
    move(own, set=MAY, freeze=True)

    def gettoken(corp: Corp, secret: str = "") -> int:
        params = {"corpid": corp.corpid, "corpsecret": secret or corp.apps[0]["secret"]}
        return int(server.api.get("gettoken", params=params).json()["errcode"])

    assert [gettoken(own, "wrong") for _ in range(3)] == [40001] * 3
    assert (gettoken(own), gettoken(follower)) == (45009, 0)
    move(own, advance_seconds=HOUR)
    assert gettoken(own) == 0
    [gettoken(follower, "wrong") for _ in range(3)]
    assert (gettoken(follower), gettoken(own)) == (45009, 0)


# --- callbacks --------------------------------------------------------------------------------------------


def test_callbacks_and_their_retries_go_by_the_corps_clock(server: RunningServer, clocked: Corp) -> None:
    receiver = SdkReceiver(clocked)
    assert receiver.register()["status"] == 200
    receiver.http.status = 500
    do(clocked, "member_adds_customer", userid="zhangsan")
    query, _ = receiver.http.wait_for(1)[0]
    assert abs(int(query["timestamp"]) - MAY) <= 1
    agentid = clocked.apps[0]["agentid"]

    def attempts() -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = clocked.sim("callbacks", agentid=agentid)["callbacks"][0]["attempts"]
        return made

    wait_until(lambda: len(attempts()) == 1)
    assert attempts()[0]["at"] == MAY
    receiver.http.status = 200
    server.server.work_waiting.set()
    assert clocked.sim(f"apps/{agentid}/callback")["next_attempt_at"] == MAY + 5
    move(clocked, advance_seconds=5)
    wait_until(lambda: len(attempts()) == 2)
    assert attempts()[1]["at"] == MAY + 5
    assert clocked.sim(f"apps/{agentid}/callback")["last_success_at"] == MAY + 5
    receiver.http.close()


def test_a_wait_by_one_corps_clock_ends_by_no_other(start_server: StartServer) -> None:
    server = start_server()
    ahead, behind = server.make_corp(seed="demo"), server.make_corp(seed="demo")
    move(behind, set=LONG_AGO, freeze=True)
    move(ahead, set=MAY, freeze=True)
    receivers = {corp.corpid: SdkReceiver(corp) for corp in (ahead, behind)}
    for receiver in receivers.values():
        receiver.register()
        receiver.http.status = 500
    for corp in (ahead, behind):
        do(corp, "member_adds_customer", userid="zhangsan")
        receivers[corp.corpid].http.wait_for(1)
        wait_until(lambda corp=corp: waits_for(corp) is not None)  # type: ignore[misc]
    assert (waits_for(ahead), waits_for(behind)) == (MAY + 5, LONG_AGO + 5)
    move(ahead, advance_seconds=5)
    receivers[ahead.corpid].http.wait_for(2)
    assert len(receivers[behind.corpid].http.posts) == 1
    for receiver in receivers.values():
        receiver.http.close()


def waits_for(corp: Corp) -> int | None:
    """When the next attempt is made, once one has failed."""
    health = corp.sim(f"apps/{corp.apps[0]['agentid']}/callback")
    return int(health["next_attempt_at"]) if health["failures"] else None


# --- the ledger -------------------------------------------------------------------------------------------


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
    move(corp, set=MAY + HOUR - 1)
    corp.client().get(LIST)
    deadline = time.monotonic() + 20
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


# --- where two corps meet ---------------------------------------------------------------------------------


def clocked_provider(server: RunningServer, at: int) -> tuple[Provider, Corp]:
    provider = Provider(server)
    as_corp = Corp(server, {"corpid": provider.id, "apps": []})
    move(as_corp, set=at, freeze=True)
    return provider, as_corp


def test_a_providers_tokens_go_by_its_clock_and_those_of_its_app_by_the_corps(server: RunningServer) -> None:
    provider, as_corp = clocked_provider(server, MAY)
    corp = server.make_corp(seed="demo")
    move(corp, set=LONG_AGO, freeze=True)
    app = corp.new_app(kind="third_party", provider_id=provider.id)
    suite = provider.suite_token()

    def corp_token() -> dict[str, Any]:
        return provider.call(
            "service/get_corp_token", token=suite, auth_corpid=corp.corpid, permanent_code=app["secret"]
        )

    first = corp_token()
    assert first["expires_in"] == 7_200
    # The corp's time passes: the app's token expires, the provider's does not.
    wecom = WeCom.__new__(WeCom)
    wecom.corp, wecom.agentid, wecom.token = corp, app["agentid"], first["access_token"]
    move(corp, advance_seconds=7_100)
    assert wecom.get(LIST)["errcode"] == 0
    assert corp_token() == {**first, "expires_in": 100}
    move(corp, advance_seconds=100)
    assert wecom.get(LIST)["errcode"] == 42001
    assert corp_token()["access_token"] != first["access_token"]
    # The provider's time passes: its own token expires, the app's does not.
    second = corp_token()
    move(as_corp, advance_seconds=7_200)
    assert corp_token()["errcode"] == 42009
    wecom.token = second["access_token"]
    assert wecom.get(LIST)["errcode"] == 0
    assert provider.suite_token() != suite


def test_a_suite_ticket_goes_by_the_providers_clock(server: RunningServer) -> None:
    provider, as_corp = clocked_provider(server, MAY)
    ticket = provider.ticket()
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret")}
    move(as_corp, advance_seconds=1_200)
    assert "suite_access_token" in provider.call("service/get_suite_token", **keys, suite_ticket=ticket)
    move(as_corp, advance_seconds=7_200)
    assert provider.call("service/get_suite_token", **keys, suite_ticket=ticket)["errcode"] == 40085
    assert provider.ticket() != ticket


def test_a_providers_statement_adds_up_the_same_month_of_each_corps_clock(server: RunningServer) -> None:
    provider, _ = clocked_provider(server, MAY)
    for at in (MAY, MAY + 60 * DAY):
        corp = server.make_corp(seed="demo")
        move(corp, set=at, freeze=True)
        provider.app_in(corp, "provider_developed").get(LIST)
    statement = server.sim.get(f"/providers/{provider.id}/statement").json()
    assert statement["month"] == "2030-05"
    charged = [section["corpid"] for section in statement["corps"] if section["lines"]]
    assert len(statement["corps"]) == 2
    assert len(charged) == 1


# --- moves side by side -----------------------------------------------------------------------------------


def test_a_long_move_of_one_corp_holds_up_no_other(server: RunningServer) -> None:
    from tests.clocks.test_corp_clocks import schedule_at
    from tests.sim_api.test_advance import handled_by

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
    from tests.clocks.test_corp_clocks import schedule_at
    from tests.sim_api.test_advance import handled_by

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
    assert not rows(corp, sa.select(table_of(CorpRow)).where(table_of(CorpRow).c.corp_id == corp.corpid))
