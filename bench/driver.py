"""A small load driver: keep-alive connections that send the next request when the last one is answered."""

import asyncio
import itertools
import json
import random
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

CONNECTIONS = 32


@dataclass
class Load:
    """The result of one round; `latencies` are in seconds, sorted."""

    seconds: float
    latencies: list[float]
    failed: int
    """Answers that were not HTTP 200 with errcode 0."""

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds below which `share` of the calls stayed."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1_000


def request(path: str, query: dict[str, str], body: dict[str, Any] | None = None) -> bytes:
    """The bytes of one HTTP request: a GET, or a POST where there is a body."""
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    head = [f"{'GET' if body is None else 'POST'} {path}?{urlencode(query)} HTTP/1.1", "Host: 127.0.0.1"]
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*head, "", ""]).encode() + content


NO_PAUSE = (0.0, 0.0)


class Endless(Sequence[bytes]):
    """Requests of which no two are alike, made when they are sent; each index is another one."""

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = make

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: Any) -> Any:
        return self._make()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield self._make()


def drive(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    connections: int = CONNECTIONS,
    pause: tuple[float, float] = NO_PAUSE,
    tls: tuple[ssl.SSLContext, str] | None = None,
) -> Load:
    """Sends `requests` round-robin for `seconds`.

    `pause`: seconds between an answer and the next request; `tls`: a context and the name of the server.
    """
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(_drive(port, requests, seconds, connections, pause, tls))


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


async def _drive(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    connections: int,
    pause: tuple[float, float],
    tls: tuple[ssl.SSLContext, str] | None,
) -> Load:
    loop = asyncio.get_running_loop()
    load = Load(0.0, [], 0)
    # A cycle keeps all that it has seen.
    in_turn = iter(requests) if isinstance(requests, Endless) else itertools.cycle(requests)
    rng = random.Random(connections)
    context, name = tls or (None, None)

    async def opened_one() -> _Connection:
        _, connection = await loop.create_connection(
            lambda: _Connection(in_turn, load, pause, rng),
            "127.0.0.1",
            port,
            ssl=context,
            server_hostname=name,
        )
        return connection

    opened = [await opened_one() for _ in range(connections)]
    start = time.perf_counter()
    for connection in opened:
        connection.begin(until=start + seconds)
    await asyncio.gather(*(connection.done for connection in opened))
    load.seconds = time.perf_counter() - start
    load.latencies.sort()
    return load


class _Connection(asyncio.Protocol):
    def __init__(
        self, requests: Iterator[bytes], load: Load, pause: tuple[float, float], rng: random.Random
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._pause, self._rng = pause, rng
        self._requests = requests
        self._load = load
        self._received = b""
        self._until = self._sent_at = 0.0

    def begin(self, until: float) -> None:
        self._until = until
        self._send_after_a_pause()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        end_of_head = self._received.find(b"\r\n\r\n")
        if end_of_head < 0:
            return
        head = self._received[:end_of_head].lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = self._received[end_of_head + 4 :]
        if len(body) < length:
            return
        now = time.perf_counter()
        self._load.latencies.append(now - self._sent_at)
        if b" 200 " not in head[:16] or not body.startswith(b'{"errcode":0,'):
            self._load.failed += 1
        self._received = b""
        if now < self._until:
            self._send_after_a_pause()
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed a connection"))

    def _send_after_a_pause(self) -> None:
        if self._pause == NO_PAUSE:
            self._send()
        else:
            self._loop.call_later(self._rng.uniform(*self._pause), self._send)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))
