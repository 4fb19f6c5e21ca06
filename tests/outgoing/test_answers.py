"""What counts as an answer, however it is written on the wire."""

import asyncio
import datetime
import inspect
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.callbacks.odd_receivers import OddReceiver
from tests.callbacks.receiver import Receiver
from wecom_tollbooth.outgoing.answers import MAX_ANSWER_BYTES, Answer, NoAnswer, Request
from wecom_tollbooth.outgoing.connection import Connection
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.settings import Settings

Fetch = Callable[..., Answer]


@pytest.fixture
def fetch() -> Iterator[Fetch]:
    outgoing = Outgoing(Settings())

    def fetch(url: str, method: str = "GET", content: bytes = b"") -> Answer:
        request = Request(method, url, seconds=2, query="b=2", content=content)
        return outgoing.submit(lambda them: them.request(request)).result(10)

    yield fetch
    outgoing.stop()


def fetched(fetch: Fetch, written: list[bytes]) -> Answer:
    """The answer of a receiver that writes these pieces and then closes the connection."""

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in written:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.002)

    receiver = OddReceiver(answer)
    try:
        return fetch(receiver.url)
    finally:
        receiver.close()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([OK, b"Content-Le", b"ngth: 2\r\n\r\nh", b"i"], Answer(200, b"hi")),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n", b"1\r\ni\r\n0\r\n\r\n"], Answer(200, b"hi")),
        ([OK + b"\r\n", b"until the end"], Answer(200, b"until the end")),
        ([b"HTTP/1.0 200 OK\r\n\r\nold"], Answer(200, b"old")),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", OK + b"Content-Length: 2\r\n\r\nhi"], Answer(200, b"hi")),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], Answer(204, b"")),
        ([b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"], Answer(302, b"")),
        ([OK + b"Content-Length: 200000\r\n\r\n", b"x" * 100_000], Answer(200, b"x" * MAX_ANSWER_BYTES)),
    ],
)
def test_an_answer_is_read_however_it_is_framed(fetch: Fetch, written: list[bytes], expected: Answer) -> None:
    assert fetched(fetch, written) == expected


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ([OK + b"Content-Length: 5\r\n\r\nhi"], "closed the connection before the end"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhi"], "closed the connection before the end"),
        ([OK], "closed the connection before the end"),
        ([], "closed the connection before the end"),
        ([b"SSH-2.0-OpenSSH_9.6\r\n"], "is not HTTP"),
        ([OK + b"X: " + b"y" * 70_000], "headers are too long"),
        ([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], "protocol"),
    ],
)
def test_what_is_no_whole_answer_is_told_apart(fetch: Fetch, written: list[bytes], sentence: str) -> None:
    with pytest.raises(NoAnswer, match=sentence):
        fetched(fetch, written)


def test_a_connection_that_is_closed_at_once_is_not_waited_for() -> None:
    async def closed_at_once() -> None:
        listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        address = listening.sockets[0].getsockname()
        _, connection = await asyncio.get_running_loop().create_connection(Connection, *address)
        while connection.is_reusable:
            await asyncio.sleep(0)
        with pytest.raises(NoAnswer, match="closed the connection"):
            await connection.exchange(b"GET / HTTP/1.1\r\n\r\n")
        listening.close()

    asyncio.run(asyncio.wait_for(closed_at_once(), 5))


def test_requests_to_one_receiver_share_a_connection(fetch: Fetch) -> None:
    heads: list[bytes] = []
    receiver = Receiver(lambda query: heads.append(repr(sorted(query.items())).encode()) or b"hi")  # type: ignore[func-returns-value]
    answers = [fetch(f"{receiver.url}?a=1") for _ in range(3)]
    assert answers == [Answer(200, b"hi")] * 3
    assert heads == [b"[('a', '1'), ('b', '2')]"] * 3
    assert fetch(receiver.url, "POST", b"body") == Answer(200, b"success")
    assert receiver.posts == [({"b": "2"}, b"body")]
    receiver.close()


def test_what_a_url_holds_cannot_end_the_line_of_the_request(fetch: Fetch) -> None:
    receiver = OddReceiver(_answer_hi)
    fetch(receiver.url.replace("/callback", "/回调 x\r\nEvil: 1?q=a b#part"))
    receiver.close()
    line, *headers = receiver.heads[0].split(b"\r\n")
    assert line == b"GET /%E5%9B%9E%E8%B0%83%20xEvil:%201?q=a%20b&b=2 HTTP/1.1"
    assert not [header for header in headers if header.startswith(b"Evil")]


async def _answer_hi(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Content-Length: 2\r\n\r\nhi")


def test_https_is_verified(fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = _write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    receiver = OddReceiver(_answer_hi, context)
    with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(receiver.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    # The suite keeps one context for all; here it must be read again.
    fresh = inspect.unwrap(ssl.create_default_context)
    monkeypatch.setattr(ssl, "create_default_context", fresh)
    trusting = Outgoing(Settings())
    request = Request("GET", receiver.url, seconds=5)
    assert trusting.submit(lambda them: them.request(request)).result(10) == Answer(200, b"hi")
    trusting.stop()
    receiver.close()


def _write_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key beside it in key.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(pem))
    return file
