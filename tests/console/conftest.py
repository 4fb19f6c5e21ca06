"""A server in a process of its own, which has one console; and tabs in which nothing goes wrong unseen."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.servers import LocalServer
from tests.browsers import chromium

pytest.importorskip("nicegui")

LOOPBACK = ("127.0.0.1", "localhost")

Open = Callable[..., Any]


@pytest.fixture(scope="package")
def served() -> Iterator[LocalServer]:
    """An ephemeral server whose console nobody has opened yet."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def corp(served: LocalServer) -> Iterator[Corp]:
    """A corp with 5 members and 12 customers of its own."""
    made = served.new_corp(seed="demo", members=5, customers=12, activity=False)
    yield made
    made.delete()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def open_console(browser: Any, served: LocalServer) -> Iterator[Open]:
    """`open_console("/corps/…", language="en", width=390)` opens a page of the console in a new profile.

    At the end the test fails for an error in a browser's console, and for a request to another machine.
    """
    contexts, problems = [], []

    def opened(path: str, *, language: str = "zh-CN", width: int = 1280, base_url: str | None = None) -> Any:
        context = browser.new_context(locale=language, viewport={"width": width, "height": 800})
        contexts.append(context)
        context.set_default_timeout(20_000)
        tab = context.new_page()
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        tab.on("request", lambda request: problems.extend(_elsewhere(request.url)))
        tab.goto((base_url or f"{served.base_url}/console") + path)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def _elsewhere(url: str) -> list[str]:
    place = urlsplit(url)
    is_here = place.scheme in ("data", "blob") or place.hostname in LOOPBACK
    return [] if is_here else [f"a request to {place.hostname}"]
