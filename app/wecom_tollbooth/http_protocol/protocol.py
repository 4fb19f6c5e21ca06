"""uvicorn's HTTP/1.1 protocol with an answer to what it leaves open.

- A request that asks for an `Upgrade` that isn't served is served as if it had not asked. httptools takes its
  body for the other protocol's, so the parser starts over with the same head, without the header `Upgrade`.
- The head of a request has a limit in bytes and in headers: 431. So has the framing of a chunked body.
- Head and body have a deadline each: 408. A client that doesn't read its answer is cut off too.
- Of requests that are sent without waiting for answers (pipelining), few are parsed ahead.
- A connection that is refused in the middle of a request is not reset before the client can read why.

It leans on uvicorn's internals, so the range of versions is pinned in pyproject.toml, and
tests/http_protocol/test_uvicorn_contract.py fails where the parts that are used here change.
"""

import asyncio
from typing import Any, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from wecom_tollbooth.http_protocol.hanging_up import STATE_KEY as HANG_UP_KEY
from wecom_tollbooth.http_protocol.limits import STATE_KEY, HttpLimits
from wecom_tollbooth.http_protocol.transports import ClosesAfterBody, ReadingControl
from wecom_tollbooth.http_protocol.websockets import PREFIX as WEBSOCKETS

SLICE = 4096
"""Bytes that the parser is fed at once, a request with a small body. 4 KiB may be 200 pipelined requests."""

MOST_PIPELINED = 16
"""Requests that wait for those before them; what follows is not parsed and not read until they are fewer."""

BODY_BYTES_PER_SECOND = 32 * 1024
"""A body may take one second longer for every so many bytes that have arrived."""

FRAMING_PER_BODY_BYTE = 16
"""Bytes of chunk sizes for each byte of a chunked body; chunks of one byte have five."""

DRAINED_BYTES = 64 * 1024 * 1024
"""Bytes read of a body after its answer, so that a client that sends everything first gets to read it."""

SECONDS_TO_READ_REFUSAL = 2

REFUSALS = {
    400: "Invalid HTTP request received.",
    408: "The request did not arrive in time.",
    431: "The address and headers of the request are too large.",
}

Bytes = bytes | memoryview


