"""Asks for the admin token before anything of a control request is read."""

import secrets
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from wecom_tollbooth.sim_api.layers import is_control, refuse


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
            sentence = "send the header Authorization: Bearer <TOLLBOOTH_ADMIN_TOKEN>"
            await refuse(scope, receive, send, 401, sentence)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if not is_control(path) or path.startswith(self._open):
            return True
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return secrets.compare_digest(given, self._wanted)
