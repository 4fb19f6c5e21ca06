"""How far the follow-ups of a corp are: what a page that shows them asks until something has changed."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.follow_ups.store import queries
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_corp
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


class FollowUpsReply(TypedDict):
    corpid: str
    now: Annotated[int, Field(description="企业时钟，Unix 秒 / The corp's clock, in unix seconds")]
    records: Annotated[int, Field(description="跟进记录数 / Follow-up records")]
    last_change: Annotated[
        int, Field(description="最近一次变更的编号，没有时为 0 / Number of the latest change; 0: none yet")
    ]
    pipeline_version: int
    generation: Annotated[
        int, Field(description="恢复快照后变为另一个数 / Another number after each restore or reset")
    ]


@router.get("/corps/{corpid}/follow_ups")
async def get_follow_ups(corpid: str, server: TheServer) -> FollowUpsReply:
    """查看跟进的变更编号 / Show how far follow-ups are

    显示跟进的页面反复查询它：不计费，也不进调用记录。编号变了，再用 `changes` 拉取变更。

    What a page that shows follow-ups polls: it isn't charged, and isn't in the journal. When the number has
    changed, `changes` has the rest.
    """
    return await server.read(lambda tx: _described(server, tx, corpid))


def _described(server: Server, tx: Transaction, corpid: str) -> FollowUpsReply:
    corp = the_corp(tx, corpid)
    _, pipeline_version, last_change = read_corp(tx, corpid)
    return {
        "corpid": corpid,
        "now": server.context(tx, corpid).now,
        "records": sum(numbers[0] for numbers in queries.counts(tx, corpid, None, None).values()),
        "last_change": last_change,
        "pipeline_version": pipeline_version,
        "generation": corp.generation,
    }
