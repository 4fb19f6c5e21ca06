"""Groups of corps (上下游, 企业互联, 互联企业): create and list."""

from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

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
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

router = control_routes()

Kind = Literal["upstream_downstream", "linked_corps", "circle"]


class CorpGroupRequest(ControlRequest):
    model_config = example(kind="upstream_downstream", name="经销商", corps=["CORPID"], agentids=[1000002])

    kind: Kind = Field(
        default="upstream_downstream",
        description="上下游、企业互联或互联企业 / "
        "upstream_downstream: 上下游; linked_corps: 企业互联; circle: 互联企业",
    )
    name: str = Field(default="演示上下游", min_length=1, max_length=64)
    corps: list[str] = Field(
        min_length=1, max_length=1000, description="本服务上的其他企业 / Other corps of this server"
    )
    agentids: list[int] = Field(
        default=[],
        max_length=100,
        description="本企业共享给它们的应用 / Apps of this corp that it shares with them",
    )


class CorpGroupReply(TypedDict):
    group_id: str
    kind: Kind
    name: str
    corps: Annotated[list[str], Field(description="下游或受邀的企业 / The other corps")]
    agentids: list[int]


class CorpGroupsReply(TypedDict):
    corp_groups: list[CorpGroupReply]


@router.post("/corps/{corpid}/corp_groups")
async def create_corp_group(corpid: str, body: CorpGroupRequest, server: TheServer) -> CorpGroupReply:
    """新建上下游或互联 / Create a group of corps

    本企业是上游企业或发起方。

    This corp is the upstream one, or the one that invited the others.
    """

    def work(tx: Transaction) -> CorpGroupReply:
        the_corp(tx, corpid)
        for other in body.corps:
            if other == corpid or tx.session.get(Corp, other) is None:
                raise SimError(422, f"corps: {other!r} is not another corp of this server")
        for agentid in body.agentids:
            if tx.session.get(App, (corpid, agentid)) is None:
                raise SimError(422, f"agentids: {agentid} is not an app of {corpid}")
        context = server.context(tx, corpid)
        group_id = "Ch" + context.draw(f"corp_group/{corpid}", 14)
        of_group = {"corp_id": corpid, "group_id": group_id}
        created = CorpGroup(**of_group, kind=body.kind, name=body.name, created_at=context.now)
        tx.session.add(created)
        for other in sorted(set(body.corps)):
            tx.session.add(CorpGroupCorp(**of_group, member_corp_id=other))
        for agentid in sorted(set(body.agentids)):
            tx.session.add(SharedApp(**of_group, agentid=agentid))
        tx.flush()
        return next(group for group in _groups(tx, corpid) if group["group_id"] == group_id)

    return await server.run(work)


@router.get("/corps/{corpid}/corp_groups")
async def list_corp_groups(corpid: str, server: TheServer) -> CorpGroupsReply:
    """列出上下游与互联 / List the groups of corps

    本企业建立的，最早的在前。

    Those that this corp created, oldest first.
    """

    def work(tx: Transaction) -> CorpGroupsReply:
        the_corp(tx, corpid)
        return {"corp_groups": _groups(tx, corpid)}

    return await server.run(work)


def _groups(tx: Transaction, corpid: str) -> list[CorpGroupReply]:
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
