"""The control API under /_sim: plain JSON for tests in any language, the CLI and the console.

Off loopback, or where an admin token is set, it asks for `Authorization: Bearer TOKEN`. Refusals are HTTP
statuses with {"error": "one sentence that says what would be right"}.
"""

import secrets

from fastapi import APIRouter, Depends, Request

from app.server import Server
from app.sim_api import acts, callbacks, calls, clock, corps, health, operations, statement, usage
from app.sim_api.errors import SimError


def router(server: Server) -> APIRouter:
    """All control routes, behind the admin token where one is set."""

    def refuse_strangers(request: Request) -> None:
        token = server.settings.admin_token
        given = request.headers.get("authorization", "")
        if token and not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise SimError(401, "send the header Authorization: Bearer <TOLLBOOTH_ADMIN_TOKEN>")

    whole = APIRouter(tags=["控制接口 Control API"], dependencies=[Depends(refuse_strangers)])
    for part in (health, operations, corps, clock, acts, calls, callbacks, usage, statement):
        whole.include_router(part.router)
    return whole
