"""Steps that tests of deliveries share."""

import time
from collections.abc import Callable
from typing import Any

from tests.conftest import Corp
from wecom_tollbooth.corps.tables import App


def act(corp: Corp, name: str, /, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def states(corp: Corp) -> list[str]:
    return [
        callback["state"] for callback in corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    ]


def advance(corp: Corp, seconds: int) -> None:
    assert corp.server.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200
    corp.server.server.work_waiting.set()


def set_address(corp: Corp, url: str) -> None:
    """Gives the first app an address that was never verified."""
    with corp.server.server.database.transaction() as tx:
        app = tx.session.get(App, (corp.corpid, corp.apps[0]["agentid"]))
        assert app is not None
        app.callback_url = url
        tx.session.add(app)


def attempts_of(corp: Corp) -> list[dict[str, Any]]:
    """The attempts to deliver the first callback of the first app."""
    (callback, *_) = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    attempts: list[dict[str, Any]] = callback["attempts"]
    return attempts


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.01)
