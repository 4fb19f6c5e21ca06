"""Endpoints that misbehave harm nobody else; their health is shown, and dead ones are paused."""

import gzip
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.callbacks.odd_receivers import Behaviour, OddReceiver, drip, flood, hang
from tests.callbacks.receiver import Receiver
from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import act, advance, attempts_of, set_address, states, wait_until
from tests.conftest import Corp, RunningServer
from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ATTEMPT, CALLBACK_ENDPOINT
from wecom_tollbooth.outgoing.answers import MAX_ANSWER_BYTES
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

TIMEOUT = 0.3
DAY = 86_400


@pytest.fixture(scope="module")
def quick(databases: Any) -> Iterator[RunningServer]:
    """A server that waits TIMEOUT for an answer and pauses an endpoint after three failures."""
    from wecom_tollbooth.settings import Settings

    running = RunningServer(
        Settings(
            database_url=databases.new_url(),
            callback_timeout_seconds=TIMEOUT,
            callback_pause_after_failures=3,
        )
    )
    yield running
    running.stop()


@pytest.fixture
def odd() -> Iterator[Callable[[Behaviour], OddReceiver]]:
    """Makes receivers that misbehave."""
    made: list[OddReceiver] = []

    def make(behaviour: Behaviour) -> OddReceiver:
        made.append(OddReceiver(behaviour))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


def endpoint(corp: Corp) -> dict[str, Any]:
    return corp.sim(f"apps/{corp.apps[0]['agentid']}/callback")


def put_address(corp: Corp, url: str) -> Any:
    return corp.server.sim.put(
        f"/corps/{corp.corpid}/apps/{corp.apps[0]['agentid']}/callback", json={"url": url}
    )


def make_corp(server: RunningServer, url: str) -> Corp:
    corp = server.make_corp(seed="demo")
    set_address(corp, url)
    return corp


# --- isolation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", [hang, drip])
def test_a_hanging_receiver_does_not_delay_others(
    server: RunningServer, odd: Callable[[Behaviour], OddReceiver], behaviour: Behaviour
) -> None:
    stuck = make_corp(server, odd(behaviour).url)
    act(stuck, "member_adds_customer", userid="zhangsan")
    corp = server.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    act(corp, "member_adds_customer", userid="zhangsan")
    receiver.events(1)
    assert attempts_of(stuck) == [], "the other event arrived after the first attempt had ended"
    set_address(stuck, "")
    receiver.http.close()


@pytest.mark.parametrize("behaviour", [hang, drip])
def test_an_attempt_ends_at_its_deadline_however_the_receiver_answers(
    quick: RunningServer, odd: Callable[[Behaviour], OddReceiver], behaviour: Behaviour
) -> None:
    corp = make_corp(quick, odd(behaviour).url)
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: len(attempts_of(corp)) == 1)
    (attempt,) = attempts_of(corp)
    assert (attempt["status"], attempt["error"]) == (0, f"no answer within {TIMEOUT:g} s")
    assert attempt["duration_ms"] < 5 * 1000 * TIMEOUT


@pytest.mark.parametrize("behaviour", [hang, drip])
def test_verification_ends_at_its_deadline(
    quick: RunningServer, odd: Callable[[Behaviour], OddReceiver], behaviour: Behaviour
) -> None:
    answer = put_address(quick.make_corp(), odd(behaviour).url)
    assert answer.status_code == 422
    assert f"no answer within {TIMEOUT:g} s" in answer.json()["error"]


