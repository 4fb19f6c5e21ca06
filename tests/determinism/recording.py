"""Plays calls of every family in a corp with a key, and records what came, byte for byte."""

import copy
import http.client
import io
import json
import random
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, cast

from tests.conftest import RunningServer
from tests.http_client import Client
from tests.same_answers.exchanges import Answer, Line, Request, in_json
from tests.same_answers.normal import VOLATILE_HEADERS
from tests.same_answers.recorder import Recorder
from tests.same_answers.requests.fuzz import Fuzzer
from tests.same_answers.requests.operations import Operation, read_acts, read_operations
from tests.same_answers.requests.samples import record_samples
from tests.same_answers.requests.world import World
from tests.same_answers.stage import Stage
from wecom_tollbooth.world.keyed_corps import STARTS_AT

_NAMED: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"hint: \[\d{25}\]"), b"hint: []"),
    (re.compile(rb'"(hint|next_cursor)":"\d{25}"'), rb'"\1":""'),
    (re.compile(rb'"(usage_id|duration_us|duration_ms|previous_hash|hash)":("\w*"|\d+)'), rb'"\1":0'),
)
"""What docs/control-api.md names as different from run to run."""
_RECORD = re.compile(rb'"id":\d+')
_OF_SERVER = re.compile(r"/_sim/(clock|corps|health|operations|acts|usage|statement|ledger.*|metrics|calls)")
_LETS_TIME_RUN = re.compile(rb'follow_server|"freeze": ?false')
READ_LAST = (
    "",
    "/usage",
    "/statement",
    "/budget",
    "/temp_chats",
    "/licences",
    "/corp_groups",
    "/clock",
    "/faults",
    "/advice",
    "/callbacks?limit=500",
    "/calls?limit=100",
    "/phones/zhangsan?limit=100",
    "/phones/lisi?limit=100",
)


class Player:
    """Sends requests to a server, in place of the stage of a whole tree; each to the next of its workers."""

    has_receivers = False

    def __init__(self, ports: Sequence[int]) -> None:
        self._clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for port in ports]

    def call(self, request: Request) -> Answer:
        client = self._clients.pop(0)
        self._clients.append(client)
        client.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            client.putheader(name, value)
        if request.body or request.method not in ("GET", "HEAD", "DELETE"):
            client.putheader("Content-Length", str(len(request.body)))
        client.endheaders(request.body)
        got = client.getresponse()
        content = got.read()
        if got.status >= 500:
            client.close()  # the server closes the connection without announcing it
        return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, content)

    def settle(self, *, last: bool = False) -> None: ...

    def received(self) -> list[Line]:
        return []

    def close(self) -> None:
        for client in self._clients:
            client.close()


class Exchange(NamedTuple):
    asked: str
    sent: bytes
    status: int
    headers: str
    body: bytes


class KeyedRecorder(Recorder):
    """Records what corps with keys answer. What concerns the whole server is made the corp's, or left out."""

    def __init__(self, player: Player, key: str) -> None:
        super().__init__(cast(Stage, player), io.StringIO())
        self._player, self._key = player, key
        self.corps: list[str] = []
        self.exchanges: list[Exchange] = []

    def send(self, request: Request) -> Answer:
        wanted = self._of_the_corp(request)
        if wanted is None:
            return Answer(200, {}, b"{}")
        answer = self._player.call(wanted)
        self.calls += 1
        if answer.status == 200 and wanted.path.endswith("/clock"):
            self.now = answer.json()["now"]
        if answer.status == 200 and wanted.path == "/_sim/corps":
            self.corps.append(answer.json()["corpid"])
            self.now = self.now or STARTS_AT
        headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE_HEADERS}
        shown = _without_named(json.dumps(headers, sort_keys=True).encode()).decode()
        asked, body = f"{wanted.method} {wanted.target}", _without_named(answer.body)
        if wanted.path.endswith("/ledger"):
            body = _RECORD.sub(b'"id":0', body)
        self.exchanges.append(Exchange(asked, wanted.body, answer.status, shown, body))
        return replace(answer, body=body)  # so that nothing that differs is asked for

    def _of_the_corp(self, request: Request) -> Request | None:
        body = request.json()
        if request.method == "POST" and isinstance(body, dict):
            if request.path == "/_sim/corps":
                return in_json("POST", "/_sim/corps", {**body, "key": f"{self._key}/{len(self.corps)}"})
            if request.path == "/_sim/providers" and "corpid" not in body:
                self.send(in_json("POST", "/_sim/corps", body))
                return in_json("POST", "/_sim/providers", {"corpid": self.corps[-1]})
        if request.path == "/_sim/clock" and self.corps:
            request = replace(request, target=f"/_sim/corps/{self.corps[0]}/clock")
        if _OF_SERVER.fullmatch(request.path) or _LETS_TIME_RUN.search(request.body):
            return None
        return request


def _without_named(body: bytes) -> bytes:
    for pattern, put in _NAMED:
        body = pattern.sub(put, body)
    return body


_declared: list[tuple[list[Operation], dict[str, Any]]] = []


def declared(player: Player) -> tuple[list[Operation], dict[str, Any]]:
    """The operations and acts, as the server describes them. A recording notes at operations who may call."""
    if not _declared:

        class Plain(Recorder):
            def send(self, request: Request) -> Answer:
                return player.call(request)

        plain = Plain(cast(Stage, player), io.StringIO())
        _declared.append((read_operations(plain), read_acts(plain)))
    return copy.deepcopy(_declared[0])


def port_of(server: RunningServer) -> int:
    return int(server.base_url.rpartition(":")[2])


def play(*ports: int, key: str, seed: int, fuzzed: int, samples: bool = False) -> list[Exchange]:
    """What came of a world with the key, of `fuzzed` generated calls in it, and of deleting it."""
    player = Player(ports)
    operations, acts = declared(player)
    recorder = KeyedRecorder(player, key)
    world = World(recorder, 0)
    if samples:
        record_samples(world, operations, random.Random(seed))
    Fuzzer(seed, operations, acts).run(world, None, range(fuzzed))
    recorder.sim("POST", "/clock", {"advance_seconds": 86_400})
    for path in READ_LAST:
        recorder.sim("GET", f"/corps/{world.corpid}{path}")
    for corpid in recorder.corps:
        recorder.sim("DELETE", f"/corps/{corpid}")
    player.close()
    return recorder.exchanges


def differences(first: list[Exchange], second: list[Exchange]) -> Iterator[str]:
    """What differs, in the order of the calls."""
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            yield f"call {number}: {one}\n     and: {other}"
    if len(first) != len(second):
        yield f"{len(first)} calls and {len(second)}"


@contextmanager
def busy(base_url: str) -> Iterator[None]:
    """Another corp with a key, whose rows have the same numbers, comes, changes and goes all the time."""
    over = threading.Event()

    def make_and_delete() -> None:
        sim = Client(f"{base_url}/_sim")
        act = {"act": "member_adds_customer", "userid": "lisi"}
        while not over.wait(0.02):
            made = sim.post("/corps", json={"key": "busy", "seed": "demo", "follow_ups": 3}).json()
            sim.post(f"/corps/{made['corpid']}/acts", json=act)
            sim.delete(f"/corps/{made['corpid']}")
        sim.close()

    thread = threading.Thread(target=make_and_delete)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
