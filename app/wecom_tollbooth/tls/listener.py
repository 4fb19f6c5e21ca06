"""The TLS port: the same application and protocol as on the plain port, in the same event loop."""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from wecom_tollbooth.http_protocol import PROTOCOL

SECONDS_TO_FINISH = 5
"""How long running requests may take when the server stops."""
HANDSHAKE_SECONDS = 10


class TlsListener:
    """Serves `app` over TLS on `bound` until it is stopped.

    It stands beside uvicorn's own server, whose sockets are either all plain or all TLS.
    """

    def __init__(self, app: ASGIApp, bound: socket.socket, context: ssl.SSLContext, **options: Any) -> None:
        self._config = uvicorn.Config(
            app, http=PROTOCOL, log_config=None, lifespan="off", ws="none", **options
        )
        self._bound, self._context = bound, context
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def start(self, app_state: dict[str, Any]) -> None:
        if not self._config.loaded:
            self._config.load()
        loop = asyncio.get_running_loop()

        def connection() -> asyncio.Protocol:
            protocol: asyncio.Protocol = self._config.http_protocol_class(  # type: ignore[call-arg]
                config=self._config, server_state=self._state, app_state=app_state, _loop=loop
            )
            return protocol

        self._server = await loop.create_server(
            connection,
            sock=self._bound,
            ssl=self._context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            backlog=self._config.backlog,
        )

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for open_connection in list(self._state.connections):
            open_connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_FINISH):
                while self._state.connections or self._state.tasks:
                    await asyncio.sleep(0.02)
