"""`python -m bench.https`: calls over the TLS port beside the same calls on the plain port of one server.

Keep-alive connections, one worker, SQLite. Both ports are driven in turn within each round; the ratio is the
median over the rounds. The server's CPU time for a call stands beside it, which other programs disturb less.
New connections, each with a full handshake, are counted too. Exits 1 when a target is missed.
"""

import argparse
import asyncio
import os
import ssl
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import world
from bench.driver import CONNECTIONS, Load, drive
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess, free_port

TARGET = 0.6
WARM_UP_SECONDS = 0.5
HOST = "qyapi.weixin.qq.com"


class Front:
    """A server with a plain and a TLS port."""

    def __init__(self, folder: Path) -> None:
        self.tls_port = free_port()
        self._authority = folder / "tls"
        settings = {
            **LIMITS_ON,
            "TOLLBOOTH_DATABASE_URL": f"sqlite:///{folder}/tollbooth.db",
            "TOLLBOOTH_TLS": "on",
            "TOLLBOOTH_TLS_PORT": str(self.tls_port),
            "TOLLBOOTH_TLS_FOLDER": str(self._authority),
        }
        self.server = ServerProcess(TOLLBOOTH, folder, settings)

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._authority / "ca.pem"))

    def drive_both(self, operation: world.Measured, seconds: float) -> "Round":
        process = psutil.Process(self.server.pid)
        times, loads = [_cpu_seconds(process)], []
        for port, tls in ((self.server.port, None), (self.tls_port, (self.context(), HOST))):
            loads.append(drive(port, operation.requests, seconds, tls=tls))
            times.append(_cpu_seconds(process))
        plain, secure = loads
        return Round(
            plain,
            secure,
            (times[1] - times[0]) / len(plain.latencies),
            (times[2] - times[1]) / len(secure.latencies),
        )


@dataclass
class Round:
    """Both ports, with the server's CPU seconds for a call."""

    plain: Load
    secure: Load
    plain_cpu: float
    secure_cpu: float


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.https", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each operation (15)")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a round, each port (0.5)")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    table = Table(
        title=f"one worker, {CONNECTIONS} connections, {options.rounds} rounds of both ports in turn"
    )
    for heading in (
        "operation",
        "HTTP/s",
        "HTTPS/s",
        "ratio",
        "target",
        "CPU a call",
        "HTTPS CPU",
        "failed",
        "",
    ):
        table.add_column(heading, justify="left" if heading == "operation" else "right")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        front = Front(Path(name))
        front.server.start()
        try:
            corp, _ = world.make_corp(front.server.base_url)
            passed = [
                _row(table, front, operation, options.rounds, options.seconds)
                for operation in world.measured_operations(corp)
            ]
            handshakes = asyncio.run(_handshakes_a_second(front, options.seconds))
        finally:
            front.server.stop()
    console = Console(width=max(110, Console().width))
    console.print(table)
    console.print(f"new connections, each with a full handshake and one call: {handshakes:,.0f}/s")
    console.print(f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0 if all(passed) else 1


def _row(table: Table, front: Front, operation: world.Measured, rounds: int, seconds: float) -> bool:
    front.drive_both(operation, WARM_UP_SECONDS)
    all_rounds = [front.drive_both(operation, seconds) for _ in range(rounds)]
    ratio = statistics.median(one.secure.per_second / one.plain.per_second for one in all_rounds)
    failed = sum(one.plain.failed + one.secure.failed for one in all_rounds)
    passed = not failed and ratio >= TARGET
    table.add_row(
        operation.name,
        f"{statistics.median(one.plain.per_second for one in all_rounds):,.0f}",
        f"{statistics.median(one.secure.per_second for one in all_rounds):,.0f}",
        f"{ratio:.2f}",
        f"≥ {TARGET}",
        f"{statistics.median(one.plain_cpu for one in all_rounds) * 1_000_000:,.0f} µs",
        f"{statistics.median(one.secure_cpu for one in all_rounds) * 1_000_000:,.0f} µs",
        str(failed),
        "[green]pass[/]" if passed else "[red]miss[/]",
    )
    return passed


async def _handshakes_a_second(front: Front, seconds: float) -> float:
    """Clients that connect for each call, as PHP's do."""
    context, count = front.context(), 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal count
        while time.perf_counter() < until:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", front.tls_port, ssl=context, server_hostname=HOST
            )
            writer.write(b"GET /cgi-bin/gettoken HTTP/1.1\r\nHost: %b\r\n\r\n" % HOST.encode())
            await reader.readuntil(b"\r\n\r\n")
            count += 1
            writer.transport.abort()

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(4)))
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
