"""Chromium of this machine, led by Playwright."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(*arguments: str) -> Iterator[Any]:
    """A browser; a machine without it skips the test. While it runs, nobody here can use asyncio.run."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="no playwright (pip install playwright)")
    given: Sequence[str] = ("--no-sandbox", *arguments)
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(given))
        yield running
        running.close()
