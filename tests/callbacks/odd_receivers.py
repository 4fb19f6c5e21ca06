"""Receivers that misbehave: they hang, drip, flood. One event loop serves them all."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")

Behaviour = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Gets the head of the request, and answers, or doesn't."""


async def hang(_: bytes, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
    """A byte every tenth of a second, headers first, so that no single read ever takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def flood(_: bytes, writer: asyncio.StreamWriter) -> None:
    """An answer without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"y" * 10_000)
        await writer.drain()


class OddReceiver:
    """Listens at `url` and treats every request as `behaviour` says; `heads` are the requests so far."""

    def __init__(self, behaviour: Behaviour, encryption: ssl.SSLContext | None = None) -> None:
        self.behaviour = behaviour
        self.heads: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1000, ssl=encryption)
        )
        self.url = f"{'https' if encryption else 'http'}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/callback"

    def close(self) -> None:
        """Ends it, and the requests that it hasn't answered. Once is enough, twice is no harm."""
        if self._loop.is_closed():
            return
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def _run(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            await self.behaviour(head, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
