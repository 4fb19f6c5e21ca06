"""A server in its own process, and the follow-up board in Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.console.browser import chromium, chromium_path
from bench.process import TOLLBOOTH, ServerProcess

FOLLOW_UP = "/cgi-bin/externalcontact/follow_up/"


class Sandbox:
    """A corp of the server and what the tests ask of it beside the browser."""

    def __init__(self, server: ServerProcess, **wanted: Any) -> None:
        self.base_url = server.base_url
        self._http = httpx.Client(base_url=server.base_url, timeout=300)
        made = {"seed": "demo", "members": 6, "activity": False, **wanted}
        corp = self._http.post("/_sim/corps", json=made).json()
        self.corpid: str = corp["corpid"]
        about = {"corpid": self.corpid, "corpsecret": corp["apps"][0]["secret"]}
        self._token = self._http.get("/cgi-bin/gettoken", params=about).json()["access_token"]

    def control(self, method: str, path: str, **body: Any) -> Any:
        answer = self._http.request(method, f"/_sim/corps/{self.corpid}/{path}", json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    def call(self, operation: str, **body: Any) -> dict[str, Any]:
        target = f"{FOLLOW_UP}{operation}?access_token={self._token}"
        reply: dict[str, Any] = self._http.post(target, json=body).json()
        assert reply["errcode"] == 0, reply
        return reply

    def column(self, stage_id: str) -> list[str]:
        """The ids of the first cards of a stage."""
        (stage,) = self.call("board", stage_id=stage_id, limit=100)["stages"]
        return [card["follow_up_id"] for card in stage["cards"]]

    def counts(self) -> list[int]:
        return [stage["count"] for stage in self.call("board", limit=1)["stages"]]

    def stage_of(self, follow_up_id: str) -> str:
        return str(self.call("get", follow_up_id=follow_up_id)["follow_up"]["stage_id"])

    def address(self, search: str = "") -> str:
        return f"{self.base_url}/console/corps/{self.corpid}/board{search}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    pytest.importorskip("nicegui", reason="the extra `console` is not installed")
    api = pytest.importorskip("playwright.sync_api", reason="no playwright (pip install playwright)")
    api.expect.set_options(timeout=20_000)  # a busy machine is slow
    folder: Path = tmp_path_factory.mktemp("board")
    running = ServerProcess(TOLLBOOTH, folder, {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{folder}/board.db"})
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def sandbox(server: ServerProcess) -> Sandbox:
    return Sandbox(server, customers=400, follow_ups=400)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if chromium_path() is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with chromium() as running:
        yield running


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Opens an address in a new profile, English and 1280 pixels wide by default.

    At the end, no page may have complained, nor asked for anything elsewhere. A test that provokes failures
    says `complaints=True`.
    """
    contexts: list[Any] = []
    faults: list[str] = []

    def opened(address: str, *, width: int = 1280, complaints: bool = False, **options: Any) -> Any:
        options.setdefault("locale", "en")
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        origin = "/".join(address.split("/")[:3])
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((origin, "data:")) else faults.append(asked.url),
        )
        if not complaints:
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
