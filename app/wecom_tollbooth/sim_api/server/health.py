"""GET /_sim/health."""

from typing import Literal

from typing_extensions import TypedDict

from wecom_tollbooth import __version__
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


class HealthReply(TypedDict):
    status: Literal["ok"]
    version: str


@router.get("/health")
async def get_health() -> HealthReply:
    """健康检查 / Health check

    存活检查：进程能应答。数据库能否读写，见 `GET /_sim/ready`。

    Liveness: the process answers. Whether its database does too, `GET /_sim/ready` says.
    """
    return {"status": "ok", "version": __version__}
