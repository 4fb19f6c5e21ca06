"""How slow follow-ups are in a corp: read and set."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from app.db import Transaction
from app.families.follow_ups.latency import ARTICLE, Profile, article, profile_of, set_profile
from app.sim_api.corps import the_corp
from app.sim_api.server import TheServer

router = APIRouter()


class LatencyRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    profile: Literal["none", "article-2025"] | Profile


@router.get("/corps/{corpid}/latency")
async def show_latency(corpid: str, server: TheServer) -> dict[str, Any]:
    """{"profile": …}: the figures in force; null for none."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        return _shown(profile_of(tx, corpid))

    return await server.run(work)


@router.put("/corps/{corpid}/latency")
async def set_latency(corpid: str, body: LatencyRequest, server: TheServer) -> dict[str, Any]:
    """Lets the answers of follow-up operations wait, by a profile's name or by figures of your own.

    The reply is that of GET. The wait begins after the commit, holds up no other call, and is the same again
    for the same seed and calls.
    """
    named = body.profile
    profile = named if isinstance(named, Profile) else article(server.settings) if named == ARTICLE else None

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        set_profile(tx, corpid, profile)
        return _shown(profile)

    return await server.run(work)


def _shown(profile: Profile | None) -> dict[str, Any]:
    return {"profile": None if profile is None else profile.model_dump()}
