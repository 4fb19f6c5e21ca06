"""What control routes ask FastAPI for."""

from typing import Annotated

from fastapi import Depends, Request

from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.server import Server


def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


TheServer = Annotated[Server, Depends(_server)]
"""The server that a route belongs to."""
TheGateway = Annotated[Gateway, Depends(_gateway)]
"""The gateway of that server."""
