"""The control API under /_sim: plain JSON for tests in any language, the CLI and the console.

Off loopback, or where an admin token is set, it asks for `Authorization: Bearer TOKEN`. Refusals are HTTP
statuses with {"error": "one sentence that says what would be right"}.
"""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer
from starlette.routing import BaseRoute

from wecom_tollbooth.sim_api.layers import PREFIX
from wecom_tollbooth.sim_api.pages import acquisition_links, welcome
from wecom_tollbooth.sim_api.routes import FOREIGN, UNAUTHORIZED
from wecom_tollbooth.sim_api.sections import SECTIONS
from wecom_tollbooth.sim_api.unkeepable import refuse_what_cannot_be_kept

TAGS: list[dict[str, Any]] = [
    {
        "name": section.tag,
        "description": f"{section.title_zh} / {section.title_en}",
        "x-displayName": f"{section.title_zh} {section.title_en}",
    }
    for section in SECTIONS
]

ADMIN_TOKEN = HTTPBearer(
    scheme_name="AdminToken",
    description="管理令牌，设置了 TOLLBOOTH_ADMIN_TOKEN 时需要 / "
    "The admin token, where TOLLBOOTH_ADMIN_TOKEN is set",
    auto_error=False,
)
"""Describes the token to OpenAPI; admin_token.py checks it."""


def _routes() -> list[BaseRoute]:
    guards = [Depends(ADMIN_TOKEN), Depends(refuse_what_cannot_be_kept)]
    named: dict[str, Any] = {"generate_unique_id_function": lambda route: route.name}
    control = APIRouter(prefix=PREFIX, dependencies=guards, responses=UNAUTHORIZED | FOREIGN, **named)
    everyone = APIRouter(**named)
    everyone.include_router(welcome.router)
    everyone.include_router(acquisition_links.on_wecoms_host)
    for section in SECTIONS:
        for router in section.routers:
            (everyone if section.is_open else control).include_router(router, tags=[section.tag])
    return [*everyone.routes, *control.routes]


ROUTES = _routes()
"""All routes outside of /cgi-bin, for every app of the process: FastAPI takes 0.1 s to build them."""
