"""What the HTTP protocol puts between itself and its transport: when to read, and how to close."""

import asyncio
from typing import Any, Protocol

from uvicorn.protocols.http.flow_control import FlowControl


class Connection(Protocol):
    """What both need to know of the HTTP protocol."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    @property
    def has_backlog(self) -> bool: ...

    @property
    def body_arriving(self) -> bool: ...

    def close_gently(self) -> None: ...


class ReadingControl(FlowControl):
    """Doesn't read on while there is a backlog, though each request that is served asks for it.

    It knows since when it reads, because a deadline doesn't run while the server doesn't read.
    """

    def __init__(self, transport: asyncio.Transport, protocol: Connection) -> None:
        super().__init__(transport)
        self._protocol = protocol
        self.resumed_at = 0.0

    def resume_reading(self) -> None:
        if self.read_paused and not self._protocol.has_backlog:
            self.resumed_at = self._protocol.loop.time()
            super().resume_reading()


class ClosesAfterBody:
    """The transport of a request that ends its connection: an answer before its body ends can be read."""

    def __init__(self, protocol: Connection) -> None:
        self._protocol = protocol

    def close(self) -> None:
        if self._protocol.body_arriving:
            self._protocol.close_gently()
        else:
            self._protocol.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol.transport, name)
