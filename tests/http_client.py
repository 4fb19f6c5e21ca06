"""An HTTP client for the suite's thousands of plain requests, five times as cheap as httpx.

It sends what the tests need and no more: a path with parameters, JSON or bytes, over connections that stay
open. Tests of HTTP itself use httpx or a socket.
"""

import json
import re
import select
import socket
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

SECONDS = 300
SECONDS_IDLE = 45
"""After which a connection isn't used again: the server hangs up after 75, perhaps in this very moment."""
READ_BYTES = 1 << 16

NOTED_BY: list[Callable[[str, str], None]] = []
"""Called with the path and the errcode of each answer."""

PLAIN_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")


class Headers(dict[str, str]):
    """The headers of an answer, whose names are looked up in any case."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class Answer:
    """An answer, with the names that httpx.Response has."""

    def __init__(self, status_code: int, headers: Headers, content: bytes) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content

    @cached_property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    def json(self) -> Any:
        return json.loads(self.content)

    def raise_for_status(self) -> "Answer":
        assert self.is_success, (self.status_code, self.text)
        return self


class Client:
    """Requests below `base_url`, from any thread."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        assert parts.hostname is not None
        self.headers: dict[str, str] = {}
        self._base = parts.path.rstrip("/")
        self._address = (parts.hostname, parts.port)
        self._host = f"Host: {parts.netloc}\r\n"
        self._idle: list[tuple[float, socket.socket]] = []

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    def get(self, path: str, **given: Any) -> Answer:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> Answer:
        return self.request("POST", path, **given)

    def put(self, path: str, **given: Any) -> Answer:
        return self.request("PUT", path, **given)

    def patch(self, path: str, **given: Any) -> Answer:
        return self.request("PATCH", path, **given)

    def delete(self, path: str, **given: Any) -> Answer:
        return self.request("DELETE", path, **given)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends a request below the base URL, or below the server if `path` is a whole URL of it.

        Raises an httpx.TransportError if the connection breaks.
        """
        target = self._target(path, params)
        body, kind = _body(json, content)
        head = f"{method.upper()} {target} HTTP/1.1\r\n{self._host}"
        for name, value in {**kind, **self.headers, **(headers or {})}.items():
            head += f"{name}: {value}\r\n"
        if body or method != "GET":
            head += f"Content-Length: {len(body)}\r\n"
        answer = self._exchange(f"{head}\r\n".encode() + body, method)
        for note in NOTED_BY:
            note(target.partition("?")[0], answer.headers.get("error-code", "0"))
        return answer

    def _target(self, path: str, params: Mapping[str, Any] | None) -> str:
        base = self._base
        if path.startswith("http://"):
            parts = urlsplit(path)
            assert (parts.hostname, parts.port) == self._address
            base, path = "", parts._replace(scheme="", netloc="").geturl()
        target = base + (path if path.startswith("/") else f"/{path}")
        if not PLAIN_PATH.fullmatch(target):
            target = quote(target, safe="!$&'()*+,;=:@/?%~")
        if params:
            target += ("&" if "?" in target else "?") + urlencode(
                {name: _in_a_query(value) for name, value in params.items()}, doseq=True
            )
        return target

    def _exchange(self, request: bytes, method: str) -> Answer:
        connection = self._connection()
        try:
            connection.sendall(request)
            answer, stays_open = _read(connection, method)
        except OSError as error:
            connection.close()
            raise httpx.ReadError(str(error)) from error
        except BaseException:
            connection.close()
            raise
        if stays_open:
            self._idle.append((time.monotonic(), connection))
        else:
            connection.close()
        return answer

    def _connection(self) -> socket.socket:
        while self._idle:
            try:
                since, connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if time.monotonic() - since > SECONDS_IDLE:
                connection.close()
                continue
            readable = select.poll()
            readable.register(connection, select.POLLIN)
            if not readable.poll(0):
                return connection
            connection.close()  # the server has hung up
        try:
            connection = socket.create_connection(self._address, SECONDS)
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _in_a_query(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _body(given: Any, content: Any) -> tuple[bytes, dict[str, str]]:
    """The body as httpx writes it, and its headers."""
    if content is not None:
        return (content.encode() if isinstance(content, str) else bytes(content)), {}
    if given is None:
        return b"", {}
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(), {"Content-Type": "application/json"}


def _read(connection: socket.socket, method: str) -> tuple[Answer, bool]:
    """The answer, and whether the connection stays open after it."""
    received = _more(connection)
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(connection)
    status, *lines = received[:end].decode("latin-1").split("\r\n")
    headers = Headers()
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    code = int(status.split(" ", 2)[1])
    rest = received[end + 4 :]
    if method == "HEAD" or code in (204, 304):
        content = b""
    elif headers.get("transfer-encoding", "").lower() == "chunked":
        content = _chunks(connection, rest)
    else:
        size = int(headers["content-length"])
        parts = [rest]
        missing = size - len(rest)
        while missing > 0:
            parts.append(_more(connection))
            missing -= len(parts[-1])
        content = b"".join(parts)
    return Answer(code, headers, content), headers.get("connection", "").lower() != "close"


def _chunks(connection: socket.socket, received: bytes) -> bytes:
    content = b""
    while True:
        while (end := received.find(b"\r\n")) < 0:
            received += _more(connection)
        size = int(received[:end].partition(b";")[0], 16)
        while len(received) < end + 2 + size + 2:
            received += _more(connection)
        content += received[end + 2 : end + 2 + size]
        received = received[end + 2 + size + 2 :]
        if not size:
            return content


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(READ_BYTES)
    if not data:
        raise httpx.RemoteProtocolError("the server hung up before the end of its answer")
    return data
