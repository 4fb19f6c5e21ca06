"""Boards for twenty clients: at the pace of a sales team, and without a pause.

Clients that never pause keep a machine of two cores busy whatever answers them. So a bare FastAPI route that
returns the same board is driven in turn with the server, to show what the machine can do.
"""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import bare
from bench.driver import NO_PAUSE, Load, drive, request
from bench.process import ServerProcess

CLIENTS = 20
SALES_TEAM = (0.2, 0.8)
"""Seconds between two boards, as in the mix of `tollbooth load follow-up`."""

WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Boards:
    """99th percentiles in ms, each the median over the rounds."""

    of_a_sales_team: float
    without_a_pause: float


def boards(
    server: ServerProcess,
    folder: Path,
    path: str,
    query: dict[str, str],
    reply: dict[str, Any],
    rounds: int,
    seconds: float,
) -> Boards:
    """Drives both in turn; a round takes `seconds`, a round of the sales team twice as long."""
    wanted = [request(path, query, {})]
    bodies = folder / "board.json"
    bodies.write_text(json.dumps({path: reply}, ensure_ascii=False), encoding="utf-8")
    yardstick = ServerProcess(bare.UVICORN, folder, {bare.BODIES: str(bodies)})
    yardstick.start()
    kinds = (
        ("board, a sales team", server, SALES_TEAM, 2 * seconds),
        ("bare route, no pause", yardstick, NO_PAUSE, seconds),
        ("board, no pause", server, NO_PAUSE, seconds),
    )
    loads: dict[str, list[Load]] = {name: [] for name, *_ in kinds}
    try:
        for turn in range(rounds + 1):
            for name, process, pause, length in kinds:
                load = drive(process.port, wanted, length if turn else WARM_UP_SECONDS, CLIENTS, pause)
                assert not load.failed, f"{load.failed} answers failed: {name}"
                if turn:
                    loads[name].append(load)
    finally:
        yardstick.stop()
    _show(loads)
    return Boards(*(_median(loads[name], 0.99) for name, process, *_ in kinds if process is server))


def _show(loads: dict[str, list[Load]]) -> None:
    table = Table(f"{CLIENTS} clients", "a second", "p50 ms", "p95 ms", "p99 ms", "p99 of each round")
    for name, of_rounds in loads.items():
        table.add_row(
            name,
            f"{statistics.median(load.per_second for load in of_rounds):,.0f}",
            *(f"{_median(of_rounds, share):.1f}" for share in (0.5, 0.95, 0.99)),
            " ".join(f"{load.percentile(0.99):.1f}" for load in of_rounds),
        )
    Console(width=max(100, Console().width)).print(table)


def _median(loads: list[Load], share: float) -> float:
    return statistics.median(load.percentile(share) for load in loads)