class HttpProtocol(HttpToolsProtocol):
    """One connection.

    A request that arrives whole in one read, as nearly all do, is only checked for its size; timers and
    counts are for those that come in parts.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits: HttpLimits = app_state.get(STATE_KEY) or HttpLimits.default()
        self._most_in_head, self._most_headers = self._limits.head_bytes, self._limits.headers
        self._timed_flow: ReadingControl
        self._complete_head: Any = None
        """The scope of the latest request whose head has arrived; another scope's is still arriving."""
        self._body_arriving = False
        self._upgrade_ignored = self._is_websocket = False
        self._deadline: asyncio.TimerHandle | None = None
        """Runs exactly while part of a request has arrived."""
        self._stalled: asyncio.TimerHandle | None = None
        """Runs while the client doesn't read what was sent."""
        self._since = 0.0
        self._measuring = False
        self._head_received = self._wire_received = self._body_received = 0
        self._refusal: int | None = None
        self._lingering = False
        self._held: memoryview | None = None
        """What was read and waits to be parsed, behind MOST_PIPELINED requests."""

    # --- the connection ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = self._timed_flow = ReadingControl(transport, self)
        self.app_state = {**self.app_state, HANG_UP_KEY: self.hang_up}
        self._keep_alive_until_data()

    def hang_up(self, scope: Any) -> None:
        """Closes the connection without the rest of the answer to the request of `scope`."""
        cycle = self.cycle
        if cycle.scope is scope:
            cycle.disconnected = True
            cycle.message_event.set()
            self.transport.close()
        else:  # requests were sent behind it without waiting for its answer
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        self.resume_writing()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Ends requests that have not arrived whole: they have not begun, and may never."""
        if self._body_arriving and not self.cycle.response_started and not self.pipeline:
            self.transport.close()
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _keep_alive_until_data(self) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _await_reader(self, unsent: int | None = None) -> None:
        """Cuts the connection when nothing was read since `unsent` bytes were waiting."""
        waiting = self.transport.get_write_buffer_size()
        if unsent is not None and waiting >= unsent:
            self.transport.abort()
            return
        self._stalled = self.loop.call_later(self._limits.body_seconds, self._await_reader, waiting)

    # --- what arrives ------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        if self._deadline is None and len(data) <= SLICE and self._held is None:
            self._feed(data)
        elif self._lingering:
            self._drain(len(data))
            return
        elif self._held is not None:
            self._held = memoryview(bytes(self._held) + data)
            return
        else:
            self._feed_measured(memoryview(data))
        self._await_the_rest()

    def _await_the_rest(self) -> None:
        if self._is_websocket:
            return  # a websocket's from here on
        if self._body_arriving or self.scope is not self._complete_head:
            if self._deadline is None and not self._lingering:
                self._start_deadline()
        elif (self.cycle is None or self.cycle.response_complete) and not self._lingering:
            self._keep_alive_until_data()  # empty lines between requests

    def _feed_measured(self, data: memoryview) -> None:
        """Feeds the parser in slices, so that no part of a request can outgrow its limit by much."""
        self._measuring = True
        for start in range(0, len(data), SLICE):
            if len(self.pipeline) >= MOST_PIPELINED:
                self._held = data[start:]
                return
            part = data[start : start + SLICE]
            scope, body_arriving = self.scope, self._body_arriving
            self._feed(part)
            if self._lingering:
                return
            if self._body_arriving:
                self._wire_received += len(part) if body_arriving else 0
                self._refuse_excess_of_body()
            elif self.scope is not self._complete_head:
                self._head_received = self._head_received + len(part) if scope is self.scope else 0
                if self._head_received > self._most_in_head:
                    self._refuse(431)
            if self._lingering or self.transport.is_closing():
                return
        self._measuring = False

    def _refuse_excess_of_body(self) -> None:
        framing = self._wire_received - self._body_received
        if framing > self._most_in_head + FRAMING_PER_BODY_BYTE * self._body_received:
            self._refuse(431)
        elif self.cycle.response_complete and self._wire_received > DRAINED_BYTES:
            self.transport.close()

    def _feed(self, data: Bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._after_upgrade(memoryview(data)[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refusal or 400)

    def _after_upgrade(self, rest: memoryview) -> None:
        """Goes on with what follows a head that asks for an upgrade, and for each of those behind it."""
        while not self._should_upgrade():
            head = self._head_without_upgrade()
            self._upgrade_ignored = False
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            try:
                self.parser.feed_data(head)
                self.parser.feed_data(rest)
                return
            except httptools.HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
            except httptools.HttpParserError:
                self._refuse(self._refusal or 400)
                return
        self.handle_websocket_upgrade()

    def _should_upgrade(self) -> bool:
        return self.url.startswith(WEBSOCKETS) and super()._should_upgrade()

    def _head_without_upgrade(self) -> bytes:
        """The head as it was read. What `Connection` says besides, such as close, still holds."""
        lines = [
            self.parser.get_method() + b" " + self.url + f" HTTP/{self.parser.get_http_version()}".encode()
        ]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    # --- what the parser reports -------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        if len(self.headers) > self._most_headers or (self._measuring and self._head_is_too_large()):
            self._refusal = 431
            raise _Refused
        if self.parser.should_upgrade() and not self._should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise _Refused
            self._upgrade_ignored = True
            return
        self._cancel_deadline()
        if self.parser.should_upgrade():
            self._is_websocket = True
            super().on_headers_complete()
            return
        self._complete_head, self._body_arriving = self.scope, True
        super().on_headers_complete()
        if not self.cycle.keep_alive:
            self.cycle.transport = cast(asyncio.Transport, ClosesAfterBody(self))
        self.headers = []  # for trailers, which are not to be taken for headers

    def on_body(self, body: bytes) -> None:
        self._body_received += len(body)
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        if self._upgrade_ignored or not self._body_arriving:
            return  # the body of the first follows; the second is a websocket's handshake
        self._body_arriving = False
        if self._deadline is not None:
            self._cancel_deadline()
        self._wire_received = self._body_received = 0
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._held is not None and len(self.pipeline) < MOST_PIPELINED:
            held, self._held = self._held, None
            if not self.transport.is_closing() and not self._lingering:
                self._unset_keepalive_if_required()
                self._feed_measured(held)
                self._await_the_rest()
                self.flow.resume_reading()

    @property
    def has_backlog(self) -> bool:
        """Whether more was read than is served now: it is no use to read on."""
        return bool(self.pipeline) or self._held is not None

    def _head_is_too_large(self) -> bool:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        return size > self._most_in_head

    # --- deadlines ---------------------------------------------------------------------------------------

    def _start_deadline(self) -> None:
        self._since = self.loop.time()
        seconds = self._limits.body_seconds if self._body_arriving else self._limits.head_seconds
        self._deadline = self.loop.call_later(seconds, self._deadline_passed)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _deadline_passed(self) -> None:
        """Refuses what should have arrived, unless it is us who don't read, or much of it has arrived."""
        if self.flow.read_paused:
            self._start_deadline()
            return
        seconds = self._limits.head_seconds
        if self._body_arriving:
            seconds = self._limits.body_seconds + self._wire_received / BODY_BYTES_PER_SECOND
        due = max(self._since, self._timed_flow.resumed_at) + seconds
        if due > self.loop.time():
            self._deadline = self.loop.call_at(due, self._deadline_passed)
        else:
            self._refuse(408)

    # --- refusals ----------------------------------------------------------------------------------------

    def _refuse(self, status: int) -> None:
        """Answers and ends the connection; answers to earlier requests on it go first."""
        cycle, of_this_request = self.cycle, self._body_arriving
        if of_this_request and (cycle.response_started or self.pipeline):
            self.transport.close()
            return
        self._cancel_deadline()
        if cycle is not None and not cycle.response_complete and not of_this_request:
            cycle.keep_alive = False
            self._linger()
            return
        self.transport.write(self._refusal_answer(status))
        if of_this_request:
            cycle.disconnected = True
            cycle.message_event.set()
        self.close_gently()

    def close_gently(self) -> None:
        """Sends no more and closes soon: closing with unread data would take back the answer (RST)."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._linger()
        else:
            self.transport.close()

    @property
    def body_arriving(self) -> bool:
        return self._body_arriving

    def _linger(self) -> None:
        self._lingering = True
        self._wire_received = 0
        self._deadline = self.loop.call_later(SECONDS_TO_READ_REFUSAL, self._end_lingering)

    def _end_lingering(self) -> None:
        if self.cycle is None or self.cycle.response_complete or self.cycle.disconnected:
            self.transport.close()
        else:
            self._deadline = self.loop.call_later(SECONDS_TO_READ_REFUSAL, self._end_lingering)

    def _drain(self, size: int) -> None:
        self._wire_received += size
        if self._wire_received > DRAINED_BYTES:
            self.transport.abort()

    def _refusal_answer(self, status: int) -> bytes:
        text = REFUSALS[status].encode()
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(text)).encode()),
            (b"connection", b"close"),
        ]
        lines = [name + b": " + value for name, value in headers]
        return STATUS_LINE[status] + b"\r\n".join([*lines, b"", text])


class _Refused(Exception):
    """Stops the parser."""
