"""The console by itself, for a server elsewhere: `tollbooth console --url`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from wecom_tollbooth.console.app import running_console
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.sim_api.browser_guard import BrowserGuard


def console_apart(settings: Settings) -> ASGIApp:
    """The console of the server at `settings.url`, at / of its own port."""

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with running_console(settings.url, settings) as console:
            application.mount("/", console)
            yield

    guard: Any = BrowserGuard(Starlette(lifespan=lifespan), settings, (), console=lambda _: True)
    return guard  # type: ignore[no-any-return]
