"""Random requests in random parts: whole ones arrive whole, broken ones are refused once, nothing is left."""

import asyncio
import json
import logging
import random

import pytest

from tests.http_protocol.connections import Connection
from wecom_tollbooth.http_protocol import HttpLimits, protocol

LIMITS = HttpLimits(head_bytes=4096, headers=20, head_seconds=600, body_seconds=600)
ASKING = [
    b"",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n",
    b"Upgrade: websocket\r\nConnection: keep-alive, upgrade\r\n",
    b"upgrade: TLS/1.0\r\nCONNECTION:upgrade\r\n",
    b"Connection: Upgrade\r\n",
    b"Upgrade: h2c\r\n",
    b"Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: h2c, foo\r\n",
]
SERVED = {200, 500}
"""The echoing application fails where a broken body is no text."""


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 42))])
def test_random_requests(
    seed: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    rng = random.Random(seed)
    monkeypatch.setattr(protocol, "SLICE", rng.choice([7, 64, 4096]))
    monkeypatch.setattr(protocol, "MOST_PIPELINED", rng.choice([1, 2, 16]))
    asyncio.run(_exchanges(rng, 100))


async def _exchanges(rng: random.Random, count: int) -> None:
    for _ in range(count):
        requests = [_request(rng) for _ in range(rng.randint(1, 6))]
        sent = b"".join(raw for _, _, raw in requests)
        is_broken = rng.random() < 0.4
        if is_broken:
            sent = _broken(rng, sent)
        connection = Connection(LIMITS)
        for part in _parts(rng, sent):
            await connection.send(part)
        answers = connection.answers()
        if is_broken:
            statuses = [status for status, _, _ in answers]
            assert set(statuses[:-1]) <= SERVED
            assert set(statuses[-1:]) <= {*SERVED, 400, 431}
        else:
            asked = [json.loads(body) for _, _, body in answers]
            assert [(one["method"], one["body"]) for one in asked] == [one[:2] for one in requests]
            assert not connection.transport.closed
        connection.end()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not connection.protocol.tasks


def _request(rng: random.Random) -> tuple[str, str, bytes]:
    """Method, body and the bytes of a request."""
    method, asking = rng.choice(["POST", "POST", "GET", "PUT"]), rng.choice(ASKING)
    body = bytes(rng.choices(b'abc{}"\r\n', k=rng.choice([0, 1, 5, 60, 1_000])))
    start = f"{method} /x{rng.randrange(9)}?y HTTP/1.1\r\nHost: a\r\n".encode()
    form = rng.choice(["length", "chunks", "none"])
    if form == "none":
        return method, "", start + asking + b"\r\n"
    if form == "length":
        rest = b"Content-Length: %d\r\n" % len(body) + asking + b"\r\n" + body
    else:
        size = rng.randint(1, max(1, len(body)))
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        rest = b"Transfer-Encoding: chunked\r\n" + asking + b"\r\n"
        rest += b"".join(b"%x\r\n" % len(chunk) + chunk + b"\r\n" for chunk in chunks)
        rest += b"0\r\n" + rng.choice([b"", b"X: y\r\nZ: w\r\n"]) + b"\r\n"
    return method, body.decode(), start + rest


def _broken(rng: random.Random, sent: bytes) -> bytes:
    changed = bytearray(sent)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed))
        changed[at : at + rng.randint(0, 1)] = rng.randbytes(rng.randint(0, 1))
    return bytes(changed)


def _parts(rng: random.Random, sent: bytes) -> list[bytes]:
    cuts = sorted(rng.randrange(len(sent) + 1) for _ in range(rng.choice([0, 1, 3, 20])))
    bounds = zip([0, *cuts], [*cuts, len(sent)], strict=True)
    return [sent[start:end] for start, end in bounds if end > start]
