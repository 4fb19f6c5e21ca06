"""A corp's own clock costs its calls no statement: it is read by those that ran before."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.clocks.corps import move
from tests.conftest import ON_POSTGRESQL, Corp, RunningServer
from tests.in_process import InProcess
from tests.providers import Provider

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="it counts what SQLite's driver runs")


@pytest.fixture
def statements(server: RunningServer) -> Callable[[Callable[[], Any]], int]:
    """How many statements a call runs in this thread, once all is prepared."""
    ran: list[str] = []
    this_thread = threading.get_ident()

    def note(sql: str) -> None:
        if threading.get_ident() == this_thread:
            ran.append(sql)

    def count(call: Callable[[], Any]) -> int:
        call()
        ran.clear()
        with server.server.database.transaction() as tx:
            tx.driver.set_trace_callback(note)
        try:
            call()
        finally:
            with server.server.database.transaction() as tx:
                tx.driver.set_trace_callback(None)
        return len(ran)

    return count


def test_calls_run_as_many_statements_by_either_clock(
    server: RunningServer, statements: Callable[[Callable[[], Any]], int]
) -> None:
    corp, provider, api = server.make_corp(seed="demo"), Provider(server), InProcess(server)
    wecom, app = corp.client(), corp.new_app(kind="third_party", provider_id=provider.id)
    tokens = [wecom.token, provider.suite_token()["suite_access_token"]]

    def get(path: str, **query: str) -> int:
        return statements(lambda: api.request("GET", f"/cgi-bin/{path}", query))

    def post(path: str, query: dict[str, str], **body: str) -> int:
        content = json.dumps(body).encode()
        return statements(lambda: api.request("POST", f"/cgi-bin/{path}", query, content))

    def counts() -> dict[str, int]:
        token, suite = {"access_token": tokens[0]}, {"suite_access_token": tokens[1]}
        made, installed = provider.made, {"auth_corpid": corp.corpid, "permanent_code": app["secret"]}
        of_suite = {"suite_id": made["suite_id"], "suite_secret": made["suite_secret"]}
        return {
            "get": get("externalcontact/get_follow_user_list", **token),
            "post": post("externalcontact/get_corp_tag_list", token),
            "gettoken": get("gettoken", corpid=corp.corpid, corpsecret=corp.apps[0]["secret"]),
            "suite": post("service/get_suite_token", {}, **of_suite, suite_ticket=provider.ticket()),
            "corp token": post("service/get_corp_token", suite, **installed),
        }

    following = counts()
    as_corp = Corp(server, {"corpid": provider.id, "apps": []})
    for one in (corp, as_corp):
        move(one, advance_seconds=1)
    assert counts() == following
    assert min(following.values()) > 2
    api.close()


def test_a_corp_without_strict_mode_runs_as_many_statements_as_ever(
    server: RunningServer, statements: Callable[[Callable[[], Any]], int]
) -> None:
    corp, api = server.make_corp(seed="demo"), InProcess(server)
    query = {"access_token": corp.client().token}

    def count() -> int:
        path = "/cgi-bin/externalcontact/get_follow_user_list"
        return statements(lambda: api.request("GET", path, query))

    def switch(on: bool) -> None:
        assert server.sim.patch(f"/corps/{corp.corpid}", json={"strict": on}).status_code == 200

    usual = count()
    switch(True)
    assert 0 < count() - usual <= 4  # the savepoint, what is watched, and the last call read and written
    switch(False)
    assert count() == usual
    api.close()
