"""The HTTPS port and the proxy, as clients reach them."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.tls.conftest import Front
from wecom_tollbooth.tls.hosts import ADDRESS_FOR_SOCKS, API_HOST, HOSTS

SECONDS = 10


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        yield connection


def ask_over_tls(front: Front, connection: socket.socket, host: str = API_HOST) -> dict[str, object]:
    """What gettoken without parameters answers over this connection."""
    context = ssl.create_default_context(cafile=str(front.authority.ca_file))
    with context.wrap_socket(connection, server_hostname=host) as secure:
        client = http.client.HTTPConnection(host)
        client.sock = secure
        client.request("GET", "/cgi-bin/gettoken")
        answer: dict[str, object] = json.loads(client.getresponse().read())
        return answer


def through_proxy(connection: socket.socket, target: str) -> tuple[int, str]:
    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    answer = http.client.HTTPResponse(connection, method="CONNECT")
    answer.begin()
    return answer.status, "" if answer.status == 200 else answer.fp.read().decode() if answer.fp else ""


def through_socks(connection: socket.socket, kind: bytes, address: bytes, port: int = 443) -> int:
    """The answer's code."""
    connection.sendall(b"\x05\x01\x00")
    assert connection.recv(2) == b"\x05\x00"
    connection.sendall(b"\x05\x01\x00" + kind + address + port.to_bytes(2))
    return connection.recv(10)[1]


def named(host: str) -> bytes:
    return bytes([len(host)]) + host.encode()


@pytest.mark.parametrize("host", HOSTS)
def test_every_listed_host_is_served_under_a_certificate_for_it(front: Front, host: str) -> None:
    with connected(front.tls_port) as connection:
        assert ask_over_tls(front, connection, host)["errcode"] == 41004


def test_a_host_that_is_not_listed_has_no_certificate(front: Front) -> None:
    with connected(front.tls_port) as connection, pytest.raises(ssl.SSLCertVerificationError):
        ask_over_tls(front, connection, "api.mch.weixin.qq.com")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(front: Front, version: ssl.TLSVersion) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the suite shares those that are made by default
    context.load_verify_locations(str(front.authority.ca_file))
    context.minimum_version = context.maximum_version = version
    with (
        connected(front.tls_port) as connection,
        context.wrap_socket(connection, server_hostname=API_HOST) as secure,
    ):
        assert secure.version() == version.name.replace("_", ".").replace("TLSv1.", "TLSv1.")


def test_the_proxy_leads_a_listed_host_here(front: Front) -> None:
    with connected(front.proxy_port) as connection:
        assert through_proxy(connection, f"{API_HOST}:443") == (200, "")
        assert ask_over_tls(front, connection)["errcode"] == 41004


@pytest.mark.parametrize(
    "target",
    [
        "example.com:443",
        f"{API_HOST}:22",
        "127.0.0.1:443",
        f"evil-{API_HOST}:443",
        f"{API_HOST}.evil.com:443",
    ],
)
def test_the_proxy_leads_nowhere_else(front: Front, target: str) -> None:
    with connected(front.proxy_port) as connection:
        status, text = through_proxy(connection, target)
        assert status == 403
        assert text


def test_socks_leads_a_listed_host_and_the_address_that_stands_for_it(front: Front) -> None:
    for kind, address in ((b"\x03", named(API_HOST)), (b"\x01", socket.inet_aton(ADDRESS_FOR_SOCKS))):
        with connected(front.proxy_port) as connection:
            assert through_socks(connection, kind, address) == 0
            assert ask_over_tls(front, connection)["errcode"] == 41004


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        (b"\x03", named("example.com"), 2),
        (b"\x01", socket.inet_aton("127.0.0.1"), 2),
        (b"\x04", socket.inet_pton(socket.AF_INET6, "::1"), 2),
        (b"\x09", b"", 8),
    ],
)
def test_socks_refuses_everything_else(front: Front, kind: bytes, address: bytes, code: int) -> None:
    with connected(front.proxy_port) as connection:
        assert through_socks(connection, kind, address) == code


def test_a_socks_client_that_wants_a_password_is_told_that_there_is_none(front: Front) -> None:
    with connected(front.proxy_port) as connection:
        connection.sendall(b"\x05\x01\x02")
        assert connection.recv(2) == b"\x05\xff"


@pytest.mark.parametrize(
    "bytes_sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"CONNECT\r\n\r\n", b"CONNECT [:443 HTTP/1.1\r\n\r\n", b"\r\n\r\n\r\n\r\n"],
)
def test_what_is_no_request_to_a_proxy_is_refused(front: Front, bytes_sent: bytes) -> None:
    with connected(front.proxy_port) as connection:
        connection.sendall(bytes_sent)
        assert connection.recv(12) == b"HTTP/1.1 403"


def test_an_endless_head_is_cut_off(front: Front) -> None:
    with connected(front.proxy_port) as connection:
        connection.sendall(b"x" * 100_000)
        with suppress(ConnectionResetError):  # the rest of it was never read
            assert connection.recv(1) == b""


def test_addresses_in_answers_have_the_scheme_and_host_of_the_caller(front: Front) -> None:
    corp = front.server.make_corp()
    made = corp.client().post("externalcontact/add_contact_way", type=1, scene=2, user=["admin"])
    assert made["qr_code"].startswith(front.server.base_url)
    token = corp.client().token
    context = ssl.create_default_context(cafile=str(front.authority.ca_file))
    with (
        connected(front.tls_port) as connection,
        context.wrap_socket(connection, server_hostname=API_HOST) as secure,
    ):
        client = http.client.HTTPConnection(API_HOST)
        client.sock = secure
        body = json.dumps({"type": 1, "scene": 2, "user": ["admin"]})
        client.request("POST", f"/cgi-bin/externalcontact/add_contact_way?access_token={token}", body)
        assert json.loads(client.getresponse().read())["qr_code"].startswith(f"https://{API_HOST}/")


def test_the_control_api_is_not_served_under_wecoms_names(front: Front) -> None:
    context = ssl.create_default_context(cafile=str(front.authority.ca_file))
    with (
        connected(front.tls_port) as connection,
        context.wrap_socket(connection, server_hostname=API_HOST) as secure,
    ):
        client = http.client.HTTPConnection(API_HOST)
        client.sock = secure
        client.request("GET", "/_sim/corps")
        assert client.getresponse().status == 403
