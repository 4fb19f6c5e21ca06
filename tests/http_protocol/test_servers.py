"""Whole servers: started by `tollbooth serve` with few open files allowed, and by uvicorn itself."""

import asyncio
import re
import resource
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Scope

from bench.process import ROOT, TOLLBOOTH, ServerProcess
from tests.conftest import RunningServer
from tests.http_protocol.test_upgrade import JDK
from wecom_tollbooth.gateway.asgi import GatewayMiddleware

NO_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
CORP = '{"seed": "empty"}'


def post_with_http2(server: ServerProcess, path: str) -> str:
    """What curl is answered that asks for h2c, as the JDK does."""
    command = ["curl", "-sS", "--http2", "--noproxy", "*", "-H", "Content-Type: application/json", "-d", CORP]
    answered = subprocess.run([*command, server.base_url + path], capture_output=True, text=True, check=True)
    return answered.stdout


@NO_CURL
@pytest.mark.slow
def test_uvicorn_started_as_settings_md_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"```sh\n(uvicorn .*?)```", text, re.DOTALL)
    server = ServerProcess(shlex.split(command.replace("\\\n", "")), tmp_path)
    server.start()
    try:
        assert '"corpid":' in post_with_http2(server, "/_sim/corps")
        refused = httpx.get(f"{server.base_url}/cgi-bin/gettoken", headers={"X-Forwarded-For": "1.2.3.4"})
        assert "from ip: 127.0.0.1" in refused.json()["errmsg"]
    finally:
        server.stop()


@NO_CURL
@pytest.mark.slow
def test_uvicorn_alone_loses_no_body_silently(tmp_path: Path) -> None:
    server = ServerProcess(("uvicorn", "wecom_tollbooth.main:create_app", "--factory"), tmp_path)
    server.start()
    try:
        assert post_with_http2(server, "/cgi-bin/externalcontact/list").startswith("uvicorn drops the body")
        refused = httpx.get(f"{server.base_url}/cgi-bin/gettoken", headers={"X-Forwarded-For": "evil text"})
        assert "from ip: 0.0.0.0," in refused.json()["errmsg"]
    finally:
        server.stop()


@pytest.mark.parametrize("length", [b"Content-Length: 2", b"Transfer-Encoding: chunked"])
def test_a_body_that_uvicorn_dropped_is_not_taken_for_an_empty_one(
    server: RunningServer, length: bytes
) -> None:
    lines = [line.split(b": ") for line in (JDK + length).split(b"\r\n")]
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/cgi-bin/externalcontact/list",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in lines],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(GatewayMiddleware(server.app, server.gateway)(scope, receive, send))
    assert sent[0]["status"] == 400
    assert b"--http wecom_tollbooth.http_protocol" in sent[1]["body"]


@pytest.mark.slow
def test_a_thousand_half_open_connections_delay_no_other_call(tmp_path: Path) -> None:
    server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_HEADER_TIMEOUT_SECONDS": "2"})
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 1_300:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
    try:
        server.start()  # it inherits the limit, and raises it
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, 1_300), most))
    half_open = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(1_000)]
    try:
        for number, connection in enumerate(half_open):
            rest = b"Content-Length: 9\r\n\r\n{" if number % 2 else b"A: b"
            connection.sendall(b"POST /cgi-bin/gettoken HTTP/1.1\r\nHost: a\r\n" + rest)
        for _ in range(50):
            assert httpx.get(f"{server.base_url}/cgi-bin/gettoken").json()["errcode"] == 41004
        assert half_open[0].recv(64).startswith(b"HTTP/1.1 408 ")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 3
    finally:
        server.kill()
        for connection in half_open:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
