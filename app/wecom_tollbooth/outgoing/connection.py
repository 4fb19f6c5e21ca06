"""One HTTP/1.1 connection, which parses answers with httptools and reads no more than it needs."""

import asyncio
from typing import Any

import httptools

from wecom_tollbooth.outgoing.answers import MAX_ANSWER_BYTES, Answer, NoAnswer

MAX_HEAD_BYTES = 64 * 1024
BROKEN_OFF = "it closed the connection before the end of its answer"


class Connection(asyncio.Protocol):
    """`is_reusable` after an answer that was read to its end and left the connection open."""

    def __init__(self) -> None:
        self.is_reusable = True
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._begin()

    async def exchange(self, request: bytes, most: int = MAX_ANSWER_BYTES) -> Answer:
        """Sends the request, one at a time, and reads up to `most` bytes of the body. Raises NoAnswer."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise NoAnswer(BROKEN_OFF)
        self._answer = asyncio.get_running_loop().create_future()
        self._begin()
        self._most = most
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    def close(self) -> None:
        """At once: there is nothing left to send."""
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked
            return
        self._head_bytes += 0 if self._has_head else len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail("it switches to another protocol")
        except httptools.HttpParserError:
            self._fail("its answer is not HTTP")
        if not self._has_head and self._head_bytes > MAX_HEAD_BYTES:
            self._fail("its headers are too long")

    def connection_lost(self, error: Exception | None) -> None:
        self.is_reusable = False
        if self._has_head and not self._has_length and error is None:
            self._done()
        self._fail(BROKEN_OFF)

    # --- what httptools calls -------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._has_head = self._has_length = False
        self._body.clear()
        self._headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered in (b"content-length", b"transfer-encoding"):
            self._has_length = True
        key, text = lowered.decode("latin-1"), value.decode("latin-1")
        if key == "set-cookie" and key in self._headers:  # commas can't join these
            text = f"{self._headers[key]}\n{text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        self._has_head = self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) >= self._most:
            self.is_reusable = False
            self._done()

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:
            self.is_reusable = self.is_reusable and self._parser.should_keep_alive()
            self._done()

    # --------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._has_head = self._has_length = False
        self._head_bytes = 0
        self._body = bytearray()
        self._headers: dict[str, str] = {}
        self._most = MAX_ANSWER_BYTES

    def _done(self) -> None:
        if self._answer is not None and not self._answer.done():
            body = bytes(self._body[: self._most])
            self._answer.set_result(Answer(self._parser.get_status_code(), body, dict(self._headers)))

    def _fail(self, sentence: str) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer(sentence))
