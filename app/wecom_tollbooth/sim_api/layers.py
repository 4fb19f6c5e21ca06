"""What the ASGI layers in front of the control API have in common."""

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

PREFIX = "/_sim"
CONSOLE_PREFIX = "/console"


def is_control(path: str) -> bool:
    """Whether the path belongs to the control API."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def is_console(path: str) -> bool:
    """Whether the path belongs to the console, which reaches the control API on behalf of a browser."""
    return path == CONSOLE_PREFIX or path.startswith(f"{CONSOLE_PREFIX}/")


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    """Answers with the sentence, in the form of the control API's errors; a WebSocket is closed with it."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": sentence[:120]})
        return
    await JSONResponse({"error": sentence}, status)(scope, receive, send)
