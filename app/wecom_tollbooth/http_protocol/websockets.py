"""Websockets: the console's alone."""

from typing import Any

PREFIX = b"/console/_nicegui_ws/"
"""Where an upgrade to a websocket is served; elsewhere a request is served as if it had not asked."""


def websocket_protocol(**options: Any) -> Any:
    """uvicorn's protocol for one websocket."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    return WebSocketsSansIOProtocol(**options)
