"""What the server mounts at /console: it starts the console with the first visit.

The console runs in the server's process but asks it over HTTP. With several workers it can't: a browser's
connection leads to any of them, and a page lives in one. Then, and without NiceGUI, one sentence says what to
do.
"""

import asyncio
from contextlib import AsyncExitStack
from html import escape
from importlib.util import find_spec

from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from wecom_tollbooth.settings import Settings

PREFIX = "/console"
WEBSOCKET_PREFIX = f"{PREFIX}/_nicegui_ws/"

WITHOUT_NICEGUI = (
    "控制台没有安装：运行 pip install 'wecom-tollbooth[console]'，然后重启服务。",
    "The console is not installed: run pip install 'wecom-tollbooth[console]' and restart the server.",
)
SEVERAL_WORKERS = (
    "服务有多个进程，控制台要单独运行：tollbooth console --url {url}",
    "The server has several workers, so the console runs apart: tollbooth console --url {url}",
)

SECOND_CONSOLE = (
    "这个进程里已经有一个控制台，另一个要单独运行：tollbooth console --url http://…",
    "This process has a console already; another one runs apart: tollbooth console --url http://…",
)


def is_installed() -> bool:
    """Whether the extra `console` is there; looks for it without importing it."""
    return find_spec("nicegui") is not None


class ConsoleMount:
    """An ASGI application: the console, made when somebody first asks for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._console: ASGIApp | None = None
        self._making = asyncio.Lock()
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PREFIX:
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{PREFIX}/{'?' if query else ''}{query}")(scope, receive, send)
            return
        sentence = self._why_not(scope)
        if sentence is not None:
            await _say(scope, receive, send, sentence)
            return
        console = self._console or await self._made_once(scope)
        if console is None:
            await _say(scope, receive, send, SECOND_CONSOLE)
        else:
            await console(scope, receive, send)

    async def close(self) -> None:
        await self._running.aclose()

    def _why_not(self, scope: Scope) -> tuple[str, str] | None:
        if not is_installed():
            return WITHOUT_NICEGUI
        if self._settings.workers > 1:
            url = _own_url(scope, self._settings)
            return SEVERAL_WORKERS[0].format(url=url), SEVERAL_WORKERS[1].format(url=url)
        return None

    async def _made_once(self, scope: Scope) -> ASGIApp | None:
        async with self._making:
            if self._console is None:
                # The import takes a second; calls go on meanwhile.
                await asyncio.to_thread(_import_console)
                from wecom_tollbooth.console.app import SecondConsole, running_console

                running = running_console(_own_url(scope, self._settings), self._settings)
                try:
                    self._console = await self._running.enter_async_context(running)
                except SecondConsole:
                    return None
            return self._console


def _import_console() -> None:
    import wecom_tollbooth.console.app  # noqa: F401


def _own_url(scope: Scope, settings: Settings) -> str:
    """The address of the server's plain port, on the interface where this request arrived."""
    host, port = scope.get("server") or (settings.host, settings.port)
    if scope.get("scheme") in ("https", "wss"):
        port = settings.port
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


async def _say(scope: Scope, receive: Receive, send: Send, sentence: tuple[str, str]) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013, "reason": "no console here"})
        return
    zh, en = map(escape, sentence)
    page = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>WeCom Tollbooth</title>'
        '<meta name="viewport" content="width=device-width">'
        '<body style="font: 16px/1.6 system-ui, sans-serif; max-width: 40em; margin: 15vh auto">'
        f'<p>{zh}</p><p lang="en">{en}</p></body></html>'
    )
    await HTMLResponse(page, 503)(scope, receive, send)
