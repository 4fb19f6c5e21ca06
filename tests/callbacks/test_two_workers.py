"""Two servers on one PostgreSQL deliver together; the slow suite does it at length, with kills."""

from typing import Any

import pytest

from tests.callbacks.listeners import Listener
from tests.conftest import Databases
from tests.slow.test_lost_sessions import end_sessions

ROUNDS = 3

pytestmark = pytest.mark.postgresql


def test_lost_sessions_repeat_no_event_and_keep_the_order(databases: Databases, start_server: Any) -> None:
    url = databases.new_url()
    servers = [start_server(database_url=url) for _ in range(2)]
    listeners = [Listener(server.base_url) for server in servers]
    threads = [listener.act_until_stopped() for listener in listeners]
    for _ in range(ROUNDS):
        for listener in listeners:
            listener.receiver.wait_for(len(listener.receiver.posts) + 2)
        end_sessions(url)
    for listener in listeners:
        listener.stop()
    for thread in threads:
        thread.join(30)
    for listener in listeners:
        listener.wait_until_nothing_waits()
    found = [(listener.lost(), listener.repeated(), listener.out_of_order()) for listener in listeners]
    assert found == [(set(), 0, 0)] * 2
    for listener in listeners:
        listener.close()
