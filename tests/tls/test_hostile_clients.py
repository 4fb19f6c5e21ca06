"""Clients that speak another protocol, stop in the middle or come in masses, on both ports."""

import asyncio
import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from tests.tls.conftest import Front
from tests.tls.test_front import SECONDS, ask_over_tls, connected, through_proxy
from wecom_tollbooth.tls import doorstep, proxy
from wecom_tollbooth.tls.hosts import API_HOST

HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00"
SILENT = b""


def everything(connection: socket.socket) -> bytes:
    """What the server sends until it closes the connection."""
    received = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    return received


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def twenty_newcomers(front: Front, monkeypatch: pytest.MonkeyPatch) -> int:
    """Neither port keeps more than twenty connections that have said nothing yet."""
    for newcomers in (front.doorstep._newcomers, front.proxy._newcomers):
        eventually(lambda: not newcomers)  # noqa: B023
        monkeypatch.setattr(newcomers, "_most", 20)
    return 20


# --- the TLS port ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /cgi-bin/gettoken HTTP/1.1\r\nHost: qyapi.weixin.qq.com\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000,
        b"CONNECT qyapi.weixin.qq.com:443 HTTP/1.1\r\n\r\n",
    ],
)
def test_plain_http_on_the_tls_port_is_told_to_write_https(front: Front, sent: bytes) -> None:
    with connected(front.tls_port) as connection:
        connection.sendall(sent)
        answer = everything(connection).decode()
    assert answer.startswith("HTTP/1.1 400 ")
    assert "请把 http:// 改为 https://" in answer
    assert "write https://" in answer


