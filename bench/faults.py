"""`python -m bench.faults`: calls of a corp without a planned fault, and with faults for other calls.

One server, one worker, one corp, whose faults are planned and deleted in turn within each round, so that a
busy machine slows all alike; the server's CPU time for a call is compared, which other programs disturb less.
What it costs where the calls themselves have a fault that never fires is shown without a target. Exits 1 when
a call without a fault costs more where others have some.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
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
NO_LIMIT, NO_TARGET = 10**9, 100.0


class Measured:
    """One corp, whose faults are replaced for each round."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._process = psutil.Process(server.pid)
        corp, _ = world.make_corp(server.base_url)
        corpid = httpx.get(f"{server.base_url}/_sim/corps").json()["corps"][-1]["corpid"]
        self._faults = f"{server.base_url}/_sim/corps/{corpid}/faults"
        self._calls = {one.name: one.requests for one in world.measured_operations(corp)}

    def microseconds(self, operation: str, seconds: float, faults: Sequence[str] = ()) -> float:
        """The server's CPU time for a call, with a fault for each of these paths that never fires."""
        httpx.delete(self._faults).raise_for_status()
        for path in faults:
            then = {"drop": True} if path == "callback" else {"errcode": -1}
            body = {"path": path, "then": then, "skip": NO_LIMIT}
            httpx.post(self._faults, json=body).raise_for_status()
        before = self._cpu_seconds()
        load = drive(self._server.port, self._calls[operation], seconds, CONNECTIONS)
        assert not load.failed
        return (self._cpu_seconds() - before) / len(load.latencies) * 1_000_000

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


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
    measured, figures = Measured(server), []
    for operation in OPERATIONS:
        measured.microseconds(operation, WARM_UP_SECONDS)
        sides: list[Sequence[str]] = [(), OTHERS, (f"externalcontact/{operation}",)]
        ratios: list[tuple[float, float]] = []
        for number in range(rounds):
            in_turn = sides if number % 2 else sides[::-1]
            seen = {tuple(side): measured.microseconds(operation, seconds, side) for side in in_turn}
            without, others, own = (seen[tuple(side)] for side in sides)
            ratios.append((others / without, own / without))
        others, own = (statistics.median(column) for column in zip(*ratios, strict=True))
        figures.append(Figure(f"{operation}: CPU with faults of other calls / without", others, MOST))
        figures.append(Figure(f"{operation}: CPU with a fault that never fires / without", own, NO_TARGET))
    return figures


if __name__ == "__main__":
    sys.exit(main())
