"""Calls that the tests of the journal and of usage share."""

from collections.abc import Callable
from typing import Any

from tests.conftest import RunningServer

StartServer = Callable[..., RunningServer]

LIST = "/cgi-bin/externalcontact/list"
FOLLOWERS = "/cgi-bin/externalcontact/get_follow_user_list"
GETTOKEN = "/cgi-bin/gettoken"


def move(server: RunningServer, **body: Any) -> None:
    answer = server.sim.post("/clock", json=body)
    assert answer.status_code == 200, answer.text