def test_calls_go_on_while_many_addresses_are_verified(
    server: RunningServer, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    """More verifications than the server has threads for calls on PostgreSQL."""
    receiver = odd(hang)
    corps = [server.make_corp() for _ in range(server.settings.pool_size + 2)]
    with ThreadPoolExecutor(len(corps)) as threads:
        verified = [threads.submit(put_address, corp, receiver.url) for corp in corps]
        wait_until(lambda: len(receiver.heads) == len(corps))
        assert server.sim.get("/clock").status_code == 200
        assert not any(answer.done() for answer in verified), "the call waited for the verifications"
        receiver.close()
    assert {answer.result().status_code for answer in verified} == {422}


def test_a_scheduled_task_runs_while_a_receiver_hangs(
    server: RunningServer, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    corp = make_corp(server, odd(hang).url)
    act(corp, "member_adds_customer", userid="zhangsan")
    database = server.server.database
    with database.transaction() as tx:
        context = server.server.context(tx, corp.corpid)
        tx.execute(
            SCHEDULED_TASK.insert().values(
                corp_id=corp.corpid,
                id=context.next_id(),
                due_at=context.now,
                kind="quota_lot_expires",
                reference="1",
            )
        )

    def is_done() -> bool:
        with database.transaction() as tx:
            mine = SCHEDULED_TASK.select().where(SCHEDULED_TASK.c.corp_id == corp.corpid)
            return tx.execute(mine).first() is None

    wait_until(is_done)
    assert attempts_of(corp) == []
    set_address(corp, "")


def test_a_server_stops_while_receivers_hang(
    start_server: Any, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    running: RunningServer = start_server()
    receiver = odd(hang)
    for _ in range(3):
        act(make_corp(running, receiver.url), "member_adds_customer", userid="zhangsan")
    wait_until(lambda: len(receiver.heads) == 3)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 3


def test_nothing_is_left_of_a_corp_that_is_deleted_while_its_receiver_hangs(
    quick: RunningServer, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    receiver = odd(hang)
    corp = make_corp(quick, receiver.url)
    for _ in range(3):
        act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: len(receiver.heads) == 1)
    assert quick.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    others = quick.make_corp(seed="demo")
    good = SdkReceiver(others)
    good.register()
    time.sleep(2 * TIMEOUT)
    act(others, "member_adds_customer", userid="zhangsan")
    good.events(1)
    with quick.server.database.transaction() as tx:
        for table in (CALLBACK, CALLBACK_ATTEMPT, CALLBACK_ENDPOINT):
            assert tx.execute(table.select().where(table.c.corp_id == corp.corpid)).all() == []
    good.http.close()


# --- answers ---------------------------------------------------------------------------------------------


def test_an_endless_answer_is_read_up_to_its_limit(
    quick: RunningServer, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    corp = make_corp(quick, odd(flood).url)
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: states(corp) == ["delivered"])
    assert attempts_of(corp)[0]["answer"] == "y" * 200


def test_an_answer_is_never_decompressed(
    quick: RunningServer, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    packed = gzip.compress(b"z" * 5_000_000, 9)[:MAX_ANSWER_BYTES]

    async def answer(_: bytes, writer: Any) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        writer.write(head.encode() + packed)
        await writer.drain()

    receiver = odd(answer)
    corp = make_corp(quick, receiver.url)
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: states(corp) == ["delivered"])
    assert b"accept-encoding: identity" in receiver.heads[0].lower()
    assert "z" * 20 not in attempts_of(corp)[0]["answer"]


# --- the clock -------------------------------------------------------------------------------------------


def test_a_clock_set_back_ends_the_wait_for_a_retry(
    quick: RunningServer, odd: Callable[[Behaviour], OddReceiver]
) -> None:
    now = quick.sim.get("/clock").json()["now"]
    quick.sim.post("/clock", json={"set": now + DAY})
    corp = quick.make_corp(seed="demo")
    receiver = Receiver(lambda _: b"")
    receiver.status = 500
    set_address(corp, receiver.url)
    first = act(corp, "member_adds_customer", userid="zhangsan")["callbacks"]
    wait_until(lambda: len(attempts_of(corp)) == 1)
    assert first
    receiver.status = 200
    quick.sim.post("/clock", json={"set": now})
    wait_until(lambda: states(corp) == ["delivered"])
    receiver.close()


def test_a_clock_set_back_sends_what_was_raised_later(start_server: Any) -> None:
    running: RunningServer = start_server()
    corp = running.make_corp(seed="demo")
    receiver = Receiver(lambda _: b"")
    set_address(corp, receiver.url)
    now = running.sim.get("/clock").json()["now"]
    running.sim.post("/clock", json={"set": now + DAY})
    running.sim.put(f"/corps/{corp.corpid}/callbacks/delivery_faults", json={"delay_seconds": 3600})
    act(corp, "member_adds_customer", userid="zhangsan")
    assert states(corp) == ["waiting"]
    running.sim.post("/clock", json={"set": now})
    receiver.wait_for(1)
    receiver.close()


# --- health ----------------------------------------------------------------------------------------------


def test_a_new_endpoint_is_idle(corp: Corp) -> None:
    assert endpoint(corp) == {
        "agentid": corp.apps[0]["agentid"],
        "url": "",
        "status": "no_address",
        "last_success_at": None,
        "failures": 0,
        "paused_until": None,
        "waiting": 0,
        "next_attempt_at": None,
    }
    receiver = SdkReceiver(corp)
    receiver.register()
    assert endpoint(corp)["status"] == "idle"
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: endpoint(corp)["waiting"] == 0)
    assert endpoint(corp)["last_success_at"]
    receiver.http.close()


def pause(corp: Corp, receiver: Receiver) -> dict[str, Any]:
    """Lets both events fail, and the retry of the first; the health of the endpoint."""
    receiver.status = 500
    corp.server.sim.post("/clock", json={"freeze": True})
    for _ in range(2):
        act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: endpoint(corp)["failures"] == 2)
    shown = endpoint(corp)
    assert shown["status"] == "failing"
    assert shown["next_attempt_at"] == corp.server.sim.get("/clock").json()["now"] + 5
    advance(corp, 5)
    wait_until(lambda: endpoint(corp)["failures"] == 3)
    return endpoint(corp)


def test_a_dead_endpoint_is_paused_and_resumes_by_itself(quick: RunningServer) -> None:
    receiver = Receiver(lambda _: b"")
    corp = make_corp(quick, receiver.url)
    shown = pause(corp, receiver)
    now = quick.sim.get("/clock").json()["now"]
    assert (shown["status"], shown["failures"], shown["waiting"]) == ("paused", 3, 2)
    assert shown["paused_until"] == shown["next_attempt_at"] == now + 300
    receiver.status = 200
    advance(corp, 299)
    assert endpoint(corp)["status"] == "paused"
    assert len(receiver.posts) == 3
    advance(corp, 1)
    wait_until(lambda: states(corp) == ["delivered", "delivered"])
    shown = endpoint(corp)
    assert (shown["status"], shown["failures"], shown["paused_until"]) == ("idle", 0, None)
    quick.sim.post("/clock", json={"freeze": False})
    receiver.close()


def test_a_paused_endpoint_resumes_by_a_call(quick: RunningServer) -> None:
    receiver = Receiver(lambda _: b"")
    corp = make_corp(quick, receiver.url)
    pause(corp, receiver)
    receiver.status = 200
    answer = quick.sim.post(f"/corps/{corp.corpid}/apps/{corp.apps[0]['agentid']}/callback/resume")
    assert (answer.json()["failures"], answer.json()["paused_until"]) == (0, None)
    wait_until(lambda: states(corp) == ["delivered", "delivered"])
    quick.sim.post("/clock", json={"freeze": False})
    receiver.close()


def test_an_app_without_an_address_keeps_its_waiting_callbacks(quick: RunningServer) -> None:
    receiver = Receiver(lambda _: b"")
    receiver.status = 500
    corp = make_corp(quick, receiver.url)
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: len(attempts_of(corp)) == 1)
    set_address(corp, "")
    advance(corp, 5)
    wait_until(lambda: states(corp) == ["kept"])
    receiver.close()
