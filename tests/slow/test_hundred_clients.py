"""A hundred clients at once: every call is answered well, and the ledger has as many rows as answers."""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.conftest import ON_POSTGRESQL, Databases

CLIENTS = 100
SECONDS = float(os.environ.get("TOLLBOOTH_TEST_LOAD_SECONDS", "30"))

pytestmark = pytest.mark.slow


def test_a_hundred_clients_for_half_a_minute(
    tmp_path: Path, databases: Databases, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {
        "DATABASE_URL": databases.new_url(),
        "TOLLBOOTH_RATE_LIMITS": "off",
        "TOLLBOOTH_WORKERS": "2" if ON_POSTGRESQL else "1",
    }
    server = ServerProcess(TOLLBOOTH, tmp_path, environment)
    server.start()
    try:
        corp = httpx.post(
            f"{server.base_url}/_sim/corps", json={"seed": "demo", "customers": 500}, timeout=60
        )
        answers, seconds = asyncio.run(load(server.base_url, corp.json()))
        usage = httpx.get(f"{server.base_url}/_sim/corps/{corp.json()['corpid']}/usage", timeout=60).json()
    finally:
        server.stop()
    total = sum(answers.values())
    booked = usage["calls"]["charged"] + usage["calls"]["refused"]
    with capsys.disabled():
        print(
            f"\nload test: {CLIENTS} clients, {seconds:.0f} s, {total:,} calls answered "
            f"({total / seconds:,.0f}/s), {booked:,} in the ledger, by status and errcode {dict(answers)}"
        )
    assert set(answers) == {(200, 0)}
    assert booked == total
    assert "Traceback" not in server.log()


async def load(base_url: str, corp: dict[str, Any]) -> tuple[Counter[tuple[int, int]], float]:
    """Calls in a loop until the time is up; how often each HTTP status and errcode came, and the seconds."""
    answers: Counter[tuple[int, int]] = Counter()

    def note(answer: httpx.Response) -> dict[str, Any]:
        reply: dict[str, Any] = answer.json()
        answers[answer.status_code, reply["errcode"]] += 1
        return reply

    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=f"{base_url}/cgi-bin/", limits=limits, timeout=60) as http:
        secret = {"corpid": corp["corpid"], "corpsecret": corp["apps"][0]["secret"]}
        token = {"access_token": note(await http.get("gettoken", params=secret))["access_token"]}
        listed = note(await http.get("externalcontact/list", params={**token, "userid": "zhangsan"}))
        customers = listed["external_userid"]
        started = time.monotonic()

        async def client(place: int) -> None:
            number = place
            while time.monotonic() - started < SECONDS:
                number += 1
                customer = customers[number % len(customers)]
                if number % 4:
                    asked = {**token, "external_userid": customer}
                    note(await http.get("externalcontact/get", params=asked))
                else:
                    body = {"userid": "zhangsan", "external_userid": customer, "remark": f"{place}-{number}"}
                    note(await http.post("externalcontact/remark", params=token, json=body))

        await asyncio.gather(*(client(place) for place in range(CLIENTS)))
        return answers, time.monotonic() - started
