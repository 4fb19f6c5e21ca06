"""Callbacks of answered acts are never lost when the server is killed; they may arrive twice."""

import itertools
import random
import re
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.callbacks.receiver import Query, Receiver
from wecom_tollbooth.callbacks import crypto

KILLS = 20
SEED = 20261122
MEMBERS = ("zhangsan", "lisi", "wangwu")
_ENCRYPTED = re.compile(rb"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>")
_CUSTOMER = re.compile(r"<ExternalUserID><!\[CDATA\[(.*?)\]\]></ExternalUserID>")

pytestmark = pytest.mark.slow


class Actor:
    """Runs acts until stopped, and remembers the callbacks of each answered act."""

    def __init__(self, base_url: str, corpid: str) -> None:
        self.answered: dict[int, str] = {}
        """The customer that the callback is about, by the callback's id."""
        self.unanswered = 0
        self._act = f"{base_url}/_sim/corps/{corpid}/acts"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        with httpx.Client(timeout=30) as http:
            for userid in itertools.cycle(MEMBERS):
                if self._stop.is_set():
                    return
                try:
                    answer = http.post(self._act, json={"act": "member_adds_customer", "userid": userid})
                except httpx.TransportError:
                    self.unanswered += 1
                    time.sleep(0.05)
                    continue
                result: dict[str, Any] = answer.json()
                self.answered |= dict.fromkeys(result["callbacks"], result["external_userid"])


def test_no_callback_of_an_answered_act_is_lost_when_the_server_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)
    server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{tmp_path}/kill.db"})
    server.start()
    corp = httpx.post(f"{server.base_url}/_sim/corps", json={"seed": "demo"}, timeout=60).json()
    app = corp["apps"][0]
    key = app["encoding_aes_key"]

    def open_echo(query: Query) -> bytes:
        return crypto.decrypt(key, query["echostr"], corp["corpid"])

    receiver = Receiver(open_echo)
    sim = f"{server.base_url}/_sim/corps/{corp['corpid']}"
    address = f"{sim}/apps/{app['agentid']}/callback"
    httpx.put(address, json={"url": receiver.url}, timeout=60).raise_for_status()
    actor = Actor(server.base_url, corp["corpid"])
    try:
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.2, 1.0))
            server.kill()
            server.start()
        time.sleep(0.5)
        actor.stop()
        wait_until_nothing_waits(sim)
    finally:
        actor.stop()
        server.stop()
        receiver.close()
    # A delivery interrupted by a kill was not received.
    whole = [body for _, body in receiver.posts if body.endswith(b"</xml>")]
    heard = [customer_of(key, body, corp["corpid"]) for body in whole]
    lost = {number for number, customer in actor.answered.items() if customer not in set(heard)}
    with capsys.disabled():
        print(
            f"\ncallbacks: {KILLS} kills, {len(actor.answered):,} callbacks of answered acts, {len(heard):,} "
            f"received, {len(heard) - len(set(heard))} of them again, {len(lost)} lost; "
            f"{actor.unanswered:,} acts got no answer"
        )
    assert lost == set()
    assert len(actor.answered) > KILLS
    assert actor.unanswered >= KILLS / 2, "the kills interrupted nothing"


def wait_until_nothing_waits(sim: str) -> None:
    deadline = time.monotonic() + 60
    asked: dict[str, str | int] = {"state": "waiting", "limit": 1}
    while httpx.get(f"{sim}/callbacks", params=asked, timeout=60).json()["callbacks"]:
        assert time.monotonic() < deadline, "callbacks are still waiting"
        time.sleep(0.1)


def customer_of(key: str, body: bytes, corpid: str) -> str:
    """The external_userid in an encrypted event."""
    sealed = _ENCRYPTED.search(body)
    assert sealed
    found = _CUSTOMER.search(crypto.decrypt(key, sealed[1].decode(), corpid).decode())
    assert found
    return found[1]
