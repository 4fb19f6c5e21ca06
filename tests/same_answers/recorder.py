"""Sends requests on a stage and records every exchange."""

from typing import Any, TextIO
from urllib.parse import urlencode

from tests.same_answers.exchanges import Answer, Request, in_json, write_line
from tests.same_answers.stage import Stage

NOON = "2026-12-01T12:00:00+08:00"
"""The time at which the clock of every server is frozen first."""


class Recorder:
    def __init__(self, stage: Stage, file: TextIO) -> None:
        self._stage = stage
        self._file = file
        self.calls = 0
        self.now = 0

    def server(self, settings: dict[str, str] | None = None) -> None:
        """A new server with an empty database and a frozen clock."""
        self._stage.open(settings or {})
        write_line(self._file, {"kind": "server", "settings": settings or {}})
        self.sim("POST", "/clock", {"set": NOON, "freeze": True})

    def send(self, request: Request) -> Answer:
        answer = self._stage.call(request)
        self.calls += 1
        write_line(self._file, {"kind": "call", "request": request.line(), "answer": answer.line()})
        if request.path == "/_sim/clock" and answer.status == 200:
            self.now = answer.json()["now"]
        if self._stage.has_receivers and may_raise_callbacks(request):
            self.settle()
        return answer

    def settle(self, *, last: bool = False) -> None:
        """Waits for callbacks and records them."""
        self._stage.settle(last=last)
        write_line(self._file, {"kind": "settle", "last": last, "heard": self._stage.received()})

    def sim(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """A call of the control API; its answer."""
        return self.send(in_json(method, f"/_sim{path}{_asked(query)}", body)).json()

    def get(self, operation: str, /, **query: Any) -> Any:
        return self.send(in_json("GET", f"/cgi-bin/{operation}{_asked(query)}")).json()

    def post(self, operation: str, body: Any = None, /, **query: Any) -> Any:
        return self.send(in_json("POST", f"/cgi-bin/{operation}{_asked(query)}", body or {})).json()


def may_raise_callbacks(request: Request) -> bool:
    """Most reads raise none; reading a budget may."""
    return not (request.method == "GET" and request.path.startswith("/_sim/")) or "budget" in request.path


def _asked(query: dict[str, Any]) -> str:
    return f"?{urlencode(query)}" if query else ""
