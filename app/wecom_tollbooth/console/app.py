"""The console itself. NiceGUI has one application in a process, so there is one console in a process."""

import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from fastapi import FastAPI, HTTPException
from nicegui import ui
from nicegui.language import Language as QuasarLanguage
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wecom_tollbooth.console import pages
from wecom_tollbooth.console.forwarding import forward_call, forward_control
from wecom_tollbooth.console.frame import serve_page
from wecom_tollbooth.console.guard import (
    LANGUAGE_COOKIE,
    LOGIN_COOKIE,
    MODE_COOKIE,
    SECONDS_LOGGED_IN,
    Login,
    Modes,
    mode_cookie,
    modes_of,
)
from wecom_tollbooth.console.login_page import login_page
from wecom_tollbooth.console.page import MISSING, PAGES, Declared
from wecom_tollbooth.console.server_api import ServerApi
from wecom_tollbooth.console.words import CHINESE, ENGLISH, Language, language_of
from wecom_tollbooth.settings import Settings

FILES = Path(__file__).parent / "files"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
NO_PAGES = ("/login", "/files/", "/api/", "/_nicegui", "/favicon.ico")
OPEN = ("/login", "/files/", "/_nicegui/")
"""What is served without a login: nothing of it knows a corp."""

MOST_OF_A_FORM = 64 * 1024
"""Bytes."""

