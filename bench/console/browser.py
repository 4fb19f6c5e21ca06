"""Chromium of this machine, and what it does with its main thread."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
CATEGORIES = ("toplevel", "devtools.timeline", "__metadata")
MAIN_THREAD, TASK = "CrRendererMain", "RunTask"

WATCH_FRAMES = """() => {
  let last = 0;
  window.framesSeen = [];
  const frame = (now) => {
    if (last) window.framesSeen.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def chromium_path() -> str | None:
    """Where Chromium is; None on a machine without it."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Any]:
    """A running Chromium. Raises RuntimeError on a machine without it."""
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    if path is None:
        raise RuntimeError("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@dataclass
class Trace:
    """Milliseconds: times between two frames, and tasks of the main thread by clock and by processor time.

    On a machine that does other things too, a task waits for the processor; its own time is what it costs.
    """

    frames: list[float]
    tasks: list[float]
    processor: list[float]


@contextmanager
def traced(page: Any) -> Iterator[Trace]:
    """Traces the page while the block runs; the Trace is filled at its end."""
    trace = Trace([], [], [])
    events: list[dict[str, Any]] = []
    over: list[bool] = []
    session = page.context.new_cdp_session(page)
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: over.append(True))
    wanted = {"includedCategories": list(CATEGORIES)}
    session.send("Tracing.start", {"traceConfig": wanted, "transferMode": "ReportEvents"})
    page.evaluate(WATCH_FRAMES)
    yield trace
    trace.frames = page.evaluate("window.framesSeen")
    session.send("Tracing.end")
    while not over:
        page.wait_for_timeout(20)
    session.detach()
    threads = {
        (one["pid"], one["tid"]): one["args"]["name"] for one in events if one.get("name") == "thread_name"
    }
    for event in events:
        is_task = event.get("ph") == "X" and event["name"].endswith(TASK)
        if is_task and threads.get((event["pid"], event["tid"])) == MAIN_THREAD:
            trace.tasks.append(event["dur"] / 1_000)
            trace.processor.append(event.get("tdur", 0) / 1_000)
