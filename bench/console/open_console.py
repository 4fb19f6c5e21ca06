"""`python -m bench.console.open_console`: what an open console costs the API.

Calls of `externalcontact/get` as fast as they are answered, in rounds by turns: with the console's list of
calls open in Chromium, with the same work of a browser that asks another server, and with neither. A browser
is on another machine than the server; here it shares the processors, so the second kind of round has its
share without the server's. The cost is that of the first kind against the second, the median over all
rounds: in calls a second, and in the server's processor time of a call, which other work on the machine
changes less. Exits 1 when one is over the target.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.console.browser import chromium
from bench.driver import drive
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Figure, show
from bench.world import Measured, make_corp, measured_operations

TARGET_PERCENT = 5.0
HERE, ELSEWHERE, NONE = "the list is open", "open at another server", "no browser"
BLANK = "about:blank"
SECONDS_BETWEEN = 2.0


class Sandbox:
    """A server with one corp, and what is called there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.server = ServerProcess(TOLLBOOTH, folder, LIMITS_ON)
        self.server.start()
        corp, _ = make_corp(self.server.base_url)
        self.operation: Measured = measured_operations(corp)[0]
        corps = httpx.get(f"{self.server.base_url}/_sim/corps").json()["corps"]
        self.calls_page = f"{self.server.base_url}/console/corps/{corps[-1]['corpid']}/calls"

    def driven(self, seconds: float) -> "Round":
        """In a thread, because Playwright's event loop runs in this one."""
        before = self._processor_seconds()
        with ThreadPoolExecutor(1) as thread:
            load = thread.submit(drive, self.server.port, self.operation.requests, seconds).result()
        if load.failed:
            raise RuntimeError(f"{load.failed} calls failed")
        used = self._processor_seconds() - before
        return Round(load.per_second, 1e6 * used / len(load.latencies))

    def _processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.server.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Round:
    per_second: float
    processor_us: float
    """Of the server, for each call."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.console.open_console", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each kind (9)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of a round (5)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, chromium() as browser:
        measured = Sandbox(Path(name) / "measured")
        other = Sandbox(Path(name) / "other")
        try:
            found = rounds(browser, measured, other, options.rounds, options.seconds)
        finally:
            measured.server.stop()
            other.server.stop()
    return show(figures(found))


def rounds(
    browser: Any, measured: Sandbox, other: Sandbox, count: int, seconds: float
) -> dict[str, list[Round]]:
    """The rounds by kind. The order of the kinds changes from round to round."""
    page = browser.new_page()
    for sandbox in (measured, other):
        page.goto(sandbox.calls_page)
        page.wait_for_selector("table.live-rows tbody tr")
        sandbox.driven(1.0)
    kinds = [(HERE, measured.calls_page), (ELSEWHERE, other.calls_page), (NONE, BLANK)]
    found: dict[str, list[Round]] = {kind: [] for kind, _ in kinds}
    for number in range(count):
        for kind, address in kinds[number % 3 :] + kinds[: number % 3]:
            page.goto(address)
            if address != BLANK:
                page.wait_for_selector("table.live-rows tbody tr")
            time.sleep(SECONDS_BETWEEN)
            found[kind].append(measured.driven(seconds))
            # The last rows that the page shows are those of this round: it did keep up.
            if kind == HERE and page.locator("table.live-rows tbody tr").count() < 50:
                raise RuntimeError("the page shows no calls")
    return found


def figures(found: dict[str, list[Round]]) -> list[Figure]:
    print("load average: " + ", ".join(f"{load:.1f}" for load in os.getloadavg()))
    for kind, values in found.items():
        calls = [one.per_second for one in values]
        processor = statistics.median(one.processor_us for one in values)
        print(
            f"{kind}: {statistics.median(calls):,.0f} calls/s ({', '.join(f'{one:,.0f}' for one in calls)}), "
            f"{processor:,.0f} µs of processor time a call"
        )
    pairs = list(zip(found[HERE], found[ELSEWHERE], strict=True))
    fewer = statistics.median(1 - here.per_second / other.per_second for here, other in pairs)
    more = statistics.median(here.processor_us / other.processor_us - 1 for here, other in pairs)
    beside = statistics.median(
        1 - here.per_second / none.per_second for here, none in zip(found[HERE], found[NONE], strict=True)
    )
    print(f"with the browser on this machine: {100 * beside:.1f} % fewer calls than with none")
    return [
        Figure("an open list of calls: fewer calls a second, %", 100 * fewer, TARGET_PERCENT),
        Figure("an open list of calls: more processor time a call, %", 100 * more, TARGET_PERCENT),
    ]


if __name__ == "__main__":
    sys.exit(main())
