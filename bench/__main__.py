"""`python -m bench`: the speed of the server compared with a bare FastAPI route that returns the same body.

Both run as uvicorn processes with the same settings, one worker each, and are driven in turn within one run,
so that a busy machine slows both. Ratios are medians over the rounds. Exits 1 when a target is missed.
"""

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bench import bare, world
from bench.database import database
from bench.driver import CONNECTIONS, drive
from bench.process import LIMITS_ON, ROOT, TOLLBOOTH, ServerProcess
from bench.start import cold

RESULTS = ROOT / "bench-results"
WARM_UP_SECONDS = 0.5


@dataclass
class Row:
    """One operation over all rounds; figures are medians, latencies in milliseconds."""

    operation: str
    per_second: float
    bare_per_second: float
    ratio: float
    p50: float
    p99: float
    target: float | None
    customers_per_second: float | None
    failed: int

    @property
    def passed(self) -> bool:
        return not self.failed and (self.target is None or self.ratio >= self.target)


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with database(folder, options.postgresql) as url:
            result = _measure(folder, url, options)
    RESULTS.mkdir(exist_ok=True)
    written = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{result['database']}.json"
    written.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(result, written)
    return 0 if result["passed"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each operation (5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round, each server (2)")
    parser.add_argument("--only", default="", help="only operations whose name contains this")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, not SQLite")
    return parser.parse_args()


def _measure(folder: Path, url: str, options: argparse.Namespace) -> dict[str, Any]:
    settings = {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url, "TOLLBOOTH_FILES": str(folder / "files")}
    server = ServerProcess(TOLLBOOTH, folder, settings)
    server.start()
    try:
        empty_corp_seconds = world.empty_corp_seconds(server.base_url)
        corp, seed_seconds = world.make_corp(server.base_url)
        operations = [o for o in world.measured_operations(corp) if options.only in o.name]
        rows = _in_turn(folder, server, operations, options)
    finally:
        server.stop()
    start_seconds = statistics.median(start.wall for start in cold.starts())
    return {
        "database": "postgresql" if options.postgresql else "sqlite",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "connections": CONNECTIONS,
        "customers": world.CUSTOMERS,
        "operations": [{**asdict(row), "passed": row.passed} for row in rows],
        "cold_start_seconds": start_seconds,
        "cold_start_target": cold.TARGET_SECONDS,
        "empty_corp_seconds": empty_corp_seconds,
        "seed_seconds": seed_seconds,
        "passed": all(row.passed for row in rows) and start_seconds < cold.TARGET_SECONDS,
    }


def _in_turn(
    folder: Path, server: ServerProcess, operations: list[world.Measured], options: argparse.Namespace
) -> list[Row]:
    """Drives the bare application and the server in turn, for each operation and round."""
    bodies = folder / "bodies.json"
    bodies.write_text(json.dumps(_bodies(server, operations), ensure_ascii=False), encoding="utf-8")
    yardstick = ServerProcess(bare.UVICORN, folder, {bare.BODIES: str(bodies)})
    yardstick.start()
    try:
        return [_row(yardstick, server, operation, options) for operation in operations]
    finally:
        yardstick.stop()


def _bodies(server: ServerProcess, operations: list[world.Measured]) -> dict[str, Any]:
    """The server's reply to the first call of each operation."""
    bodies = {}
    for operation in operations:
        head, _, content = operation.requests[0].partition(b"\r\n\r\n")
        method, target, _ = head.decode().split(" ", 2)
        reply = httpx.request(method, server.base_url + target, content=content, timeout=60).json()
        assert reply["errcode"] == 0, reply
        bodies[operation.path] = reply
    return bodies


def _row(
    yardstick: ServerProcess, server: ServerProcess, operation: world.Measured, options: argparse.Namespace
) -> Row:
    for process in (yardstick, server):
        drive(process.port, operation.requests, WARM_UP_SECONDS)
    rounds = [
        (
            drive(yardstick.port, operation.requests, options.seconds),
            drive(server.port, operation.requests, options.seconds),
        )
        for _ in range(options.rounds)
    ]
    per_second = statistics.median(ours.per_second for _, ours in rounds)
    return Row(
        operation=operation.name,
        per_second=per_second,
        bare_per_second=statistics.median(theirs.per_second for theirs, _ in rounds),
        ratio=statistics.median(ours.per_second / theirs.per_second for theirs, ours in rounds),
        p50=statistics.median(ours.percentile(0.5) for _, ours in rounds),
        p99=statistics.median(ours.percentile(0.99) for _, ours in rounds),
        target=None if options.postgresql else operation.target,
        customers_per_second=per_second * operation.customers if operation.customers else None,
        failed=sum(theirs.failed + ours.failed for theirs, ours in rounds),
    )


def _show(result: dict[str, Any], written: Path) -> None:
    title = (
        f"{result['database']}, {result['customers']:,} customers, one worker, {CONNECTIONS} connections, "
        f"{result['rounds']} rounds of {result['seconds']:g} s"
    )
    table = Table(title=title)
    table.add_column("operation")
    for heading in (
        "calls/s",
        "bare route/s",
        "ratio",
        "target",
        "p50 ms",
        "p99 ms",
        "customers/s",
        "failed",
    ):
        table.add_column(heading, justify="right")
    table.add_column("")
    for row in result["operations"]:
        table.add_row(
            row["operation"],
            f"{row['per_second']:,.0f}",
            f"{row['bare_per_second']:,.0f}",
            f"{row['ratio']:.2f}",
            "" if row["target"] is None else f"≥ {row['target']:.2f}",
            f"{row['p50']:.1f}",
            f"{row['p99']:.1f}",
            "" if row["customers_per_second"] is None else f"{row['customers_per_second']:,.0f}",
            str(row["failed"]),
            _verdict(row["passed"]),
        )
    console = Console(width=max(120, Console().width))
    console.print(table)
    seconds, target = result["cold_start_seconds"], result["cold_start_target"]
    console.print(
        f"cold start to the first answer, SQLite: {seconds:.2f} s, target < {target} s",
        _verdict(seconds < target),
    )
    console.print(f"an empty corp: {result['empty_corp_seconds'] * 1_000:.1f} ms")
    seeded = result["customers"] / result["seed_seconds"]
    console.print(f"seeding: {result['seed_seconds']:.2f} s, {seeded:,.0f} customers/s")
    console.print(f"written to {written.relative_to(ROOT)}")


def _verdict(passed: bool) -> str:
    return "[green]pass[/]" if passed else "[red]miss[/]"


if __name__ == "__main__":
    sys.exit(main())
