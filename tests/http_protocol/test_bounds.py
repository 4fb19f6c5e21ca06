"""Bounds on what one connection sends: the size of the head, the framing of the body, the time of both."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from tests.http_protocol.connections import ROUNDS_TO_ANSWER, Connection, exchange
from wecom_tollbooth.http_protocol import HttpLimits, protocol
from wecom_tollbooth.http_protocol.protocol import MOST_PIPELINED, SLICE

LIMITS = HttpLimits(head_bytes=4096, headers=10, head_seconds=600, body_seconds=600)
IMPATIENT = replace(LIMITS, head_seconds=0.01, body_seconds=0.01)
POST = b"POST /cgi-bin/x HTTP/1.1\r\nHost: a\r\n"
MOST_AHEAD = MOST_PIPELINED + SLICE // len(b"GET / HTTP/1.1\r\n")
LONG = b"A: " + b"b" * 5_000 + b"\r\n"


def statuses(connection: Connection) -> list[int]:
    return [status for status, _, _ in connection.answers()]


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers before it reads the body."""
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


# --- sizes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 100, 4_000, 100_000])
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (POST + b"A: " + b"b" * 3_900 + b"\r\n\r\n", 200),
        (POST + LONG + b"\r\n", 431),
        (POST + b"Upgrade: h2c\r\nConnection: upgrade\r\n" + LONG + b"\r\n", 431),
        (b"GET /" + b"x" * 5_000 + b" HTTP/1.1\r\n\r\n", 431),
        (POST + b"A: b\r\n" * 9 + b"\r\n", 200),
        (POST + b"A: b\r\n" * 10 + b"\r\n", 431),
    ],
)
def test_the_head_has_a_limit_in_bytes_and_in_headers(sent: bytes, status: int, size: int) -> None:
    parts = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert statuses(exchange(parts, LIMITS)) == [status]


@pytest.mark.parametrize("size", [1_000, 60_000])
def test_an_endless_head_is_refused_and_not_buffered(size: int) -> None:
    async def work() -> None:
        connection = Connection(LIMITS)
        await connection.send(POST + b"A: ")
        sent = 0
        while not connection.answers() and sent < 10_000_000:
            await connection.send(b"b" * size)
            sent += size
        assert statuses(connection) == [431]
        assert sent < max(3 * LIMITS.head_bytes, 2 * size)

    run(work())


def test_a_large_body_in_one_read_does_not_count_as_a_head() -> None:
    body = b"x" * 200_000
    sent = POST + b"Content-Length: 200000\r\n\r\n" + body
    assert statuses(exchange([sent + sent], LIMITS)) == [200, 200]


def test_chunks_of_one_byte_are_accepted() -> None:
    sent = POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
    assert statuses(exchange([sent], LIMITS)) == [200]


@pytest.mark.parametrize("framing", [b"1;" + b"x" * 50, b"0\r\nA: ", b"0\r\n" + b"A: b\r\n" * 10])
def test_the_framing_of_a_body_has_a_limit(framing: bytes) -> None:
    parts = [POST + b"Transfer-Encoding: chunked\r\n\r\n" + framing, *[b"x" * 1_000] * 20]
    assert statuses(exchange(parts, LIMITS)) in ([431], [400])


def test_a_refusal_comes_after_the_answers_to_earlier_requests() -> None:
    """It ends the connection without an answer of its own: the client sees which requests were served."""
    fine = POST + b"Content-Length: 2\r\n\r\n{}"
    connection = exchange([fine + fine + POST + LONG + b"\r\n"], LIMITS)
    assert (statuses(connection), connection.closed) == ([200, 200], True)
    connection = exchange([fine, POST + LONG + b"\r\n"], LIMITS)
    assert statuses(connection) == [200, 431]


def test_the_body_of_a_request_that_was_answered_is_drained_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "DRAINED_BYTES", 50_000)

    async def work() -> None:
        connection = Connection(LIMITS, refuse)
        await connection.send(POST + b"Content-Length: 1000000\r\n\r\n")
        assert (statuses(connection), connection.transport.closed) == ([401], False)
        for _ in range(45):
            await connection.send(b"x" * 1_000)
        assert not connection.transport.closed
        for _ in range(10):
            await connection.send(b"x" * 1_000)
        assert connection.transport.closed

    run(work())


@pytest.mark.parametrize("rest", [b"\r\n", b"Content-Length: 2\r\n\r\n{}"])
def test_few_of_the_requests_that_wait_for_an_answer_are_parsed_and_read(rest: bytes) -> None:
    """uvicorn alone parses all that it reads, and reads on with each request that it serves."""
    release = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await release.wait()
        await refuse(scope, receive, send)

    async def work() -> None:
        connection = Connection(LIMITS, slow)
        await connection.send((b"GET / HTTP/1.1\r\n" + rest) * 3_000)
        assert len(connection.protocol.pipeline) < MOST_AHEAD
        assert connection.transport.paused
        release.set()
        while connection.transport.paused or connection.protocol.pipeline:
            assert len(connection.protocol.pipeline) < MOST_AHEAD
            await asyncio.sleep(0)
        await connection.send(b"")
        assert statuses(connection) == [401] * 3_000

    run(work())


