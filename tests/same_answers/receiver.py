"""A receiver of callbacks on loopback: it decrypts every echo whose key it knows, and keeps the callbacks."""

import base64
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class Receiver:
    def __init__(self) -> None:
        self.keys: list[str] = []
        """Each encoding_aes_key of an app, newest last."""
        self._posts: list[dict[str, str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                self._answer(receiver._opened(query.get("echostr", [""])[0]))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._posts.append({"target": self.path, "body": body.decode()})
                self._answer(b"success")

            def _answer(self, content: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/callback"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def received(self) -> list[dict[str, str]]:
        """The callbacks since the last call, in an order that does not depend on their arrival."""
        posts, self._posts = self._posts, []
        return sorted(posts, key=lambda post: (post["target"], post["body"]))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _opened(self, echo: str) -> bytes:
        for key in reversed(self.keys):
            opened = _decrypted(key, echo)
            if opened:
                return opened
        return b""


def _decrypted(encoding_aes_key: str, text: str) -> bytes:
    """The decrypted message, or nothing if the key is another."""
    try:
        key = base64.b64decode(encoding_aes_key + "=")
        opener = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = opener.update(base64.b64decode(text)) + opener.finalize()
        (size,) = struct.unpack(">I", plain[16:20])
    except (ValueError, struct.error):
        return b""
    padding = plain[-1]
    receiveid = plain[20 + size : -padding]
    return plain[20 : 20 + size] if receiveid.isalnum() else b""
