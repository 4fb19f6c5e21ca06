"""How slow follow-ups are in a corp: read and set."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Discriminator, Tag

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.follow_ups.family import PREFIX
from wecom_tollbooth.families.follow_ups.latency import ARTICLE, Profile, article, profile_of, set_profile
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()


class LatencyRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    profile: Annotated[
        Annotated[Literal["none", "article-2025"], Tag("name")] | Annotated[Profile, Tag("figures")],
        # What is wrong is told of the form that was meant.
        Discriminator(lambda given: "figures" if isinstance(given, dict | Profile) else "name"),
    ]


@router.get("/corps/{corpid}/latency")
async def show_latency(corpid: str, server: TheServer) -> dict[str, Any]:
    """{"profile": …}: the figures in force; null for none."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        return _shown(profile_of(tx, corpid))

    return await server.run(work)


@router.put("/corps/{corpid}/latency")
async def set_latency(corpid: str, body: LatencyRequest, gateway: TheGateway) -> dict[str, Any]:
    """Lets the answers of follow-up operations wait, by a profile's name or by figures of your own.

    The reply is that of GET. The wait begins after the commit, holds up no other call, and is the same again
    for the same seed and calls.
    """
    named = body.profile
    profile = (
        named
        if isinstance(named, Profile)
        else article(gateway.server.settings)
        if named == ARTICLE
        else None
    )
    words = [one.path.removeprefix(PREFIX) for one in gateway.operations if one.path.startswith(PREFIX)]
    for word in profile.operations if profile else ():
        if word not in words:
            raise SimError(422, f"operations: {word!r} is none of {', '.join(words)}")

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        set_profile(tx, corpid, profile)
        return _shown(profile)

    return await gateway.server.run(work)


def _shown(profile: Profile | None) -> dict[str, Any]:
    return {"profile": None if profile is None else profile.model_dump()}