@pytest.mark.parametrize("sent", [b"\x00\x01\x02", b"\x05\x01\x00", b"ssh-2.0\r\n", b"\x16" + b"\x00" * 600])
def test_what_is_neither_tls_nor_http_is_hung_up_on(front: Front, sent: bytes) -> None:
    with connected(front.tls_port) as connection:
        connection.sendall(sent)
        assert not everything(connection).startswith(b"HTTP")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_versions_of_tls_are_refused_and_logged(
    front: Front, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    front.forget_reports()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the suite shares those that are made by default
    context.set_ciphers("ALL@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with connected(front.tls_port) as connection, pytest.raises(ssl.SSLError):
        context.wrap_socket(connection, server_hostname=API_HOST)
    eventually(lambda: "no TLS 1.2 or 1.3" in caplog.text)


def test_a_client_that_does_not_trust_the_authority_is_named_once_in_the_log(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    front.forget_reports()
    for _ in range(3):
        with connected(front.tls_port) as connection, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(connection, server_hostname=API_HOST)
    eventually(lambda: "tollbooth tls trust" in caplog.text)
    assert ask_over_tls(front, socket.create_connection(("127.0.0.1", front.tls_port)))["errcode"] == 41004
    assert caplog.text.count("does not trust") == 1


def test_a_name_that_is_not_served_is_logged_and_a_client_that_checks_nothing_is_answered(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    front.forget_reports()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    name = "api.mch.weixin.qq.com"
    with (
        connected(front.tls_port) as connection,
        context.wrap_socket(connection, server_hostname=name) as secure,
    ):
        client = http.client.HTTPConnection(name)
        client.sock = secure
        client.request("GET", "/cgi-bin/gettoken")
        assert json.loads(client.getresponse().read())["errcode"] == 41004
    assert "'api.mch.weixin.qq.com'" in caplog.text


@pytest.mark.parametrize("sent", [SILENT, HALF_A_HELLO])
def test_unfinished_handshakes_keep_nobody_out_and_the_oldest_are_dropped(
    front: Front, twenty_newcomers: int, sent: bytes
) -> None:
    with ExitStack() as open_connections:
        waiting = []
        for _ in range(3 * twenty_newcomers):
            connection = open_connections.enter_context(connected(front.tls_port))
            connection.sendall(sent)
            waiting.append(connection)
        with connected(front.tls_port) as connection:
            assert ask_over_tls(front, connection)["errcode"] == 41004
        assert [everything(connection) for connection in waiting[: 2 * twenty_newcomers]] == [
            b"" for _ in range(2 * twenty_newcomers)
        ]
        assert len(front.doorstep._newcomers) <= twenty_newcomers
        waiting[-1].setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting[-1].recv(1)


@pytest.mark.parametrize("sent", [SILENT, HALF_A_HELLO])
def test_a_handshake_that_takes_too_long_is_ended(
    front: Front, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(doorstep, "HANDSHAKE_SECONDS", 0.05)
    with connected(front.tls_port) as connection:
        connection.sendall(sent)
        assert everything(connection) == b""
    eventually(lambda: not front.doorstep._newcomers)


def test_a_handshake_that_arrives_byte_by_byte_is_finished(front: Front) -> None:
    context = ssl.create_default_context(cafile=str(front.authority.ca_file))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=API_HOST)

    def receive() -> None:
        part = connection.recv(65536)
        assert part, "the server hung up"
        incoming.write(part)

    with connected(front.tls_port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    connection.sendall(bytes([byte]))
                receive()
        client.write(b"GET /cgi-bin/gettoken HTTP/1.1\r\nHost: qyapi.weixin.qq.com\r\n\r\n")
        connection.sendall(outgoing.read())
        received = b""
        while b"41004" not in received:
            receive()
            with suppress(ssl.SSLWantReadError):
                while part := client.read(65536):
                    received += part


# --- the proxy -------------------------------------------------------------------------------------------


def test_a_client_that_speaks_tls_to_the_proxy_is_refused_at_once(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(front.proxy_port) as connection, pytest.raises(ssl.SSLError, match="wrong version"):
        ask_over_tls(front, connection)
    assert "write http:// in HTTPS_PROXY" in caplog.text


@pytest.mark.parametrize("sent", [SILENT, b"CONNECT qyapi.weixin.qq.com:443 HTTP/1.1\r\n", b"\x05\x02"])
def test_a_flood_of_the_proxy_keeps_nobody_out(front: Front, twenty_newcomers: int, sent: bytes) -> None:
    with ExitStack() as open_connections:
        flood = []
        for _ in range(3 * twenty_newcomers):
            connection = open_connections.enter_context(connected(front.proxy_port))
            connection.sendall(sent)
            flood.append(connection)
        with connected(front.proxy_port) as connection:
            assert through_proxy(connection, f"{API_HOST}:443") == (200, "")
            assert ask_over_tls(front, connection)["errcode"] == 41004
        assert everything(flood[0]) == b""
        assert len(front.proxy._newcomers) <= twenty_newcomers


def test_one_connection_too_many_through_the_proxy_is_told_so(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventually(lambda: not front.proxy._tunnels)
    monkeypatch.setattr(proxy, "TUNNELS", 2)
    with ExitStack() as open_connections:
        for _ in range(2):
            connection = open_connections.enter_context(connected(front.proxy_port))
            assert through_proxy(connection, f"{API_HOST}:443")[0] == 200
        with connected(front.proxy_port) as connection:
            status, text = through_proxy(connection, f"{API_HOST}:443")
        assert status == 503
        assert "2 connections" in text
    eventually(lambda: not front.proxy._tunnels)
    with connected(front.proxy_port) as connection:
        assert through_proxy(connection, f"{API_HOST}:443")[0] == 200


def test_a_tunnel_ends_when_the_server_has_ended_it_though_the_client_stays(front: Front) -> None:
    eventually(lambda: not front.proxy._tunnels)
    with connected(front.proxy_port) as connection:
        assert through_proxy(connection, f"{API_HOST}:443") == (200, "")
        connection.sendall(b"\x00")  # no TLS: the server hangs up
        assert everything(connection) == b""
        eventually(lambda: not front.proxy._tunnels)


# --- the same as on the plain port -----------------------------------------------------------------------


def test_answers_over_tls_have_the_headers_of_the_plain_port(front: Front) -> None:
    def headers(client: http.client.HTTPConnection) -> list[str]:
        client.request("GET", "/cgi-bin/gettoken")
        answer = client.getresponse()
        answer.read()
        return sorted(name.lower() for name, _ in answer.getheaders())

    plain = http.client.HTTPConnection("127.0.0.1", int(front.server.base_url.rpartition(":")[2]))
    context = ssl.create_default_context(cafile=str(front.authority.ca_file))
    secure = http.client.HTTPSConnection("127.0.0.1", front.tls_port, context=context)
    assert headers(secure) == [name for name in headers(plain) if name != "server"]
    assert "date" in headers(secure)
    plain.close()
    secure.close()


def test_a_caller_over_tls_cannot_give_itself_another_address(front: Front) -> None:
    context = ssl.create_default_context(cafile=str(front.authority.ca_file))
    secure = http.client.HTTPSConnection("127.0.0.1", front.tls_port, context=context)
    secure.request("GET", "/cgi-bin/gettoken", headers={"X-Forwarded-For": "1.2.3.4"})
    assert "from ip: 127.0.0.1" in json.loads(secure.getresponse().read())["errmsg"]
    secure.close()


def test_what_comes_for_a_client_that_is_gone_is_dropped() -> None:
    async def passed() -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.transport.abort()
        await asyncio.sleep(0)
        answer = asyncio.StreamReader()
        answer.feed_data(b"too late")
        answer.feed_eof()
        await proxy._pass(answer, writer)
        server.close()

    pytest.importorskip("uvloop").run(passed())
