"""SIGKILL at random instants under load: what was answered is in the ledger once, with its effect.

Each client writes texts that nobody else writes, so that every effect names the call that it came from: a
tag by its name, a remark by its text. The journal, which commits with the ledger, joins the two.
"""

import json
import os
import random
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess

KILLS = int(os.environ.get("TOLLBOOTH_TEST_KILLS", "50"))
CLIENTS = 6
SEED = 20261122
ADD_TAG, REMARK = "/cgi-bin/externalcontact/add_corp_tag", "/cgi-bin/externalcontact/remark"

pytestmark = pytest.mark.slow


class Client:
    """Adds tags and remarks in turn, as fast as it is answered; remembers which texts were."""

    def __init__(self, name: str, base_url: str, token: str, external_userid: str) -> None:
        self.answered: list[str] = []
        self.unanswered: list[str] = []
        self._name = name
        self._base_url, self._token, self._customer = base_url, token, external_userid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        number = 0
        with httpx.Client(base_url=self._base_url, params={"access_token": self._token}, timeout=30) as http:
            while not self._stop.is_set():
                number += 1
                text = f"{self._name}-{number}"
                path, body = self._call(number, text)
                try:
                    reply = http.post(path, json=body).json()
                except httpx.ConnectError:  # the server is not there yet: nothing was sent
                    time.sleep(0.02)
                    continue
                except httpx.TransportError:
                    self.unanswered.append(text)
                    time.sleep(0.02)
                    continue
                assert reply["errcode"] == 0, reply
                self.answered.append(text)

    def _call(self, number: int, text: str) -> tuple[str, dict[str, Any]]:
        if number % 3 == 0:
            return ADD_TAG, {"group_name": self._name, "tag": [{"name": text}]}
        return REMARK, {"userid": "zhangsan", "external_userid": self._customer, "remark": text}


def test_a_killed_server_loses_no_answered_call_and_keeps_no_effect_without_its_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kill.db"
    environment = {
        "DATABASE_URL": f"sqlite:///{file}",
        "TOLLBOOTH_JOURNAL_CAPACITY": "1000000",
        "TOLLBOOTH_RATE_LIMITS": "off",
    }
    server = ServerProcess(TOLLBOOTH, tmp_path, environment)
    server.start()
    rng = random.Random(SEED)
    clients = start_clients(server.base_url)
    try:
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.1, 0.6))
            server.kill()
            server.start()
        time.sleep(0.3)
    finally:
        for client in clients:
            client.stop()
        server.stop()

    answered = [text for client in clients for text in client.answered]
    unanswered = {text for client in clients for text in client.unanswered}
    booked = read_booked(file)
    texts = Counter(text for _, _, text, _ in booked)
    lost = [text for text in answered if texts[text] == 0]
    twice = [text for text, count in texts.items() if count > 1]
    unexplained = [text for text in texts if text not in unanswered and text not in set(answered)]
    tags_booked = {text for _, path, text, _ in booked if path == ADD_TAG}
    last_remark = {customer: text for _, path, text, customer in booked if path == REMARK}
    tags, remarks = read_effects(file)
    with capsys.disabled():
        print(
            f"\nkill test: {KILLS} kills, {len(answered):,} calls answered, {len(unanswered):,} cut off "
            f"({sum(texts[text] for text in unanswered)} of them booked), {len(booked):,} booked; lost "
            f"{len(lost)}, twice {len(twice)}, tags without a record {len(tags - tags_booked)}, "
            f"records without their tag {len(tags_booked - tags)}"
        )
    assert (lost, twice, unexplained) == ([], [], [])
    assert tags == tags_booked
    assert remarks == last_remark
    assert len(answered) > KILLS
    assert len(unanswered) >= KILLS / 2, "the kills hit nothing"


def start_clients(base_url: str) -> list[Client]:
    corp = httpx.post(f"{base_url}/_sim/corps", json={"seed": "demo", "customers": 200}, timeout=60).json()
    params = {"corpid": corp["corpid"], "corpsecret": corp["apps"][0]["secret"]}
    token = httpx.get(f"{base_url}/cgi-bin/gettoken", params=params).json()["access_token"]
    params = {"access_token": token, "userid": "zhangsan"}
    customers = httpx.get(f"{base_url}/cgi-bin/externalcontact/list", params=params).json()["external_userid"]
    return [Client(f"c{place}", base_url, token, customers[place]) for place in range(CLIENTS)]


def read_booked(file: Path) -> list[tuple[int, str, str, str]]:
    """Charged calls in their order: number, operation, the text that was written, the customer."""
    query = """
        SELECT u.id, u.operation, j.body FROM usage_record u
        JOIN call_journal j ON j.corp_id = u.corp_id AND j.usage_id = u.id
        WHERE u.errcode = 0 AND u.operation IN (?, ?) ORDER BY u.id
    """
    with sqlite3.connect(file) as connection:
        rows = connection.execute(query, (ADD_TAG, REMARK)).fetchall()
        charged = "SELECT count(*) FROM usage_record WHERE errcode = 0 AND operation IN (?, ?)"
        assert connection.execute(charged, (ADD_TAG, REMARK)).fetchone()[0] == len(rows)
    booked = []
    for number, operation, text in rows:
        body = json.loads(text)
        written = body["tag"][0]["name"] if operation == ADD_TAG else body["remark"]
        booked.append((number, operation, written, body.get("external_userid", "")))
    return booked


def read_effects(file: Path) -> tuple[set[str], dict[str, str]]:
    """The tags that the clients' calls made, and the remarks that they left, by customer."""
    with sqlite3.connect(file) as connection:
        tags = {name for (name,) in connection.execute("SELECT name FROM tag WHERE name GLOB 'c[0-9]*-*'")}
        remarks = dict(
            connection.execute(
                "SELECT external_userid, remark FROM follow_user "
                "WHERE userid = 'zhangsan' AND remark GLOB 'c[0-9]*-*'"
            ).fetchall()
        )
    return tags, remarks
