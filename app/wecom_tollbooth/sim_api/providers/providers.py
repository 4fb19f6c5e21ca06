"""Providers (服务商): made, and shown with the newest suite_ticket."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.corps.tables import Provider
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.providers import tickets
from wecom_tollbooth.seeds import NewCorp, make_corp
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp, the_provider
from wecom_tollbooth.world import clock, ids

router = APIRouter()


class ProviderRequest(BaseModel):
    """`corpid`: a corp of this server that becomes a provider too; without it an empty one is made."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="演示服务商", min_length=1, max_length=64)
    corpid: str | None = None


@router.post("/providers")
async def create_provider(body: ProviderRequest, server: TheServer) -> dict[str, Any]:
    """Makes a provider with one suite. A provider is a corp too: `provider_id` is its corpid."""
    if body.corpid is not None:
        corp_id = body.corpid
    else:
        corp_id = await server.off_loop(make_corp, server.database, NewCorp(body.name))

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corp_id)
        if tx.session.get(Provider, corp_id) is not None:
            raise SimError(422, f"{corp_id} is a provider already; GET /_sim/providers/{corp_id} shows it")
        seed, number = server.settings.seed, tx.next_id()
        provider = Provider(
            corp_id=corp_id,
            provider_secret=ids.draw(seed, f"provider_secret/{corp_id}", number, 64),
            suite_id="ww" + ids.draw(seed, f"suite/{corp_id}", number, 16, "0123456789abcdef"),
            suite_secret=ids.draw(seed, f"suite_secret/{corp_id}", number, 43),
            created_at=clock.now(tx),
        )
        tx.session.add(provider)
        tx.flush()
        return _described(tx, provider)

    return await server.run(work)


@router.get("/providers/{provider_id}")
async def show_provider(provider_id: str, server: TheServer) -> dict[str, Any]:
    """The provider with its secrets and the newest suite_ticket, which is good for 30 minutes."""

    def work(tx: Transaction) -> dict[str, Any]:
        return _described(tx, the_provider(tx, provider_id))

    return await server.run(work)


def _described(tx: Transaction, provider: Provider) -> dict[str, Any]:
    return {
        "provider_id": provider.corp_id,
        "provider_secret": provider.provider_secret,
        "suite_id": provider.suite_id,
        "suite_secret": provider.suite_secret,
        "suite_ticket": tickets.ticket_at(provider, clock.now(tx)),
    }
