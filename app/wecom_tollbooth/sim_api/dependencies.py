"""What control routes ask FastAPI for."""

from typing import Annotated

from fastapi import Depends, Request

from wecom_tollbooth.server import Server


def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


TheServer = Annotated[Server, Depends(_server)]
"""The server that a route belongs to."""
