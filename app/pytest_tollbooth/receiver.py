"""A receiver of callbacks on loopback, which checks their signatures and decrypts them (page 90968)."""

import base64
import hashlib
import hmac
import queue
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from pytest_tollbooth.callbacks import fields_of

RANDOM_BYTES, LENGTH_BYTES = 16, 4
SECONDS = 5.0


class Receiver:
    """Receives one app's callbacks from the moment it is made; each is a dict of the elements of its XML.

    What is signed wrongly is answered with 403 and kept in `rejected`.
    """

    def __init__(self, corpid: str, token: str, encoding_aes_key: str) -> None:
        self._corpid, self._token = corpid, token
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._arrived: queue.Queue[dict[str, str]] = queue.Queue()
        self._passed_over: list[dict[str, str]] = []
        self.rejected: list[str] = []
        """Why requests were rejected."""
        self.answer: Callable[[dict[str, str]], str] = lambda callback: "success"
        """What a callback is answered with: a passive reply, encrypted by the program under test."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/callback"

    def wait_for(self, name: str, *, timeout: float = SECONDS) -> dict[str, str]:
        """The next callback whose Event, ChangeType or, for a message, MsgType is `name`.

        Others that arrive meanwhile are kept for later waits. Fails after `timeout` seconds without it.
        """
        for place, callback in enumerate(self._passed_over):
            if _is(callback, name):
                return self._passed_over.pop(place)
        while True:
            try:
                callback = self._arrived.get(timeout=timeout)
            except queue.Empty:
                there = [_name(callback) for callback in self._passed_over]
                raise AssertionError(
                    f"{name} did not arrive within {timeout} s; others did: {', '.join(there) or 'none'}"
                    + (f"; rejected: {', '.join(self.rejected)}" if self.rejected else "")
                ) from None
            if _is(callback, name):
                return callback
            self._passed_over.append(callback)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decrypted(self, query: dict[str, list[str]], encrypted: str) -> str:
        """The plain text. Raises ValueError where signature, keys or corp are wrong."""
        signed = "".join(sorted((self._token, query["timestamp"][0], query["nonce"][0], encrypted)))
        signature = hashlib.sha1(signed.encode()).hexdigest()
        if not hmac.compare_digest(signature, query["msg_signature"][0]):
            raise ValueError("msg_signature is wrong")
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        content = padded[RANDOM_BYTES : -padded[-1]]
        end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "big")
        if content[end:].decode() != self._corpid:
            raise ValueError(f"it is for {content[end:].decode()!r}")
        return content[LENGTH_BYTES:end].decode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                self._answer(lambda: receiver.decrypted(query, query["echostr"][0]))

            def do_POST(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                body = self.rfile.read(int(self.headers["Content-Length"]))

                def receive() -> str:
                    encrypted = ElementTree.fromstring(body).findtext("Encrypt") or ""
                    callback = fields_of(receiver.decrypted(query, encrypted))
                    receiver._arrived.put(callback)
                    return receiver.answer(callback)

                self._answer(receive)

            def _answer(self, work: Any) -> None:
                try:
                    status, text = 200, work()
                except (ValueError, KeyError, IndexError, ElementTree.ParseError) as error:
                    receiver.rejected.append(str(error))
                    status, text = 403, str(error)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _is(callback: dict[str, str], name: str) -> bool:
    return name in (callback.get("Event"), callback.get("ChangeType"), callback.get("MsgType"))


def _name(callback: dict[str, str]) -> str:
    return callback.get("ChangeType") or callback.get("Event") or callback.get("MsgType") or "?"
