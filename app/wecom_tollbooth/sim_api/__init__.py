"""The control API under /_sim: plain JSON for tests in any language, the CLI and the console.

Off loopback, or where an admin token is set, it asks for `Authorization: Bearer TOKEN`. Refusals are HTTP
statuses with {"error": "one sentence that says what would be right"}.
"""

import secrets

from fastapi import APIRouter, Depends, Request

from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api import callbacks, calls, health, operations
from wecom_tollbooth.sim_api.billing import budgets, ledger, statement, statements_of_many, usage
from wecom_tollbooth.sim_api.corps import (
    contact_scale,
    corp_groups,
    corps,
    latency,
    licences,
    providers,
    seeding,
)
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.pages import contact_ways
from wecom_tollbooth.sim_api.people import acts, clock


def router(server: Server) -> APIRouter:
    """All control routes, behind the admin token where one is set."""

    def refuse_strangers(request: Request) -> None:
        token = server.settings.admin_token
        given = request.headers.get("authorization", "")
        if token and not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise SimError(401, "send the header Authorization: Bearer <TOLLBOOTH_ADMIN_TOKEN>")

    guards = [Depends(refuse_strangers), Depends(_refuse_nul)]
    whole = APIRouter(tags=["控制接口 Control API"], dependencies=guards)
    corps_and_theirs = (corps, seeding, providers, licences, corp_groups)
    world = (*corps_and_theirs, clock, acts, contact_ways, latency, contact_scale)
    billing = (usage, statement, statements_of_many, ledger, budgets)
    for part in (health, operations, *world, calls, callbacks, *billing):
        whole.include_router(part.router)
    return whole


async def _refuse_nul(request: Request) -> None:
    """Text with a NUL can be kept in SQLite and not in PostgreSQL, so it is refused on both."""
    address = request.scope["path"].encode() + request.scope["query_string"].replace(b"%00", b"\x00")
    if b"\x00" in address or b"\\u0000" in await request.body():
        raise SimError(422, "the character NUL (U+0000) cannot be kept; leave it out")
