"""Boards for many clients who never pause, in turn with a bare FastAPI route that returns the same one."""

import json
import statistics
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import bare
from bench.driver import Load, drive, request
from bench.process import ServerProcess

CLIENTS = 20
WARM_UP_SECONDS = 1.0


def boards(
    server: ServerProcess,
    folder: Path,
    path: str,
    query: dict[str, str],
    reply: dict[str, Any],
    rounds: int,
    seconds: float,
) -> float:
    """The 99th percentile, in ms: the median over the rounds, each of `seconds`.

    A machine that is taken away for a moment spoils a round of either server, and the table shows both.
    """
    bodies = folder / "board.json"
    bodies.write_text(json.dumps({path: reply}, ensure_ascii=False), encoding="utf-8")
    yardstick = ServerProcess(bare.UVICORN, folder, {bare.BODIES: str(bodies)})
    yardstick.start()
    loads: dict[str, list[Load]] = {"bare route": [], "board": []}
    try:
        wanted = [request(path, query, {})]
        for turn in range(rounds + 1):
            for name, process in (("bare route", yardstick), ("board", server)):
                load = drive(process.port, wanted, seconds if turn else WARM_UP_SECONDS, CLIENTS)
                assert not load.failed, f"{load.failed} answers of the {name} failed"
                if turn:
                    loads[name].append(load)
    finally:
        yardstick.stop()
    table = Table(
        f"{CLIENTS} clients without a pause", "a second", "p50 ms", "p95 ms", "p99 ms", "p99 of each round"
    )
    for name, of_rounds in loads.items():
        table.add_row(
            name,
            f"{statistics.median(load.per_second for load in of_rounds):,.0f}",
            *(f"{_median(of_rounds, share):.1f}" for share in (0.5, 0.95, 0.99)),
            " ".join(f"{load.percentile(0.99):.1f}" for load in of_rounds),
        )
    Console(width=max(100, Console().width)).print(table)
    return _median(loads["board"], 0.99)


def _median(loads: list[Load], share: float) -> float:
    return statistics.median(load.percentile(share) for load in loads)
