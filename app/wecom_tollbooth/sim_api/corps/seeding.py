"""More of what the seed `demo` makes, in steps, so that a caller can show how far it is."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.seeds import add_customers, add_follow_ups
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()


class SeedRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customers: int = Field(default=0, ge=0, le=1_000_000)
    follow_ups: int = Field(default=0, ge=0, le=1_000_000)


@router.post("/corps/{corpid}/seed")
async def seed_corp(corpid: str, body: SeedRequest, server: TheServer) -> dict[str, Any]:
    """Adds `customers` people with followers and tags, then `follow_ups` records; as many as were added.

    Thousands a transaction; what is added before a failure stays. A corp without followers gets none. Records
    go to customers without one, and bring new customers where there are too few.
    """

    await server.run(lambda tx: the_corp(tx, corpid))

    def add() -> dict[str, Any]:
        customers = add_customers(server.database, corpid, body.customers)
        records = add_follow_ups(server.database, corpid, body.follow_ups)
        return {"corpid": corpid, "customers": customers, "follow_ups": records}

    added = await server.off_loop(add)
    status = await server.run(lambda tx: server.budgets.evaluate(server.context(tx, corpid)))
    server.budgets.notify(status)
    return added
