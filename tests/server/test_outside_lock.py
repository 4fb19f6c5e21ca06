"""Another program locks the SQLite file: the server waits without standing still, and loses nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.conftest import ON_POSTGRESQL, RunningServer
from wecom_tollbooth import server as server_module

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="a lock on a file")


@contextmanager
def locked(server: RunningServer) -> Iterator[None]:
    with closing(sqlite3.connect(str(server.settings.sqlite_file), isolation_level=None)) as outside:
        outside.execute("BEGIN IMMEDIATE")
        yield
        outside.execute("ROLLBACK")


def test_calls_wait_for_the_lock_and_health_does_not(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    clients = [corp.client() for _ in range(5)]

    def call(client: Any) -> Any:
        return client.get("externalcontact/get_follow_user_list")["errcode"]

    with ThreadPoolExecutor(6) as threads:
        with locked(server):
            calls = [threads.submit(call, client) for client in clients]
            control = threads.submit(server.sim.get, "/clock")
            for _ in range(10):
                assert server.sim.get("/health").status_code == 200
            assert not any(one.done() for one in [*calls, control])
        assert [one.result() for one in calls] == [0] * 5
        assert control.result().status_code == 200
    counted = corp.sim("usage")["calls"]["by_operation"]["/cgi-bin/externalcontact/get_follow_user_list"]
    assert counted == {"charged": 5, "refused": 0}


def test_a_call_that_waits_too_long_answers_minus_one_and_is_not_booked(
    start_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    monkeypatch.setattr(server_module, "BUSY_SECONDS", 0.1)
    with locked(server):
        assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == -1
        refused = server.sim.post("/corps", json={})
        assert refused.status_code == 503
        assert "locked" in refused.json()["error"]
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 0
    counted = corp.sim("usage")["calls"]["by_operation"]["/cgi-bin/externalcontact/get_follow_user_list"]
    assert counted == {"charged": 1, "refused": 0}
