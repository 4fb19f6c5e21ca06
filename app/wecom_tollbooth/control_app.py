"""What a server answers outside of /cgi-bin: control API, /docs, login pages, scripts and pictures."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from wecom_tollbooth import pictures, sim_api
from wecom_tollbooth.client import page as client_page
from wecom_tollbooth.client import scripts
from wecom_tollbooth.console.mount import PREFIX as CONSOLE
from wecom_tollbooth.console.mount import ConsoleMount
from wecom_tollbooth.login import routes as login
from wecom_tollbooth.reference import routes as reference
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.sim_api import errors
from wecom_tollbooth.sim_api.admin_token import AdminTokenGuard
from wecom_tollbooth.sim_api.browser_guard import BrowserGuard
from wecom_tollbooth.sim_api.sections import OPEN_PREFIXES


def mount(app: FastAPI, settings: Settings) -> None:
    """Adds the routes, what guards them, and how their errors are answered."""
    app.openapi_tags = sim_api.TAGS
    app.state.console = console = ConsoleMount(settings)
    app.router.routes[:0] = [
        *sim_api.ROUTES,
        *login.router.routes,
        *scripts.router.routes,
        *pictures.router.routes,
        Route(CONSOLE, console, include_in_schema=False),
        Mount(CONSOLE, console),
        *reference.router.routes,
    ]
    errors.install(app)
    guard = Middleware(
        BrowserGuard, settings=settings, open_prefixes=OPEN_PREFIXES, in_frames=login.IN_FRAMES
    )
    app.user_middleware.insert(0, guard)


def guarded(layers: ASGIApp, settings: Settings) -> ASGIApp:
    """FastAPI's layers behind those that look at a request before anything of it is read."""
    # The client page is a shell without data: it asks for the token and sends it with its requests.
    without_token = (*OPEN_PREFIXES, client_page.PREFIX)
    return AdminTokenGuard(errors.BodyTooLarge(layers), settings.admin_token, without_token)
