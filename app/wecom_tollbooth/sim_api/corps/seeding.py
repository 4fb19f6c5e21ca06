"""More of what the seed `demo` makes, in steps, so that a caller can show how far it is."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.steps import budget_gate
from wecom_tollbooth.seeds import add_customers, add_follow_ups
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.world import clock

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

    def look_at_budget(tx: Transaction) -> None:
        budget_gate.notify(server, budget_gate.evaluate(server, tx, corpid, clock.now(tx)))

    await server.run(lambda tx: the_corp(tx, corpid))

    def add() -> dict[str, Any]:
        customers = add_customers(server.database, corpid, body.customers)
        records = add_follow_ups(server.database, corpid, body.follow_ups)
        return {"corpid": corpid, "customers": customers, "follow_ups": records}

    added = add() if server.database.inline else await server.in_thread(add)
    await server.run(look_at_budget)
    return added
