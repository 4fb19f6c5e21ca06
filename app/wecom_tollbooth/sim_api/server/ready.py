"""GET /_sim/ready."""

from typing import Literal

from typing_extensions import TypedDict

from wecom_tollbooth import __version__
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import UNAVAILABLE, control_routes

router = control_routes()


class ReadyReply(TypedDict):
    status: Literal["ok"]
    version: str
    database: Literal["sqlite", "postgresql"]


@router.get("/ready", responses=UNAVAILABLE)
async def get_ready(server: TheServer) -> ReadyReply:
    """就绪检查 / Readiness check

    在两秒内读写一次数据库。读写失败（磁盘已满、PostgreSQL 不可用），或者 SQLite 文件在运行期间被
    删除、替换时，返回 503 和原因。

    Reads and writes the database within two seconds. Answers 503 with the reason while that fails (the disk
    is full, PostgreSQL is away), and when the SQLite file was deleted or replaced under the running server.
    """
    problem = await server.readiness.problem()
    if problem is not None:
        raise SimError(503, problem)
    database: Literal["sqlite", "postgresql"] = "sqlite" if server.database.inline else "postgresql"
    return {"status": "ok", "version": __version__, "database": database}