HEADERS = {
    # NiceGUI writes scripts into its pages and compiles templates in the browser.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self' http: https:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_made: list[str] = []


class SecondConsole(RuntimeError):
    """NiceGUI cannot start again in a process."""


@asynccontextmanager
async def running_console(url: str, settings: Settings) -> AsyncIterator[ASGIApp]:
    """The console of the server at `url`, running. Raises SecondConsole for another one in the process."""
    if _made:
        raise SecondConsole(url)
    _made.append(url)
    console = _Console(url, settings)
    application = console.application()
    try:
        async with application.router.lifespan_context(application):
            yield _Guarded(application, console)
    finally:
        await console.api.close()


class _Console:
    """What one console holds."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.api = ServerApi(url, settings.admin_token)
        self.login = Login(settings.admin_token)
        self._always_read_only = settings.console_read_only

    def modes(self, request: HTTPConnection) -> Modes:
        return modes_of(request, always_read_only=self._always_read_only)

    def language(self, request: HTTPConnection) -> Language:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        if chosen in (CHINESE, ENGLISH):
            return chosen
        return language_of(request.headers.get("accept-language", ""))

    def application(self) -> FastAPI:
        for found in pkgutil.iter_modules(pages.__path__):
            import_module(f"{pages.__name__}.{found.name}")
        application = FastAPI(openapi_url=None)
        application.router.routes[:] = [
            Mount("/files", StaticFiles(directory=FILES)),
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/logout", self._logout, methods=["POST"]),
            Route("/choose", self._choose, methods=["POST"]),
            Route("/api/_sim/{path:path}", self._control, methods=METHODS),
            Route("/api/corps/{corpid}/cgi-bin/{operation:path}", self._call, methods=["GET", "POST"]),
        ]
        for declared in PAGES.values():
            self._declare(declared)
        ui.run_with(
            application,
            title="WeCom Tollbooth",
            favicon=FILES / "favicon.svg",
            language=None,
            tailwind=False,
            binding_refresh_interval=None,
            show_welcome_message=False,
            reconnect_timeout=10,
            # The first visit gets 1 MB of scripts: 18 ms to compress instead of 60, for a sixth more bytes.
            gzip_middleware_factory=partial(GZipMiddleware, compresslevel=1),
        )
        return application

    def _declare(self, declared: Declared) -> None:
        # No parameters but the request: FastAPI would read them from it.
        async def show(request: Request) -> None:
            await serve_page(declared, request, self.api, self.language(request), self.modes(request))

        # NiceGUI's page has one language; two are declared, and the request's path is led to one of them.
        languages: tuple[tuple[Language, QuasarLanguage], ...] = ((CHINESE, "zh-CN"), (ENGLISH, "en-US"))
        for language, quasar in languages:
            ui.page(f"/{language}{declared.path}", language=quasar, response_timeout=30)(show)

    async def _control(self, request: Request) -> Response:
        return await forward_control(request, self.api, self.modes(request))

    async def _call(self, request: Request) -> Response:
        return await forward_call(request, self.api, self.modes(request))

    async def _login(self, request: Request) -> Response:
        language, root = self.language(request), request.scope.get("root_path", "")
        target = request.query_params.get("next", "/")
        if not target.startswith("/") or target.startswith(("//", "/\\")):
            target = "/"
        if request.method == "GET":
            return login_page(language, root, wrong=False)
        form = await _small_form(request)
        cookie = self.login.cookie_for(form.get("token", ""))
        if cookie is None:
            return login_page(language, root, wrong=True)
        answer = RedirectResponse(root + target, 303)
        _set_cookie(answer, request, LOGIN_COOKIE, cookie, httponly=True, seconds=SECONDS_LOGGED_IN)
        return answer

    async def _logout(self, request: Request) -> Response:
        answer = RedirectResponse(request.scope.get("root_path", "") + "/login", 303)
        answer.delete_cookie(LOGIN_COOKIE, path=_cookie_path(request))
        return answer

    async def _choose(self, request: Request) -> Response:
        """Takes a language or the modes of this browser, and goes back to the page."""
        form = await _small_form(request)
        root = request.scope.get("root_path", "")
        back = form.get("back", "/")
        if not back.startswith("/") or back.startswith(("//", "/\\")):
            back = root + "/"
        answer = RedirectResponse(back, 303)
        language = form.get("language")
        if language in (CHINESE, ENGLISH):
            _set_cookie(answer, request, LANGUAGE_COOKIE, language, seconds=365 * 86_400)
        if "modes" in form:
            chosen = Modes(read_only="read_only" in form, presenter="presenter" in form)
            _set_cookie(answer, request, MODE_COOKIE, mode_cookie(chosen), seconds=365 * 86_400)
        return answer


class _Guarded:
    """An ASGI layer in front of the console: login, headers, and which language a page has."""

    def __init__(self, app: ASGIApp, console: _Console) -> None:
        self._app, self._console = app, console
        self._patterns = tuple(path.split("/") for path in PAGES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        root: str = scope.get("root_path", "")
        path: str = scope["path"].removeprefix(root)
        if not path.startswith(OPEN) and not self._console.login.lets_in(request):
            await self._turn_away(scope, receive, send, root, path)
            return
        if scope["type"] == "http" and scope["method"] == "GET" and not path.startswith(NO_PAGES):
            shown = path if self._is_page(path) else MISSING
            scope = {**scope, "path": f"{root}/{self._console.language(request)}{shown}"}
        await self._app(scope, receive, _with_headers(send))

    def _is_page(self, path: str) -> bool:
        parts = path.split("/")
        return any(
            len(parts) == len(pattern)
            and all(
                wanted == given or wanted.startswith("{")
                for wanted, given in zip(pattern, parts, strict=True)
            )
            for pattern in self._patterns
        )

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send, root: str, path: str) -> None:
        answer: Response
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
            return
        if scope["method"] == "GET" and not path.startswith("/api/"):
            query = scope["query_string"].decode("latin-1")
            target = quote(path + ("?" if query else "") + query, safe="/")
            answer = RedirectResponse(f"{root}/login?next={target}", 303)
        else:
            answer = JSONResponse({"error": "log in first"}, 401)
        await answer(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return with_headers


async def _small_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises 413 for a large one, which anybody could send before a login."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_OF_A_FORM:
            raise HTTPException(413)
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _cookie_path(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root or "/"


def _set_cookie(
    answer: Response, request: Request, name: str, value: str, *, seconds: int, httponly: bool = False
) -> None:
    options: dict[str, Any] = {
        "httponly": httponly,
        "samesite": "lax",
        "secure": request.url.scheme == "https",
    }
    answer.set_cookie(name, value, max_age=seconds, path=_cookie_path(request), **options)
