"""create_app(): puts the whole application together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Receive, Scope, Send

from wecom_tollbooth import __version__
from wecom_tollbooth.client.page_proxy import PageProxy
from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.db import in_transaction
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.asgi import GatewayMiddleware
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.http_protocol import STATE_KEY, HttpLimits
from wecom_tollbooth.http_protocol.addresses import TrustedProxies
from wecom_tollbooth.migrate import look_before_opening, prepare
from wecom_tollbooth.on_demand import IMPORTING, families_on_demand
from wecom_tollbooth.server import Server
from wecom_tollbooth.settings import Settings, load_settings

if TYPE_CHECKING:
    from wecom_tollbooth.console.mount import ConsoleMount
    from wecom_tollbooth.worker import Worker

SECONDS_BEFORE_WORK = 0.25
"""How long the background threads of a quick start leave the interpreter to the first calls."""

DESCRIPTION = (
    "企业微信客户联系接口的模拟器，自带计费层：每次调用都计量、计价、可解释。本页可离线使用。"
    "`sim_` 开头的分组是控制接口，其余是模拟的企业微信接口。\n\n"
    "A simulator of WeCom's external-contact API with a metering layer: every call is metered, priced and "
    "explained. This page works offline. The groups that begin with `sim_` are the control API, the others "
    "WeCom's simulated API."
)


def create_app(settings: Settings | None = None, *, on_demand: bool = False) -> FastAPI:
    """The whole application. Raises WrongSetting if it cannot start with these settings.

    `on_demand`: families and the control API are imported when somebody first calls them. The start takes
    half the time, and those calls take longer.
    """
    settings = settings or load_settings()
    look_before_opening(settings)
    if on_demand:
        operations, meters = families_on_demand()
    else:
        operations = load_families()
        meters = {operation.meter for operation in operations}
    server = Server(settings, meters)
    try:
        prepare(server.database)
        in_transaction(server.database, unfinished.give_up_at_start)
    except BaseException:
        server.close()
        raise
    gateway, work = Gateway(server, operations), _BackgroundWork(server)
    if not on_demand:
        work.prepare()
    https = None
    if settings.tls:
        from wecom_tollbooth.tls.front import HttpsFront  # its library would slow down every other start

        https = HttpsFront(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        server.database.serve()
        watches = [
            asyncio.create_task(server.readiness.watch_file()),
            asyncio.create_task(server.counts.write_now_and_then()),
        ]
        if on_demand:
            watches.append(asyncio.create_task(work.start_later()))
        else:
            work.start()
        state = {STATE_KEY: HttpLimits.of(settings)}
        if https is not None:
            await https.start(app, state)
        yield state
        console: ConsoleMount | None = getattr(app.state, "console", None)
        if console is not None:
            await console.close()
        if https is not None:
            await https.stop()
        for watch in watches:
            watch.cancel()
        work.stop()
        server.counts.write()
        gateway.close()
        server.close()

    app = FastAPIOffline(
        title="WeCom Tollbooth",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # ours is in reference/
        # A route may declare another: @router.post(..., max_body_size=...).
        max_body_size=settings.max_body_bytes,
    )
    app.state.server, app.state.gateway, app.state.https = server, gateway, https
    _put_gateway_in_front(app, gateway, on_demand)
    _document_operations(app, gateway)
    return app


class _BackgroundWork:
    """The server's background threads, and the import of what they need."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._worker: Worker | None = None

    def prepare(self) -> None:
        with IMPORTING:
            from wecom_tollbooth.worker import Worker  # needs several families

            self._worker = Worker(self._server)

    def start(self) -> None:
        assert self._worker is not None
        self._worker.start()

    async def start_later(self) -> None:
        """Starts them a moment later; the first thing they do is to look for what was left to them."""
        await asyncio.sleep(SECONDS_BEFORE_WORK)
        await asyncio.to_thread(self.prepare)
        self.start()

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()


def _put_gateway_in_front(app: FastAPI, gateway: Gateway, on_demand: bool) -> None:
    """Puts the gateway before FastAPI's own layers, which would cost more than the call itself."""
    layers = app.build_middleware_stack
    settings = gateway.server.settings

    def mount() -> None:
        from wecom_tollbooth import control_app

        control_app.mount(app, settings)

    def control() -> ASGIApp:
        from wecom_tollbooth import control_app

        return control_app.guarded(layers(), settings)

    def mounted() -> ASGIApp:
        mount()
        return control()

    def with_gateway() -> ASGIApp:
        behind = _AtFirstRequest(mounted, app.router) if on_demand else control()
        front: ASGIApp = PageProxy(GatewayMiddleware(behind, gateway), gateway.server)
        networks = settings.proxy_networks
        return TrustedProxies(front, networks) if networks else front

    if not on_demand:
        mount()
    app.build_middleware_stack = with_gateway  # type: ignore[method-assign]


class _AtFirstRequest:
    """An ASGI application that is made when its first request arrives; `router` serves the lifespan alone."""

    def __init__(self, make: Callable[[], ASGIApp], router: ASGIApp) -> None:
        self._make = make
        self._router = router
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._router(scope, receive, send)
            return
        if self._app is None:
            self._app = self._make()
        await self._app(scope, receive, send)


def _document_operations(app: FastAPI, gateway: Gateway) -> None:
    """/openapi.json: FastAPI's own routes, and all operations of the registry."""
    own = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            from wecom_tollbooth.gateway import openapi

            schema = own()
            operations = openapi.document(gateway.operations, gateway.server.price_books.books[-1])
            schema["tags"] = [*schema.get("tags", ()), *operations["tags"]]
            schema["paths"] = {**operations["paths"], **schema["paths"]}
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(operations["components"]["schemas"])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
