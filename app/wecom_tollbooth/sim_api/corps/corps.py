"""Corps and their apps: make, list, show, delete."""

from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from wecom_tollbooth.billing.seats import held_in_corp
from wecom_tollbooth.corp_deletion import delete_corp
from wecom_tollbooth.corps.tables import App, Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.seeds import NewCorp, make_corp
from wecom_tollbooth.sim_api.corps.apps import show_app
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()


class CorpRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="演示企业", min_length=1, max_length=64)
    seed: Literal["empty", "demo"] = "empty"
    members: int = Field(default=5, ge=1, le=20_000)
    customers: int = Field(default=40, ge=0, le=1_000_000)
    follow_ups: int = Field(default=0, ge=0, le=1_000_000)


@router.post("/corps")
async def create_corp(body: CorpRequest, server: TheServer) -> dict[str, Any]:
    """Makes a corp and its apps; the first app may call everything that a self-built app may.

    `members`, `customers` and `follow_ups` are used by the seed `demo`; records beyond the customers bring
    customers of their own.
    """
    wanted = NewCorp(body.name, body.seed, body.members, body.customers, body.follow_ups)
    corp_id = await server.off_loop(make_corp, server.database, wanted)
    return await server.run(lambda tx: describe(tx, corp_id))


@router.get("/corps")
async def list_corps(server: TheServer) -> dict[str, Any]:
    """{"corps": [{"corpid", "name", "created_at"}]}, oldest first."""

    def work(tx: Transaction) -> dict[str, Any]:
        corps = tx.session.exec(select(Corp).order_by(sa.text("created_at, corp_id"))).all()
        return {"corps": [{"corpid": c.corp_id, "name": c.name, "created_at": c.created_at} for c in corps]}

    return await server.run(work)


@router.get("/corps/{corpid}")
async def show_corp(corpid: str, server: TheServer) -> dict[str, Any]:
    """The corp with its apps, secrets and callback settings."""
    return await server.run(lambda tx: describe(tx, corpid))


@router.delete("/corps/{corpid}")
async def remove_corp(corpid: str, server: TheServer) -> dict[str, Any]:
    """Deletes the corp and every row of it but its ledger, which still answers: {"deleted": corpid}."""

    def work(tx: Transaction) -> dict[str, Any]:
        tx.reserve_ids(held_in_corp(tx, corpid))
        if not delete_corp(server.context(tx, corpid)):
            raise SimError(404, f"there is no corp {corpid!r}")
        return {"deleted": corpid}

    return await server.run(work)


def describe(tx: Transaction, corpid: str) -> dict[str, Any]:
    corp = the_corp(tx, corpid)
    apps = tx.session.exec(select(App).where(App.corp_id == corpid).order_by(sa.text("agentid"))).all()
    return {"corpid": corp.corp_id, "name": corp.name, "apps": [show_app(app) for app in apps]}
