"""A web server of files on loopback, with Range and with faults."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FileServer:
    """Serves `content` at `url`; tests set what is to go wrong."""

    def __init__(self, content: bytes = b"", size: int | None = None) -> None:
        self.content = content
        self.size = len(content) if size is None else size
        self.serves_ranges = True
        self.status: int | None = None
        self.content_range: str | None = None
        self.cut_off = False
        self.asked: list[str] = []
        self.connections = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                server.connections += 1
                super().setup()

            def do_GET(self) -> None:
                server.asked.append(self.headers.get("Range", ""))
                server.may_answer.wait(30)
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/file"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest()

    def part(self, start: int, end: int) -> bytes:
        return self.content[start:end]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        first, _, last = handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        start = int(first)
        end = min(int(last) + 1, self.size) if last else self.size
        if not self.serves_ranges:
            start, end = 0, self.size
        status = 206 if self.serves_ranges else 200
        if self.serves_ranges and start >= self.size:
            status, end = 416, start
        body = self.part(start, end) if self.status is None else b""
        handler.send_response(self.status or status)
        if status == 206:
            handler.send_header("Content-Range", self.content_range or f"bytes {start}-{end - 1}/{self.size}")
        handler.send_header("Content-Length", str(len(body) + (10 if self.cut_off else 0)))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = self.cut_off

    def close(self) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()
