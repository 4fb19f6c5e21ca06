"""How the delivery of callbacks misbehaves in a corp."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.callbacks.tables import DeliveryFaults
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()


class KnobsRequest(BaseModel):
    """How callbacks misbehave; a knob left out is off."""

    model_config = ConfigDict(extra="forbid")

    duplicate: int = Field(default=0, ge=0, le=10, description="more copies of each event")
    reorder: int = Field(default=0, ge=0, le=64, description="shuffled within windows of so many")
    delay_seconds: int = Field(default=0, ge=0, le=86_400)
    drop_one_in: int = Field(default=0, ge=0, description="one in so many is never sent; 1 drops all")
    same_second: int = Field(default=0, ge=0, le=10_000, description="so many in a row share a CreateTime")


@router.get("/corps/{corpid}/callbacks/knobs")
async def show_knobs(corpid: str, server: TheServer) -> dict[str, Any]:
    """The delivery knobs in force."""
    return await server.run(lambda tx: _knobs(tx, corpid))


@router.put("/corps/{corpid}/callbacks/knobs")
async def set_knobs(corpid: str, body: KnobsRequest, server: TheServer) -> dict[str, Any]:
    """Sets all delivery knobs of the corp, for events raised from now on."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        tx.session.merge(DeliveryFaults(corp_id=corpid, **body.model_dump()))
        tx.flush()
        return _knobs(tx, corpid)

    return await server.run(work)


def _knobs(tx: Transaction, corpid: str) -> dict[str, Any]:
    the_corp(tx, corpid)
    knobs = tx.session.get(DeliveryFaults, corpid) or DeliveryFaults(corp_id=corpid)
    return knobs.model_dump(exclude={"corp_id"})
