"""Groups of corps (上下游, 企业互联, 互联企业): made and listed."""

from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.corps.tables import App, Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.corp_groups.tables import (
    CORP_GROUP,
    CORP_GROUP_CORP,
    SHARED_APP,
    CorpGroup,
    CorpGroupCorp,
    SharedApp,
)
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.world import clock, ids

router = APIRouter()


class CorpGroupRequest(BaseModel):
    """`corps`: those that belong to it; `agentids`: the apps that the upstream corp shares with them."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["upstream_downstream", "linked_corps", "circle"] = "upstream_downstream"
    name: str = Field(default="演示上下游", min_length=1, max_length=64)
    corps: list[str] = Field(min_length=1, max_length=1000)
    agentids: list[int] = Field(default=[], max_length=100)


@router.post("/corps/{corpid}/corp_groups")
async def create_corp_group(corpid: str, body: CorpGroupRequest, server: TheServer) -> dict[str, Any]:
    """Makes a group whose upstream corp this one is: {"group_id", "kind", "name", "corps", "agentids"}."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        for other in body.corps:
            if other == corpid or tx.session.get(Corp, other) is None:
                raise SimError(422, f"corps: {other!r} is no other corp of this server")
        for agentid in body.agentids:
            if not -(2**63) <= agentid < 2**63 or tx.session.get(App, (corpid, agentid)) is None:
                raise SimError(422, f"agentids: {agentid} is no app of {corpid}")
        group_id = "Ch" + ids.draw(server.settings.seed, f"corp_group/{corpid}", tx.next_id(), 14)
        of_group = {"corp_id": corpid, "group_id": group_id}
        made = CorpGroup(**of_group, kind=body.kind, name=body.name, created_at=clock.now(tx))
        tx.session.add(made)
        for other in sorted(set(body.corps)):
            tx.session.add(CorpGroupCorp(**of_group, member_corp_id=other))
        for agentid in sorted(set(body.agentids)):
            tx.session.add(SharedApp(**of_group, agentid=agentid))
        tx.flush()
        return next(group for group in _groups(tx, corpid) if group["group_id"] == group_id)

    return await server.run(work)


@router.get("/corps/{corpid}/corp_groups")
async def list_corp_groups(corpid: str, server: TheServer) -> dict[str, Any]:
    """{"corp_groups": [...]}: the groups whose upstream corp this one is, oldest first."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        return {"corp_groups": _groups(tx, corpid)}

    return await server.run(work)


def _groups(tx: Transaction, corpid: str) -> list[dict[str, Any]]:
    corps: dict[str, list[str]] = {}
    apps: dict[str, list[int]] = {}
    of_corp = (
        sa.select(CORP_GROUP_CORP)
        .where(CORP_GROUP_CORP.c.corp_id == corpid)
        .order_by(CORP_GROUP_CORP.c.member_corp_id)
    )
    for row in tx.execute(of_corp):
        corps.setdefault(row.group_id, []).append(row.member_corp_id)
    shared = sa.select(SHARED_APP).where(SHARED_APP.c.corp_id == corpid).order_by(SHARED_APP.c.agentid)
    for row in tx.execute(shared):
        apps.setdefault(row.group_id, []).append(row.agentid)
    query = (
        sa.select(CORP_GROUP)
        .where(CORP_GROUP.c.corp_id == corpid)
        .order_by(CORP_GROUP.c.created_at, CORP_GROUP.c.group_id)
    )
    return [
        {
            "group_id": row.group_id,
            "kind": row.kind,
            "name": row.name,
            "corps": corps.get(row.group_id, []),
            "agentids": apps.get(row.group_id, []),
        }
        for row in tx.execute(query)
    ]
