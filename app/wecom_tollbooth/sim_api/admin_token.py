"""Asks for the admin token before anything of a control request is read."""

import secrets
from collections.abc import Iterable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/_sim"


class AdminTokenGuard:
    """An ASGI layer that answers 401 to requests to /_sim without the admin token, where one is set.

    FastAPI reads the body before it asks its dependencies, so a dependency would come too late.
    `open_prefixes` ask for no token.
    """

    def __init__(self, app: ASGIApp, admin_token: str, open_prefixes: Iterable[str]) -> None:
        self._app = app
        self._wanted = f"Bearer {admin_token}".encode() if admin_token else b""
        self._open = tuple(f"{prefix}/" for prefix in open_prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._wanted and scope["type"] in ("http", "websocket") and not self._may_pass(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            message = "send the header Authorization: Bearer <TOLLBOOTH_ADMIN_TOKEN>"
            await JSONResponse({"error": message}, 401)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if not (path == PREFIX or path.startswith(f"{PREFIX}/")) or path.startswith(self._open):
            return True
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return secrets.compare_digest(given, self._wanted)
