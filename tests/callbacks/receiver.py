"""A receiver of callbacks on loopback, such as an integrator writes; the test sets its answers."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Query = dict[str, str]


class Receiver:
    """Receives callbacks at `url`.

    `on_verify(query)` gives the answer to a GET, `on_post(query, body)` that to a POST; `posts` are the query
    and body of each POST. `status`, `headers` and `seconds` (a delay) change the answers.
    """

    def __init__(self, on_verify: Callable[[Query], bytes]) -> None:
        self.on_verify = on_verify
        self.on_post: Callable[[Query, bytes], bytes] = lambda query, body: b"success"
        self.posts: list[tuple[Query, bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.seconds = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(receiver.on_verify(self._query()))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((self._query(), body))
                self._answer(receiver.on_post(self._query(), body))

            def _query(self) -> Query:
                return dict(parse_qsl(urlsplit(self.path).query))

            def _answer(self, content: bytes) -> None:
                time.sleep(receiver.seconds)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/callback"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def wait_for(self, count: int, seconds: float = 10) -> list[tuple[Query, bytes]]:
        """The first `count` posts, once they have arrived."""
        deadline = time.monotonic() + seconds
        while len(self.posts) < count:
            assert time.monotonic() < deadline, f"{len(self.posts)} of {count} callbacks arrived"
            time.sleep(0.005)
        return self.posts[:count]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
