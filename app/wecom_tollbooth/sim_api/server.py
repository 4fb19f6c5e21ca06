"""How a control route reaches the server it belongs to."""

from typing import Annotated

from fastapi import Depends, Request

from wecom_tollbooth.server import Server


def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


TheServer = Annotated[Server, Depends(_server)]
