"""A light client: many of them can load a server from one process."""

import http.client
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

CGI = "/cgi-bin/"
SECONDS = 60


class Unanswered(Exception):
    """The connection broke before the answer arrived; the call may or may not have happened."""


@dataclass(frozen=True)
class Done:
    """An answered call as the ledger distinguishes it: path, and whether it was charged."""

    path: str
    charged: bool


class Caller:
    """One app on one connection. `answered` counts its calls as the corp's usage does."""

    def __init__(self, port: int, corpid: str, secret: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self.corpid = corpid
        self._secret = secret
        self._token = ""
        self.answered: Counter[Done] = Counter()
        self.errcodes: Counter[int] = Counter()

    def log_in(self) -> None:
        reply = self.get("gettoken", corpid=self.corpid, corpsecret=self._secret)
        self._token = reply["access_token"]

    def get(self, operation: str, **query: str) -> dict[str, Any]:
        return self._call("GET", operation, query, None)

    def post(self, operation: str, **body: Any) -> dict[str, Any]:
        return self._call("POST", operation, {}, json.dumps(body).encode())

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, operation: str, query: dict[str, str], body: bytes | None) -> dict[str, Any]:
        """Raises Unanswered."""
        path = CGI + operation
        token = {"access_token": self._token} if self._token else {}
        try:
            self._http.request(method, f"{path}?{urlencode({**token, **query})}", body)
            answer = self._http.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as broken:
            self._http.close()
            raise Unanswered(f"{method} {path}: {broken!r}") from None
        assert answer.status == 200, (path, answer.status, content)
        reply: dict[str, Any] = json.loads(content)
        self.answered[Done(path, reply["errcode"] == 0)] += 1
        self.errcodes[reply["errcode"]] += 1
        return reply


def make_corp(sim: httpx.Client, **wanted: Any) -> tuple[str, str]:
    """The corpid of a new corp, and the secret of its first app."""
    made = sim.post("corps", json=wanted).raise_for_status().json()
    return made["corpid"], made["apps"][0]["secret"]


def ledger_of(usage: dict[str, Any]) -> Counter[Done]:
    """The calls in GET /_sim/corps/{corpid}/usage, counted in the same way."""
    counted: Counter[Done] = Counter()
    for path, calls in usage["calls"]["by_operation"].items():
        counted[Done(path, True)] += calls["charged"]
        counted[Done(path, False)] += calls["refused"]
    return +counted
