"""`tollbooth console`: the console on a port of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.servers import LocalServer

SECONDS_TO_START = 60


@contextmanager
def console_of(url: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "wecom_tollbooth", "console", "--url", url, "--port", str(port))
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            try:
                httpx.get(f"{address}/files/console.css", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
def test_the_console_runs_apart(served: LocalServer, corp: Corp) -> None:
    with console_of(served.base_url) as console, httpx.Client(base_url=console, trust_env=False) as browser:
        assert corp.corpid in browser.get("/").text
        assert browser.get(f"/api/_sim/corps/{corp.corpid}").json()["corpid"] == corp.corpid
        assert browser.get("/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.slow
def test_it_says_when_the_server_does_not_answer() -> None:
    with console_of("http://127.0.0.1:9") as console:
        page = httpx.get(console, headers={"Accept-Language": "en"}, trust_env=False)
        assert "does not answer" in page.text
