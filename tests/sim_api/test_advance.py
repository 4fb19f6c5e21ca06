"""Advancing the clock over scheduled tasks: in order, with calls in between, answered when all is done."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import RunningServer
from wecom_tollbooth.world import scheduled_tasks
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK, schedule

StartServer = Callable[..., RunningServer]

AUGUST = 1785546000
KIND = "a_test_looks"


_handlers: list[scheduled_tasks.TaskHandler] = []


@scheduled_tasks.scheduled_task(KIND)
def _handled(act: Act, reference: str) -> None:
    _handlers[-1](act, reference)


@contextmanager
def handled_by(handler: scheduled_tasks.TaskHandler) -> Iterator[None]:
    """Tasks of KIND are handled so until the block ends."""
    _handlers.append(handler)
    try:
        yield
    finally:
        _handlers.pop()


@pytest.fixture
def clocked(start_server: StartServer) -> RunningServer:
    server = start_server()
    move(server, set=AUGUST, freeze=True)
    return server


def move(server: RunningServer, **body: object) -> int:
    answer = httpx.post(f"{server.base_url}/_sim/clock", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["now"])


def now(server: RunningServer) -> int:
    return int(server.sim.get("/clock").json()["now"])


def schedule_at(server: RunningServer, *times: int) -> None:
    corpid = server.make_corp().corpid
    with server.server.database.transaction() as tx:
        context = server.server.context(tx, corpid)
        for number, at in enumerate(times):
            schedule(context, KIND, at, str(number))


def waiting(server: RunningServer) -> int:
    with server.server.database.transaction() as tx:
        count = sa.select(sa.func.count()).where(SCHEDULED_TASK.c.kind == KIND)
        return int(tx.execute(count).scalar_one())


def test_calls_in_between_see_the_clock_pass(clocked: RunningServer) -> None:
    def takes_a_while(act: Act, reference: str) -> None:
        time.sleep(0.002)

    schedule_at(clocked, *range(AUGUST + 1, AUGUST + 101))
    seen: list[int] = []
    with handled_by(takes_a_while), ThreadPoolExecutor(1) as threads:
        moving = threads.submit(move, clocked, advance_seconds=1_000)
        while not moving.done():
            seen.append(now(clocked))
        assert moving.result() == AUGUST + 1_000
    between = {at for at in seen if AUGUST < at <= AUGUST + 100}
    assert len(between) > 3
    assert seen == sorted(seen)
    assert waiting(clocked) == 0


def test_tasks_run_in_order_of_their_times_each_at_its_own(clocked: RunningServer) -> None:
    ran: list[tuple[int, str]] = []
    times = [AUGUST + 50 - number for number in range(50)]
    schedule_at(clocked, *times)
    with handled_by(lambda act, reference: ran.append((act.now, reference))):
        move(clocked, advance_seconds=50)
    assert ran == [(at, str(times.index(at))) for at in sorted(times)]


def test_a_task_can_schedule_another_that_is_due_during_the_advance(clocked: RunningServer) -> None:
    ran: list[int] = []

    def goes_on(act: Act, reference: str) -> None:
        ran.append(act.now)
        schedule(act, KIND, act.now + 10, reference)

    schedule_at(clocked, AUGUST + 10)
    with handled_by(goes_on):
        assert move(clocked, advance_seconds=45) == AUGUST + 45
    assert ran == [AUGUST + 10, AUGUST + 20, AUGUST + 30, AUGUST + 40]


def test_a_second_advance_waits_for_the_first(clocked: RunningServer) -> None:
    ran: list[int] = []
    begun = threading.Event()

    def takes_a_while(act: Act, reference: str) -> None:
        begun.set()
        time.sleep(0.002)
        ran.append(act.now)

    schedule_at(clocked, *range(AUGUST + 1, AUGUST + 61))
    with handled_by(takes_a_while), ThreadPoolExecutor(2) as threads:
        first = threads.submit(move, clocked, advance_seconds=30)
        begun.wait()
        second = threads.submit(move, clocked, advance_seconds=30)
        assert first.result() == AUGUST + 30
        assert second.result() == AUGUST + 60
    assert ran == list(range(AUGUST + 1, AUGUST + 61))


def test_the_answer_comes_after_a_task_that_the_worker_has_taken(start_server: StartServer) -> None:
    server = start_server()
    begun, go, done = threading.Event(), threading.Event(), threading.Event()

    def waits(act: Act, reference: str) -> None:
        begun.set()
        assert go.wait(20)
        done.set()

    with handled_by(waits), ThreadPoolExecutor(1) as threads:
        schedule_at(server, now(server))
        server.server.work_waiting.set()
        assert begun.wait(20)
        moving = threads.submit(move, server, advance_seconds=0)
        threading.Timer(0.2, go.set).start()
        moving.result()
        assert done.is_set()
    assert waiting(server) == 0


def test_a_task_that_fails_is_dropped_and_the_clock_goes_on(
    clocked: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[int] = []

    def fails_once(act: Act, reference: str) -> None:
        ran.append(act.now)
        if reference == "1":
            raise ValueError("a mistake in a handler")

    schedule_at(clocked, AUGUST + 1, AUGUST + 2, AUGUST + 3)
    with handled_by(fails_once):
        assert move(clocked, advance_seconds=10) == AUGUST + 10
    assert list(dict.fromkeys(ran)) == [AUGUST + 1, AUGUST + 2, AUGUST + 3]
    assert waiting(clocked) == 0
    assert "the task a_test_looks 1 of corp" in caplog.text


def test_what_the_database_will_never_keep_is_the_mistake_of_the_task(clocked: RunningServer) -> None:
    """On PostgreSQL such a task used to be tried for ever, and nothing behind it ran."""

    def looks_for_the_null_character(act: Act, reference: str) -> None:
        if reference == "1":
            act.db.execute(sa.select(sa.func.length(sa.cast("a\x00", sa.Text))))
            raise ValueError("as SQLite takes it")

    schedule_at(clocked, AUGUST + 1, AUGUST + 2)
    with handled_by(looks_for_the_null_character):
        assert move(clocked, advance_seconds=10) == AUGUST + 10
    assert waiting(clocked) == 0


def test_a_task_gets_as_many_ids_as_it_needs(clocked: RunningServer) -> None:
    drawn: list[int] = []

    def draws(act: Act, reference: str) -> None:
        drawn[:] = [act.next_id() for _ in range(3_000)]

    schedule_at(clocked, AUGUST + 1)
    with handled_by(draws):
        move(clocked, advance_seconds=1)
    assert len(set(drawn)) == 3_000
