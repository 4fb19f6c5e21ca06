"""Advice of two servers on one PostgreSQL is one list, and loses nothing."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.advice.strict import advice, briefly, strict
from tests.conftest import Corp, Databases, RunningServer

LIST = "externalcontact/get_follow_user_list"
THREADS, CALLS = 4, 10


@pytest.mark.postgresql
def test_both_servers_add_to_the_same_advice(databases: Databases, start_server: Any) -> None:
    url = databases.new_url()
    servers: list[RunningServer] = [start_server(database_url=url, limit_concurrency=100) for _ in range(2)]
    first = servers[0].make_corp(seed="demo")
    corps = [first, Corp(servers[1], {"corpid": first.corpid, "apps": first.apps})]
    token = first.client().token
    strict(first)
    answered: list[int] = []

    def call(number: int) -> None:
        for turn in range(CALLS):
            query = {"access_token": token, "usrid": "a", f"zzz{number}": "b"}
            answer = corps[(number + turn) % 2].server.api.get(LIST, params=query)
            answered.append(int(answer.json()["errcode"]))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answered) == {0}
    expected = [("unknown_field", LIST, "usrid", THREADS * CALLS)]
    expected += [("unknown_field", LIST, f"zzz{number}", CALLS) for number in range(THREADS)]
    assert briefly(advice(corps[1], "unknown_field")) == expected
    assert advice(corps[0]) == advice(corps[1])


def test_advice_and_what_is_open_survive_a_restart(
    databases: Databases, start_server: Any, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'advice.db'}"
    server: RunningServer = start_server(database_url=url)
    corp = server.make_corp(seed="demo", strict=True)
    wecom = corp.client()
    wecom.post("externalcontact/batch/get_by_user", userid_list=["zhangsan", "lisi"], limit=1, zzz=1)
    before = advice(corp, open=True)
    assert {one["code"] for one in before} == {"page_not_read", "unknown_field"}
    server.stop()
    again = Corp(start_server(database_url=url), {"corpid": corp.corpid, "apps": corp.apps})
    after = advice(again, open=True)
    assert [one["hint"] for one in after] == [one["hint"] for one in before]
    assert briefly(after) == briefly(before)
