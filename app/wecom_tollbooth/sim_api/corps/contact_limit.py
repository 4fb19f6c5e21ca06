"""The scale of external contacts that a corp has bought."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.billing import levels
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()


class ContactScale(BaseModel):
    """`limit`: the external contacts that there is room for; null: any number."""

    model_config = ConfigDict(extra="forbid")

    limit: int | None = Field(ge=0, le=10**12)


@router.put("/corps/{corpid}/contact_scale")
async def set_contact_scale(corpid: str, body: ContactScale, server: TheServer) -> dict[str, Any]:
    """Sets how many external contacts the corp has bought room for. It may have more already."""

    def work(tx: Transaction) -> dict[str, Any]:
        corp = the_corp(tx, corpid)
        levels.lock(tx, corpid)
        corp.contact_limit = body.limit
        tx.session.add(corp)
        tx.flush()
        return _described(tx, corpid)

    return await server.run(work)


@router.get("/corps/{corpid}/contact_scale")
async def show_contact_scale(corpid: str, server: TheServer) -> dict[str, Any]:
    """{"corpid", "limit", "contacts"}: room bought, and how much of it is taken."""
    return await server.run(lambda tx: _described(tx, corpid))


def _described(tx: Transaction, corpid: str) -> dict[str, Any]:
    limit = the_corp(tx, corpid).contact_limit
    return {"corpid": corpid, "limit": limit, "contacts": levels.level_now(tx, corpid, CONTACTS)}
