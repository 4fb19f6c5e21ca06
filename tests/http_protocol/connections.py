"""Connections of the server's HTTP protocol without sockets: what is sent arrives in exactly these parts."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from wecom_tollbooth.http_protocol import STATE_KEY, HttpLimits
from wecom_tollbooth.http_protocol.protocol import HttpProtocol

ROUNDS_TO_ANSWER = 10
"""Rounds of the event loop in which the echoing application answers one request, with some to spare."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was asked."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    asked = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "body": body.decode(),
    }
    content = json.dumps(asked).encode()
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": content})


class FakeTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = self.ended = self.paused = False
        self.over = asyncio.Event()
        """Set when the server has sent its last byte."""
        self.unsent = 0

    def write(self, data: Any) -> None:
        self.written += data

    def write_eof(self) -> None:
        self.ended = True
        self.over.set()

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
        self.over.set()

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_write_buffer_size(self) -> int:
        return self.unsent


class Connection:
    """One connection of a server with these limits, inside a running event loop."""

    def __init__(self, limits: HttpLimits, app: Callable[..., Coroutine[Any, Any, None]] = echo) -> None:
        config = uvicorn.Config(app, ws="none", log_config=None, proxy_headers=False)
        config.load()
        self.transport = FakeTransport()
        self.protocol = HttpProtocol(config, ServerState(), {STATE_KEY: limits})
        self.protocol.connection_made(self.transport)

    async def send(self, part: bytes) -> None:
        """Sends what the server gets in one read, and lets it work."""
        if not self.transport.closed:
            self.protocol.data_received(part)
        written = -1
        while written < len(self.transport.written):
            written = len(self.transport.written)
            for _ in range(ROUNDS_TO_ANSWER):
                await asyncio.sleep(0)

    def answers(self) -> list[tuple[int, bytes, bytes]]:
        """Status, head and body of each answer so far."""
        found, rest = [], bytes(self.transport.written)
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            status = int(head.split(b" ")[1])
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            found.append((status, head, rest[:length]))
            rest = rest[length:]
        return found

    def end(self) -> None:
        """The client is gone."""
        self.closed = self.transport.closed
        self.protocol.connection_lost(None)


def exchange(parts: Iterable[bytes], limits: HttpLimits | None = None) -> Connection:
    """A connection that was sent these parts."""

    async def run() -> Connection:
        connection = Connection(limits or HttpLimits.default())
        for part in parts:
            await connection.send(part)
        connection.end()
        return connection

    return asyncio.run(run())
