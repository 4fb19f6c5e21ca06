"""More of what the seed `demo` makes, in steps, so that a caller can show how far it is."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.seeds import add_customers
from app.sim_api.corps import the_corp
from app.sim_api.server import TheServer

router = APIRouter()


class SeedRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customers: int = Field(default=0, ge=0, le=1_000_000)


@router.post("/corps/{corpid}/seed")
async def seed_corp(corpid: str, body: SeedRequest, server: TheServer) -> dict[str, Any]:
    """Adds `customers` people with followers and tags: {"corpid", "customers"}, as many as were added.

    Thousands a transaction; what is added before a failure stays. A corp without followers gets none.
    """
    await server.run(lambda tx: the_corp(tx, corpid))
    if server.database.inline:
        added = add_customers(server.database, corpid, body.customers)
    else:
        added = await server.in_thread(add_customers, server.database, corpid, body.customers)
    return {"corpid": corpid, "customers": added}
