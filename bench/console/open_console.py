"""`python -m bench.console.open_console`: what an open console costs the API.

Calls of `externalcontact/get` as fast as they are answered, in rounds by turns: with the console's list of
calls open in Chromium, with the same work of a browser that asks another server, and with neither. A browser
is on another machine than the server; here it shares the processors, so the second kind of round has its
share without the server's. The cost is that of the first kind against the second, the median over all
rounds. Exits 1 when it is over the target.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
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
SECONDS_BETWEEN = 1.0


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

    def per_second(self, seconds: float) -> float:
        load = drive(self.server.port, self.operation.requests, seconds)
        if load.failed:
            raise RuntimeError(f"{load.failed} calls failed")
        return load.per_second


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
) -> dict[str, list[float]]:
    """Calls per second in each round, by kind. The order of the kinds changes from round to round."""
    page = browser.new_page()
    for sandbox in (measured, other):
        page.goto(sandbox.calls_page)
        page.wait_for_selector("table.live-rows tbody tr")
        sandbox.per_second(1.0)
    kinds = [(HERE, measured.calls_page), (ELSEWHERE, other.calls_page), (NONE, BLANK)]
    found: dict[str, list[float]] = {kind: [] for kind, _ in kinds}
    for number in range(count):
        for kind, address in kinds[number % 3 :] + kinds[: number % 3]:
            page.goto(address)
            if address != BLANK:
                page.wait_for_selector("table.live-rows tbody tr")
            time.sleep(SECONDS_BETWEEN)
            found[kind].append(measured.per_second(seconds))
            # The last rows that the page shows are those of this round: it did keep up.
            if kind == HERE and page.locator("table.live-rows tbody tr").count() < 50:
                raise RuntimeError("the page shows no calls")
    return found


def figures(found: dict[str, list[float]]) -> list[Figure]:
    print("load average: " + ", ".join(f"{load:.1f}" for load in os.getloadavg()))
    for kind, values in found.items():
        print(
            f"{kind}: {statistics.median(values):,.0f} calls/s ({', '.join(f'{one:,.0f}' for one in values)})"
        )

    def cost(against: str) -> float:
        shares = [1 - one / other for one, other in zip(found[HERE], found[against], strict=True)]
        return 100 * statistics.median(shares)

    print(f"with the browser on this machine: {cost(NONE):.1f} % less than with none")
    return [Figure("what an open list of calls costs, % of the calls", cost(ELSEWHERE), TARGET_PERCENT)]


if __name__ == "__main__":
    sys.exit(main())
