"""More of what the seed `demo` makes, in steps, so that a caller can show progress."""

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.seeds import CorpGone, adding
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.world.keyed_corps import is_keyed

router = control_routes()


class SeedRequest(ControlRequest):
    model_config = example(customers=20, follow_ups=10)

    customers: int = Field(default=0, ge=0, le=1_000_000, description="新增客户数 / Customers to add")
    follow_ups: int = Field(
        default=0, ge=0, le=1_000_000, description="新增跟进记录数 / Follow-up records to add"
    )


class SeedReply(TypedDict):
    """What was added."""

    corpid: str
    customers: int
    follow_ups: int


@router.post("/corps/{corpid}/seed")
async def seed_corp(corpid: str, body: SeedRequest, server: TheServer) -> SeedReply:
    """添加演示数据 / Add demo data

    添加带跟进人与标签的客户，再添加跟进记录；返回实际添加的数量。记录先给还没有记录的客户，不够时新建客户。每
    个事务写入数百条，其间照常应答其他调用；中途失败时已写入的保留。企业没有可添加客户的成员时不添加。

    Adds customers with followers and tags, then follow-up records, and answers how many were added. Records
    go to customers without one first, then to new customers. Hundreds are written in a transaction, with
    other calls in between; what was written before a failure stays. A corp without followers gets none.
    """

    await server.run(lambda tx: the_corp(tx, corpid))
    try:
        came, records = await server.in_slices(
            adding(server.database, corpid, body.customers, body.follow_ups)
        )
    except CorpGone as error:
        raise SimError(404, str(error)) from None
    if is_keyed(corpid):
        await server.settle(corpid)
    added: SeedReply = {"corpid": corpid, "customers": came, "follow_ups": records}
    status = await server.run(lambda tx: server.budgets.evaluate(server.context(tx, corpid)))
    server.budgets.notify(status)
    return added
