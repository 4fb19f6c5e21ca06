"""What retention keeps of a corp, and how much it has removed."""

from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.server.retention import KeptKind, kinds_kept

router = control_routes()


class CorpRetentionReply(TypedDict):
    corpid: str
    kinds: list[KeptKind]


@router.get("/corps/{corpid}/retention")
async def get_retention(corpid: str, server: TheServer) -> CorpRetentionReply:
    """查看企业的数据保留 / Show what is kept of a corp

    各类数据的保留上限，以及从这个企业已删除的条数。

    The bounds of each kind of rows, and how many were removed from this corp.
    """

    def work(tx: Transaction) -> CorpRetentionReply:
        the_corp(tx, corpid)
        return {"corpid": corpid, "kinds": kinds_kept(tx, server.settings, corpid)}

    return await server.run(work)
