"""The TLS port: the same application and protocol as on the plain port, in the same event loop."""

import asyncio
import errno
import logging
import socket
import ssl
from contextlib import suppress
from email.utils import formatdate
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from wecom_tollbooth.http_protocol import OPTIONS
from wecom_tollbooth.tls.doorstep import HANDSHAKE_SECONDS, Doorstep

log = logging.getLogger("tollbooth.tls")

SECONDS_TO_FINISH = 5
"""How long running requests may take when the server stops."""
ACCEPTED_AT_ONCE = 16
"""In one round of the event loop: calls on open connections go on while many clients connect."""
SECONDS_WITHOUT_FILES = 0.5
"""How long no connection is accepted after the process had too many open files."""


class TlsListener:
    """Serves `app` over TLS on `bound` until it is stopped.

    It stands beside uvicorn's own server, whose sockets are either all plain or all TLS.
    """

    def __init__(self, app: ASGIApp, bound: socket.socket, context: ssl.SSLContext) -> None:
        self._config = uvicorn.Config(app, **OPTIONS, log_config=None, lifespan="off")
        self._bound, self._context = bound, context
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._doorstep: Doorstep | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def start(self, app_state: dict[str, Any], plain_port: int) -> None:
        if not self._config.loaded:
            self._config.load()
        self._loop = loop = asyncio.get_running_loop()

        def connection() -> asyncio.Protocol:
            protocol: asyncio.Protocol = self._config.http_protocol_class(  # type: ignore[call-arg]
                config=self._config, server_state=self._state, app_state=app_state, _loop=loop
            )
            return protocol

        self._update_headers()
        self._doorstep = Doorstep(connection, self._context, plain_port)
        self._bound.listen(self._config.backlog)
        try:
            self._listen()
        except NotImplementedError:  # the event loop of Windows watches no sockets
            self._server = await loop.create_server(
                connection, sock=self._bound, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )

    async def stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if self._server is not None:
            self._server.close()
        elif self._doorstep is not None:
            self._loop.remove_reader(self._bound)
        if self._doorstep is not None:
            await self._doorstep.close()
        for open_connection in list(self._state.connections):
            open_connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_FINISH):
                while self._state.connections or self._state.tasks:
                    await asyncio.sleep(0.02)

    def _listen(self) -> None:
        self._loop.add_reader(self._bound, self._accept)

    def _accept(self) -> None:
        assert self._doorstep is not None
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, _address = self._bound.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    raise
                log.warning("no connection can be accepted: %s", error.strerror)
                self._loop.remove_reader(self._bound)
                self._timers["listen"] = self._loop.call_later(SECONDS_WITHOUT_FILES, self._listen)
                return
            connection.setblocking(False)
            self._doorstep.welcome(connection)

    def _update_headers(self) -> None:
        """uvicorn's own server does the same once a second."""
        date = (b"date", formatdate(usegmt=True).encode())
        self._state.default_headers = [date, *self._config.encoded_headers]
        self._timers["headers"] = self._loop.call_later(1, self._update_headers)