@pytest.mark.parametrize("closing", [POST + b"Connection: close\r\n", POST.replace(b"1.1", b"1.0")])
def test_an_answer_before_the_end_of_the_body_can_be_read_though_the_connection_ends(closing: bytes) -> None:
    async def work() -> None:
        connection = Connection(LIMITS, refuse)
        await connection.send(closing + b"Content-Length: 1000\r\n\r\n")
        assert (statuses(connection), connection.transport.ended) == ([401], True)
        await connection.send(b"x" * 1_000)
        assert not connection.transport.closed, "unread data would have reset the connection"
        connection = Connection(LIMITS, refuse)
        await connection.send(closing + b"Content-Length: 4\r\n\r\nabcd")
        assert (statuses(connection), connection.transport.closed) == ([401], True)

    run(work())


# --- times -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"P", POST, POST + b"\r\n" + POST])
def test_a_head_that_does_not_arrive_in_time_ends_the_connection(sent: bytes) -> None:
    async def work() -> None:
        connection = Connection(IMPATIENT)
        await connection.send(sent)
        await connection.transport.over.wait()
        assert statuses(connection) == [200] * sent.count(b"\r\n\r\n") + [408]

    run(work())


@pytest.mark.parametrize(
    "sent", [b"Content-Length: 5\r\n\r\n1234", b"Transfer-Encoding: chunked\r\n\r\n1\r\nx"]
)
def test_a_body_that_does_not_arrive_in_time_ends_the_connection(sent: bytes) -> None:
    async def work() -> None:
        connection = Connection(IMPATIENT)
        await connection.send(POST + sent)
        await connection.transport.over.wait()
        assert statuses(connection) == [408]
        for _ in range(ROUNDS_TO_ANSWER):
            await asyncio.sleep(0)
        assert not connection.protocol.tasks, "the application still waits for the body"

    run(work())


def test_a_slow_trickle_does_not_extend_the_deadline() -> None:
    async def work() -> None:
        connection = Connection(replace(IMPATIENT, head_seconds=0.2))
        await connection.send(b"POST / HTTP/1.1\r\nA: ")
        began, sent = connection.protocol.loop.time(), 0
        while not connection.transport.over.is_set():
            await connection.send(b"b")
            sent += 1
            await asyncio.sleep(0.02)
        assert statuses(connection) == [408]
        assert connection.protocol.loop.time() - began < 5
        assert sent > 2

    run(work())


def test_a_body_gets_more_time_for_what_has_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_BYTES_PER_SECOND", 10_000)

    async def work() -> None:
        connection = Connection(IMPATIENT)
        await connection.send(POST + b"Content-Length: 20002\r\n\r\n")
        await connection.send(b"x" * 20_000)
        await asyncio.sleep(0.05)
        assert not connection.transport.over.is_set()
        await connection.send(b"xx")
        assert statuses(connection) == [200]

    run(work())


def test_time_in_which_the_server_does_not_read_does_not_count() -> None:
    async def work() -> None:
        begun = asyncio.Event()

        async def busy(scope: Scope, receive: Receive, send: Send) -> None:
            await begun.wait()
            size, more = 0, True
            while more:
                message = await receive()
                size, more = size + len(message["body"]), message["more_body"]
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})

        connection = Connection(IMPATIENT, busy)
        await connection.send(POST + b"Content-Length: 100000\r\n\r\n" + b"x" * 90_000)
        await asyncio.sleep(0.05)
        begun.set()
        await connection.send(b"x" * 10_000)
        assert statuses(connection) == [200]

    run(work())


def test_an_idle_connection_is_closed_after_its_own_timeout() -> None:
    async def work() -> None:
        for sent in (b"", b"\r\n", POST + b"\r\n", POST + b"\r\n\r\n"):
            connection = Connection(IMPATIENT)
            if sent:
                await connection.send(sent)
            await asyncio.sleep(0.03)
            assert not connection.transport.over.is_set()
            assert connection.protocol.timeout_keep_alive_task is not None

    run(work())


def test_a_client_that_does_not_read_is_cut_off() -> None:
    async def work() -> None:
        connection = Connection(IMPATIENT)
        connection.transport.unsent = 100_000
        connection.protocol.pause_writing()
        for _ in range(3):
            await asyncio.sleep(0.005)
            connection.transport.unsent -= 1  # it reads, though slowly
        await connection.transport.over.wait()
        connection = Connection(IMPATIENT)
        connection.protocol.pause_writing()
        connection.protocol.resume_writing()
        await asyncio.sleep(0.03)
        assert not connection.transport.over.is_set()

    run(work())


def test_a_server_that_stops_does_not_wait_for_requests_that_have_not_arrived() -> None:
    async def work() -> None:
        for sent in (POST, POST + b"Content-Length: 5\r\n\r\n1234"):
            connection = Connection(LIMITS)
            await connection.send(sent)
            connection.protocol.shutdown()
            assert connection.transport.closed

    run(work())
