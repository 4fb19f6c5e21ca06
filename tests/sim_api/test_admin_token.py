"""Control requests without the admin token, and bodies over the limit: refused before they are read."""

import asyncio
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from bench.process import TOLLBOOTH, ServerProcess
from tests.conftest import RunningServer
from wecom_tollbooth.sim_api import errors
from wecom_tollbooth.sim_api.routes import control_routes

TOKEN = "let me in"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
LARGE = 800_000_000


@pytest.fixture(scope="module")
def guarded(databases: Any) -> Iterator[RunningServer]:
    from wecom_tollbooth.settings import Settings

    running = RunningServer(
        Settings(database_url=databases.new_url(), admin_token=TOKEN, max_body_bytes=1024)
    )
    yield running
    running.stop()


@pytest.mark.parametrize(
    "given", ["", "Bearer wrong", "bearer", f"Basic {TOKEN}", f"Bearer {TOKEN} ", "Bearer 你好"]
)
@pytest.mark.parametrize(
    "path", ["/_sim", "/_sim/corps", "/_sim/health", "/_sim/no_such", "/_sim/corps/x/acts"]
)
def test_without_the_token_nothing_is_read(guarded: RunningServer, path: str, given: str) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body is read")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-length", b"800000000")]
    headers += [(b"authorization", given.encode())] if given else []
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    asyncio.run(guarded.app({**scope, "scheme": "http", "client": ("127.0.0.1", 1)}, receive, send))
    assert sent[0]["status"] == 401
    assert b"Authorization: Bearer" in sent[1]["body"]


def test_the_refusal_comes_before_the_body_and_the_connection_goes_on(guarded: RunningServer) -> None:
    host, port = guarded.base_url.removeprefix("http://").split(":")
    body = b"x" * 100_000
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        for _ in range(2):
            connection.sendall(
                b"POST /_sim/corps HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
            )
            assert connection.recv(65_536).startswith(b"HTTP/1.1 401 ")
            connection.sendall(body)


def test_public_pages_require_no_token(guarded: RunningServer) -> None:
    assert httpx.get(f"{guarded.base_url}/_sim/qr/a.png", params={"text": "a"}).status_code != 401
    assert httpx.get(f"{guarded.base_url}/_sim/qrs").status_code == 401


@pytest.mark.parametrize("chunked", [False, True])
def test_a_control_request_with_a_body_over_the_limit_answers_413(
    guarded: RunningServer, chunked: bool
) -> None:
    content: Any = (part for part in [b"x" * 600] * 2) if chunked else b"x" * 1025
    headers = {**RIGHT, "Content-Type": "application/json"}
    refused = httpx.post(f"{guarded.base_url}/_sim/clock", content=content, headers=headers)
    assert refused.status_code == 413
    assert refused.json()["error"].startswith("POST /_sim/clock: ")
    made = httpx.post(f"{guarded.base_url}/_sim/corps", json={"seed": "empty"}, headers=RIGHT)
    assert made.status_code == 200


def test_a_control_route_can_declare_a_limit_of_its_own() -> None:
    router = control_routes()

    @router.post("/small")
    @router.post("/large", max_body_size=2_000, name="large")
    async def size(request: Request) -> int:
        """大小 / Size"""
        return sum([len(part) async for part in request.stream()])

    app = FastAPI(max_body_size=1_000)
    app.include_router(router, prefix="/_sim")

    async def statuses() -> list[int]:
        transport = httpx.ASGITransport(errors.BodyTooLarge(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            wanted = [("small", 1_000), ("small", 1_001), ("large", 2_000), ("large", 2_001)]
            return [(await client.post(f"/_sim/{path}", content=b"x" * n)).status_code for path, n in wanted]

    assert asyncio.run(statuses()) == [200, 413, 200, 413]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/_sim/clock", {}, 401),
        ("/_sim/clock", RIGHT, 413),
        ("/_sim/no_such", RIGHT, 404),
        ("/cgi-bin/externalcontact/remark", {}, 200),
        ("/cgi-bin/no_such", {}, 404),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_800_mb_takes_no_memory(
    tmp_path: Path, path: str, headers: dict[str, str], status: int, chunked: bool
) -> None:
    server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_ADMIN_TOKEN": TOKEN})
    server.start()
    try:
        httpx.get(f"{server.base_url}/_sim/corps", headers=RIGHT, timeout=30)
        memory = psutil.Process(server.pid).memory_info
        before = largest = memory().rss
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.putrequest("POST", path)
        length = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(LARGE))
        for name, value in [*headers.items(), ("Content-Type", "application/json"), length]:
            connection.putheader(name, value)
        connection.endheaders()
        piece = b"x" * 1_000_000
        piece = b"%x\r\n" % len(piece) + piece + b"\r\n" if chunked else piece
        sent = 0
        try:
            while sent < LARGE:
                connection.send(piece)
                sent += 1_000_000
                largest = max(largest, memory().rss)
        except OSError:
            pass  # it reads no further
        assert largest - before < 30_000_000, f"{before:,} → {largest:,} after {sent:,}"
        assert sent < LARGE
        assert httpx.get(f"{server.base_url}/_sim/health", headers=RIGHT).status_code == 200
    finally:
        server.stop()
