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

    能返回，服务就能应答调用。

    Once it answers, the server answers calls.
    """
    return {"status": "ok", "version": __version__}
