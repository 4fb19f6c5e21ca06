"""`python -m bench.console.board`: the follow-up board of the console in Chromium, with 100,000 records.

The first paint of the page in a new browser profile, with nothing cached; a dragged card, from its drop until
the server has answered and it stands; both are medians. Then a browser trace while somebody uses the board at
each size: the longest time between two frames, and the most processor time of a task on the main thread. The
browser, the server and everything else on the machine share its processors, so the load average is shown.
Exits 1 when a target is missed.
"""

import argparse
import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from bench.console.board_use import open_board, settle_times, use
from bench.console.browser import chromium, traced
from bench.follow_ups import seed
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Figure, in_a_process, show

FIRST_PAINT_MS, SETTLED_MS, FRAME_MS = 1_500.0, 300.0, 100.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.console.board", description=__doc__)
    parser.add_argument("--sizes", default="400,10000,100000", help="records (400,10000,100000)")
    parser.add_argument("--rounds", type=int, default=5, help="visits, and dragged cards (5)")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'board.db'}"
        corps = in_a_process(partial(seed, sizes), url)
        server = ServerProcess(TOLLBOOTH, folder, {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url})
        server.start()
        try:
            addresses = {
                size: f"{server.base_url}/console/corps/{corp.corp_id}/board" for size, corp in corps.items()
            }
            with chromium() as browser:
                figures = opening(browser, addresses, max(sizes), options.rounds)
                for size in sizes:
                    figures += using(browser, addresses[size], size)
        finally:
            server.stop()
    return show(figures)


def opening(browser: Any, addresses: dict[int, str], size: int, rounds: int) -> list[Figure]:
    """First paints, and cards that settle; the first visit of all starts the console and isn't counted."""
    paints, cards = [], []
    print_load()
    for visit in range(rounds + 1):
        context = browser.new_context()
        page = context.new_page()
        paint, card = open_board(page, addresses[size])
        if visit:
            paints.append(paint)
            cards.append(card)
        if visit == rounds:
            settled = settle_times(page, rounds)
        context.close()
    print(f"first paints, ms: {shown(paints)}; first cards: {shown(cards)}; settled: {shown(settled)}")
    return [
        Figure(f"first paint at {size:,}, median ms", statistics.median(paints), FIRST_PAINT_MS),
        Figure(f"first card at {size:,}, median ms", statistics.median(cards), FIRST_PAINT_MS),
        Figure(f"a dragged card settles at {size:,}, median ms", statistics.median(settled), SETTLED_MS),
    ]


def using(browser: Any, address: str, size: int) -> list[Figure]:
    """The longest frame and the costliest task while the board is used."""
    print_load()
    context = browser.new_context()
    page = context.new_page()
    open_board(page, address)
    page.wait_for_timeout(1_000)
    with traced(page) as trace:
        use(page)
    context.close()
    late = sum(frame > FRAME_MS for frame in trace.frames)
    print(f"{size:,} records: {len(trace.frames)} frames, {late} of them over {FRAME_MS:g} ms")
    return [
        Figure(f"longest frame at {size:,}, ms", max(trace.frames), FRAME_MS),
        Figure(f"costliest task at {size:,}, ms of processor time", max(trace.processor), FRAME_MS),
    ]


def print_load() -> None:
    print("load average: " + ", ".join(f"{load:.1f}" for load in os.getloadavg()))


def shown(times: list[float]) -> str:
    return ", ".join(f"{time:.0f}" for time in times)


if __name__ == "__main__":
    sys.exit(main())
