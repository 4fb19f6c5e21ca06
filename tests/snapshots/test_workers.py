"""Two servers on one PostgreSQL: a restore by one, with calls that write at both."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, Databases, RunningServer
from tests.snapshots.worlds import content_of, export, restore, take, without_the_restore

pytestmark = pytest.mark.postgresql

THREADS, RESTORES = 4, 5


@pytest.fixture
def corps(databases: Databases, start_server: Any) -> list[Corp]:
    """One corp, as each server has it."""
    url = databases.new_url()
    servers: list[RunningServer] = [
        start_server(database_url=url, limit_concurrency=100, rate_limits=False) for _ in range(2)
    ]
    first = servers[0].make_corp(seed="demo", customers=60, follow_ups=60)
    return [first, Corp(servers[1], {"corpid": first.corpid, "apps": first.apps})]


def test_no_call_at_another_worker_leaves_anything_behind(corps: list[Corp]) -> None:
    clients = [corp.client() for corp in corps]
    customers = clients[0].get("externalcontact/list", userid="zhangsan")["external_userid"]
    take(corps[0])
    wanted = without_the_restore(content_of(export(corps[0])))
    done = threading.Event()
    answered: list[int] = []

    def call(number: int) -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            corp, token = corps[(number + turn) % 2], clients[(number + turn) % 2].token
            body = {"userid": "zhangsan", "external_userid": customers[0], "remark": f"{number}/{turn}"}
            api = corp.server.api
            answer = api.post("externalcontact/remark", params={"access_token": token}, json=body)
            answered.append(int(answer.json()["errcode"]))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(RESTORES):
            restore(corps[turn % 2])
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert set(answered) == {0, -1}
    assert corps[1].sim("ledger/verify")["intact"]
    restore(corps[0])
    assert without_the_restore(content_of(export(corps[1]))) == wanted
    assert corps[0].sim("ledger/verify")["intact"]


def test_the_other_worker_shows_the_restored_board(corps: list[Corp]) -> None:
    clients = [corp.client() for corp in corps]
    listed = clients[0].post("externalcontact/follow_up/list", userid="zhangsan")["follow_ups"]
    take(corps[0])
    board = [
        client.post("externalcontact/follow_up/board", userid="zhangsan")["stages"] for client in clients
    ]
    assert board[0] == board[1]
    for turn in range(4):
        changed = clients[turn % 2].post(
            "externalcontact/follow_up/update", follow_up_id=listed[0]["follow_up_id"], title=f"{turn}"
        )
        assert changed["errcode"] == 0
        restore(corps[(turn + 1) % 2])
        for client in clients:
            assert client.post("externalcontact/follow_up/board", userid="zhangsan")["stages"] == board[0]
