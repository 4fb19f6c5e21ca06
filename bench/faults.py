"""`python -m bench.faults`: calls of a corp without a planned fault, and of one with faults for other calls.

One server, one worker. Both corps are called in turn within each round, so that a busy machine slows both;
the server's CPU time for a call is compared, which other programs disturb less. A third corp has a fault for
the calls themselves that never fires: what it costs to look is shown, without a target. Exits 1 when a call
without a fault costs more where others have some.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import httpx
import psutil

from bench import world
from bench.database import database
from bench.driver import drive
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Figure, show

OPERATIONS = ("get", "remark")
OTHERS = ("externalcontact/list", "gettoken", "user/get", "message/send", "callback")
MOST = 1.05
WARM_UP_SECONDS = 0.5
CONNECTIONS = 16
NO_LIMIT = 10**9


class Side:
    """A corp with its calls, and the CPU microseconds of each round."""

    def __init__(self, server: ServerProcess, *paths: str) -> None:
        self._server = server
        self._process = psutil.Process(server.pid)
        corp, _ = world.make_corp(server.base_url)
        corpid = httpx.get(f"{server.base_url}/_sim/corps").json()["corps"][-1]["corpid"]
        for path in paths:
            then = {"drop": True} if path == "callback" else {"errcode": -1}
            body = {"path": path, "then": then, "skip": NO_LIMIT}
            httpx.post(f"{server.base_url}/_sim/corps/{corpid}/faults", json=body).raise_for_status()
        self.calls = {one.name: one.requests for one in world.measured_operations(corp)}

    def microseconds(self, operation: str, seconds: float) -> float:
        before = sum(self._process.cpu_times()[:2])
        load = drive(self._server.port, self.calls[operation], seconds, CONNECTIONS)
        assert not load.failed
        return (sum(self._process.cpu_times()[:2]) - before) / len(load.latencies) * 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="rounds of each operation (10)")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a round, each corp (1.5)")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, not SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with database(folder, options.postgresql) as url:
            settings = {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url, "TOLLBOOTH_FILES": f"{folder}/files"}
            server = ServerProcess(TOLLBOOTH, folder, settings)
            server.start()
            try:
                return show(_figures(server, options.rounds, options.seconds))
            finally:
                server.stop()


def _figures(server: ServerProcess, rounds: int, seconds: float) -> list[Figure]:
    named = [f"externalcontact/{operation}" for operation in OPERATIONS]
    without, others, own = Side(server), Side(server, *OTHERS), Side(server, *named)
    figures = []
    for operation in OPERATIONS:
        for side in (without, others, own):
            side.microseconds(operation, WARM_UP_SECONDS)
        seen = [
            [side.microseconds(operation, seconds) for side in (without, others, own)] for _ in range(rounds)
        ]
        ratios = [statistics.median(row[place] / row[0] for row in seen) for place in (1, 2)]
        figures.append(Figure(f"{operation}: CPU with faults of other calls / without", ratios[0], MOST))
        figures.append(Figure(f"{operation}: CPU with a fault that never fires / without", ratios[1], 100))
    return figures


if __name__ == "__main__":
    sys.exit(main())
