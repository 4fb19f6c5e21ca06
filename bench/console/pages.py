"""`python -m bench.console.pages`: how soon each page of the console is painted, with 10,000 customers.

Each visit is in a new browser profile with nothing cached, the pages in turn; medians of the rounds. The
first visit of all starts the console and isn't counted. Exits 1 when a target is missed.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from bench.console.browser import chromium
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Figure, show

PAINT_MS = 1_000.0
FIRST_PAINT = """() => new Promise((resolve) => {
  const look = () => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    if (paint) resolve(paint.startTime);
    else setTimeout(look, 20);
  };
  look();
})"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.console.pages", description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'pages.db'}"
        server = ServerProcess(TOLLBOOTH, folder, {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url})
        server.start()
        try:
            wanted = {"seed": "demo", "members": 20, "customers": options.customers}
            made = httpx.post(f"{server.base_url}/_sim/corps", json=wanted, timeout=600, trust_env=False)
            corp = f"{server.base_url}/console/corps/{made.json()['corpid']}"
            with chromium() as browser:
                figures = paints(browser, corp, options.rounds)
        finally:
            server.stop()
    return show(figures)


def paints(browser: Any, corp: str, rounds: int) -> list[Figure]:
    print(f"load average {os.getloadavg()[0]:.1f} before")
    origin = corp.split("/console")[0]
    page = browser.new_page()
    page.goto(f"{corp}/sandbox")
    page.get_by_role("heading", level=1).wait_for()
    links = page.get_by_role("navigation").first.get_by_role("link").all()
    addresses = ["/console/", *(link.get_attribute("href") for link in links)]
    page.close()
    seen: dict[str, list[float]] = {address: [] for address in addresses}
    for _ in range(rounds):
        for address, times in seen.items():
            context = browser.new_context()
            page = context.new_page()
            page.goto(origin + address, wait_until="commit")
            times.append(page.evaluate(FIRST_PAINT))
            context.close()
    print(f"load average {os.getloadavg()[0]:.1f} after")
    return [
        Figure(f"{address.rsplit('/', 1)[-1] or 'first'} page, median ms", statistics.median(times), PAINT_MS)
        for address, times in seen.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
