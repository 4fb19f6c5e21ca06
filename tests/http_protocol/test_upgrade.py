"""A request that asks for an upgrade which isn't served is served whole, as if it had not asked.

Java's HttpClient asks for h2c with every request on plain HTTP, and so does Spring's RestClient on top of it.
"""

import json
from typing import Any

import pytest

from tests.http_protocol.connections import Connection, exchange
from wecom_tollbooth.http_protocol import HttpLimits

JDK = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
BODY = b'{"remark":"VIP"}'
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n4\r\n" + BODY[:4] + b"\r\nc\r\n" + BODY[4:] + b"\r\n0\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


def request(start: bytes, asking: bytes, rest: bytes) -> bytes:
    return start + b"\r\nHost: a\r\n" + asking + rest


POST, PLAIN = b"POST /cgi-bin/x?y=1 HTTP/1.1", request(b"POST /cgi-bin/x?y=1 HTTP/1.1", b"", LENGTH)

CASES = {
    "length": [(POST, JDK, LENGTH)],
    "chunked": [(POST, JDK, CHUNKED)],
    "websocket": [(POST, WEBSOCKET, LENGTH)],
    "no body": [(b"GET /cgi-bin/x HTTP/1.1", JDK, b"\r\n")],
    "empty body": [(POST, JDK, b"Content-Length: 0\r\n\r\n")],
    "head": [(b"HEAD /cgi-bin/x HTTP/1.1", JDK, b"\r\n")],
    "http 1.0": [(b"POST /cgi-bin/x HTTP/1.0", JDK, LENGTH)],
    "two": [(POST, JDK, LENGTH), (POST, JDK, CHUNKED)],
    "an ordinary one behind": [(POST, JDK, CHUNKED), (POST, b"", LENGTH)],
    "an ordinary one before": [(POST, b"", CHUNKED), (POST, JDK, LENGTH), (POST, JDK, LENGTH)],
    "close beside it": [(POST, JDK.replace(b"Settings\r", b"Settings, close\r", 1), LENGTH)],
    "close in a header of its own": [(POST, JDK + b"Connection: close\r\n", LENGTH)],
}


def told(connection: Connection) -> list[Any]:
    """What the application was asked, without the headers that ask for an upgrade."""
    asked = [json.loads(body) for status, _, body in connection.answers() if status == 200 and body]
    for one in asked:
        one["headers"] = [[name, value] for name, value in one["headers"] if name in ("host", "expect")]
    return asked


@pytest.mark.parametrize("case", CASES)
def test_a_request_arrives_whole_however_it_is_split(case: str) -> None:
    sent = b"".join(request(*parts) for parts in CASES[case])
    expected = exchange([b"".join(request(start, b"", rest) for start, _, rest in CASES[case])])
    wanted = told(expected)
    if case not in ("head", "no body", "empty body"):
        assert all(one["body"] == BODY.decode() for one in wanted)
    assert len(expected.answers()) == len(CASES[case])
    splits = [[sent], [sent[i : i + 1] for i in range(len(sent))]]
    splits += [[sent[:at], sent[at:]] for at in range(1, len(sent), 3)]
    for parts in splits:
        connection = exchange(parts)
        assert told(connection) == wanted
        assert len(connection.answers()) == len(expected.answers())
        closes = "close" in case or case == "http 1.0"
        assert connection.closed == closes
        assert (b"connection: close" in connection.answers()[-1][1]) == closes


def test_hundreds_of_pipelined_requests_are_answered() -> None:
    sent = request(POST, JDK, LENGTH) * 300
    assert [one["body"] for one in told(exchange([sent]))] == [BODY.decode()] * 300


def test_a_client_that_expects_100_continue_gets_it() -> None:
    head, body = request(POST, JDK + b"Expect: 100-continue\r\n", LENGTH)[: -len(BODY)], BODY
    connection = exchange([head, body])
    assert connection.transport.written.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert connection.transport.written.endswith(json.dumps(BODY.decode()).encode() + b"}")


@pytest.mark.parametrize(
    "sent",
    [
        b"CONNECT qyapi.weixin.qq.com:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        request(POST, JDK + b"Transfer-Encoding: chunked\r\n", LENGTH),
        request(POST, JDK, b"Transfer-Encoding: chunked\r\n\r\nno number\r\n"),
    ],
)
def test_bytes_that_are_not_http_are_refused_once(sent: bytes) -> None:
    connection = exchange([sent, b"more"])
    assert [status for status, _, _ in connection.answers()] == [400]


def test_trailers_are_not_taken_for_headers() -> None:
    trailed = CHUNKED.removesuffix(b"\r\n") + b"Expect: nothing\r\n\r\n"
    for asking in (b"", JDK):
        (asked,) = told(exchange([request(POST, asking, trailed)]))
        assert asked["body"] == BODY.decode()
        assert asked["headers"] == [["host", "a"]]


def test_an_upgraded_head_has_the_limits_of_any_other() -> None:
    small = HttpLimits(head_bytes=4096, headers=10, head_seconds=20, body_seconds=30)
    for extra in (b"A: b\r\n" * 10, b"A: " + b"b" * 4096 + b"\r\n"):
        connection = exchange([request(POST, JDK + extra, LENGTH)], small)
        assert [status for status, _, _ in connection.answers()] == [431]
