"""Tokens, codes, limits and callbacks of a corp go by the corp's clock."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from tests.billing.ledger_checks import do
from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import wait_until
from tests.clocks.corps import DAY, HOUR, LIST, LONG_AGO, MAY, move, rows
from tests.conftest import Corp, RunningServer
from tests.gateway.bodies import base
from tests.gateway.operation_calls import OPERATIONS, World
from wecom_tollbooth.billing.tables import USAGE_RECORD
from wecom_tollbooth.gateway.tables import CALL_JOURNAL

StartServer = Callable[..., RunningServer]


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
    server.sim.post("/clock", json={"set": MAY, "freeze": True})
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
