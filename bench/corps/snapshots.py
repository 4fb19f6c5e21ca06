"""`python -m bench.corps.snapshots`: snapshots, restores and imports, and who waits for a restore.

A corp of 400 customers each way, and one of 100,000 against the seed's own time in the same run, on SQLite,
while a client calls another corp. Exits 1 on a missed target.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Figure, show

SMALL, LARGE = 400, 100_000
MOST_MS, MOST_RATIO, IMPORT_RATIO, LONGEST_WAIT_MS = 50.0, 1.5, 2.5, 100.0


class Corps:
    """The control API of one server."""

    def __init__(self, server: ServerProcess) -> None:
        self._http = httpx.Client(base_url=f"{server.base_url}/_sim", timeout=3_600, trust_env=False)
        self.api = httpx.Client(base_url=f"{server.base_url}/cgi-bin", timeout=3_600, trust_env=False)

    def make(self, customers: int) -> dict[str, Any]:
        wanted = {"seed": "demo", "members": 20, "customers": customers, "activity": False}
        return dict(self._answer("POST", "/corps", json=wanted).json())

    def milliseconds(self, method: str, path: str, **what: Any) -> float:
        begun = time.perf_counter()
        self._answer(method, path, **what)
        return (time.perf_counter() - begun) * 1_000

    def content(self, path: str) -> bytes:
        return self._answer("GET", path).content

    def _answer(self, method: str, path: str, **what: Any) -> httpx.Response:
        answer = self._http.request(method, path, **what)
        if answer.status_code != 200:
            raise SystemExit(f"{method} {path}: {answer.text}")
        return answer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.corps.snapshots", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of the small corp (7)")
    parser.add_argument("--large", type=int, default=LARGE, help="customers of the large corp (100000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        settings = {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": f"sqlite:///{folder}/bench.db"}
        server = ServerProcess(TOLLBOOTH, folder, settings)
        server.start()
        try:
            corps = Corps(server)
            figures = [*_small(corps, options.rounds), *_large(corps, options.large)]
        finally:
            server.stop()
    print(f"load average {os.getloadavg()[0]:.1f}")
    return show(figures)


def _small(corps: Corps, rounds: int) -> Iterator[Figure]:
    corpid = corps.make(SMALL)["corpid"]
    taken, restored = [], []
    for number in range(rounds + 1):
        taken.append(corps.milliseconds("POST", f"/corps/{corpid}/snapshots", json={"name": f"s{number}"}))
        corps.milliseconds("POST", f"/corps/{corpid}/seed", json={"customers": 20})
        restored.append(corps.milliseconds("POST", f"/corps/{corpid}/snapshots/s{number}/restore"))
    # The first of each compiles its statements.
    yield Figure(f"snapshot of {SMALL} customers, median in ms", statistics.median(taken[1:]), MOST_MS)
    yield Figure(f"its restore, median of {rounds} in ms", statistics.median(restored[1:]), MOST_MS)


def _large(corps: Corps, customers: int) -> Iterator[Figure]:
    other = corps.make(10)
    begun = time.perf_counter()
    corpid = corps.make(customers)["corpid"]
    seed = (time.perf_counter() - begun) * 1_000
    taken = corps.milliseconds("POST", f"/corps/{corpid}/snapshots", json={"name": "s"})
    with _calling(corps, other) as waits:
        restored = corps.milliseconds("POST", f"/corps/{corpid}/snapshots/s/restore")
    yield Figure(f"snapshot of {customers} customers, of its seed's {seed:.0f} ms", taken / seed, MOST_RATIO)
    yield Figure(f"its restore, {restored:.0f} ms, of its seed's", restored / seed, MOST_RATIO)
    others = f"longest of {len(waits)} calls of another corp meanwhile in ms"
    yield Figure(others, max(waits), LONGEST_WAIT_MS)
    file = corps.content(f"/corps/{corpid}/export")
    imported = corps.milliseconds("POST", "/corps/import", params={"new_id": True}, content=file)
    of_file = f"import of its file, {len(file) / 1e6:.1f} MB, of its seed's"
    yield Figure(of_file, imported / seed, IMPORT_RATIO)


@contextmanager
def _calling(corps: Corps, corp: dict[str, Any]) -> Iterator[list[float]]:
    """Calls again and again until the block ends; gives the milliseconds of each call."""
    query = {"corpid": corp["corpid"], "corpsecret": corp["apps"][0]["secret"]}
    token = corps.api.get("/gettoken", params=query).json()["access_token"]
    waits: list[float] = []
    done = threading.Event()

    def call() -> None:
        while not done.is_set():
            begun = time.perf_counter()
            answer = corps.api.get("/user/get", params={"access_token": token, "userid": "zhangsan"})
            waits.append((time.perf_counter() - begun) * 1_000)
            assert answer.json()["errcode"] == 0
            time.sleep(0.005)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield waits
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
