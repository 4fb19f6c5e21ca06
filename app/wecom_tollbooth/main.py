"""create_app(): the map of everything that is mounted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from wecom_tollbooth import __version__, sim_api
from wecom_tollbooth.gateway import openapi
from wecom_tollbooth.gateway.asgi import Gateway
from wecom_tollbooth.migrate import prepare
from wecom_tollbooth.server import Server
from wecom_tollbooth.settings import Settings, load_settings
from wecom_tollbooth.sim_api import errors
from wecom_tollbooth.sim_api.pages import welcome

DESCRIPTION = """企业微信客户联系接口的模拟器，前面有一座收费站：每次调用都计量、计价、可解释。

A simulator of WeCom's external-contact API with a toll booth in front: every call is metered, priced and
explained. 文档可离线使用 / This page works offline."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole application. Raises WrongSetting when it cannot start as it is set."""
    server = Server(settings or load_settings())
    try:
        prepare(server.database)
    except BaseException:
        server.close()
        raise

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        server.delivery.start()
        yield
        server.close()

    app = FastAPIOffline(
        title="WeCom Tollbooth",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=sim_api.TAGS,
        lifespan=lifespan,
    )
    app.state.server = server
    errors.install(app)
    app.include_router(welcome.router)
    app.include_router(sim_api.control_router(server))
    app.include_router(sim_api.open_router())
    _put_gateway_in_front(app, server)
    _document_operations(app, server)
    return app


def _put_gateway_in_front(app: FastAPI, server: Server) -> None:
    """Before all of FastAPI's own layers, which would cost a call more than its work does."""
    layers = app.build_middleware_stack

    def with_gateway() -> ASGIApp:
        return Gateway(layers(), server)

    app.build_middleware_stack = with_gateway  # type: ignore[method-assign]


def _document_operations(app: FastAPI, server: Server) -> None:
    """/openapi.json: FastAPI's own routes, and all operations of the registry."""
    own = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = own()
            operations = openapi.document(server.operations, server.price_books.books[-1])
            schema["tags"] = [*schema.get("tags", ()), *operations["tags"]]
            schema["paths"] = {**operations["paths"], **schema["paths"]}
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(operations["components"]["schemas"])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
