"""How long the answers of follow-up operations wait in a corp: read and set."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.follow_ups.family import PREFIX
from wecom_tollbooth.families.follow_ups.latency import ARTICLE, Profile, article, profile_of, set_profile
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

router = control_routes()

Milliseconds = Annotated[float, Field(ge=0, le=60_000)]


class LatencyFigures(ControlRequest):
    """An answer waits `base_ms`, and `ms_per_100` more for each 100 records above `threshold`."""

    threshold: int = Field(
        default=0, ge=0, description="不增加延迟的记录数 / Records of the corp that add no latency"
    )
    base_ms: Milliseconds = Field(default=0.0, description="每次调用的基础延迟 / Of every call")
    ms_per_100: Milliseconds = Field(
        default=0.0,
        description="超出 threshold 后每 100 条增加的延迟 / For each 100 records above the threshold",
    )
    max_ms: Milliseconds = Field(default=5_000.0, description="延迟上限 / The longest wait")
    most_ms: Milliseconds | None = Field(
        default=None, deprecated=True, description="max_ms 的旧名，保留到 0.3 / Old name of max_ms, until 0.3"
    )
    jitter: float = Field(
        default=0.0, ge=0, le=1, description="上下浮动的比例 / Share by which a wait is longer or shorter"
    )
    operations: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(
        default={},
        description="各接口的倍数，以路径最后一段为键 / "
        'Factors by the last word of the path, such as {"board": 2}',
    )

    def as_profile(self) -> Profile:
        figures = self.model_dump()
        max_ms, old_name = figures.pop("max_ms"), figures.pop("most_ms")
        return Profile(**figures, most_ms=max_ms if old_name is None else old_name)


class LatencyRequest(ControlRequest):
    model_config = example(profile="article-2025")

    profile: Annotated[
        Annotated[Literal["none", "article-2025"], Tag("name")] | Annotated[LatencyFigures, Tag("figures")],
        # So that an error names a field of the form that was meant.
        Discriminator(lambda given: "figures" if isinstance(given, dict | LatencyFigures) else "name"),
        Field(description="配置的名称，或自定义的数值 / A profile's name, or figures of your own"),
    ]


class LatencyFiguresReply(TypedDict):
    threshold: int
    base_ms: float
    ms_per_100: float
    max_ms: float
    most_ms: Annotated[
        float, Field(deprecated=True, description="max_ms 的旧名，保留到 0.3 / Old name of max_ms, until 0.3")
    ]
    jitter: float
    operations: dict[str, float]


class LatencyReply(TypedDict):
    profile: LatencyFiguresReply | None


@router.get("/corps/{corpid}/latency")
async def get_latency(corpid: str, server: TheServer) -> LatencyReply:
    """查看跟进接口延迟 / Show the latency of follow-ups

    生效的数值，没有设置时为 null。

    The figures in force, or null for none.
    """

    def work(tx: Transaction) -> LatencyReply:
        the_corp(tx, corpid)
        return _described(profile_of(tx, corpid))

    return await server.run(work)


@router.put("/corps/{corpid}/latency")
async def set_latency(corpid: str, body: LatencyRequest, gateway: TheGateway) -> LatencyReply:
    """设置跟进接口延迟 / Set the latency of follow-ups

    让跟进接口的应答按配置等待：`article-2025`、自定义数值，或 `none` 不等待。等待从提交之后开始，不影响其他调
    用；种子与调用相同，等待就相同。

    Delays the answers of follow-up operations: by the profile `article-2025`, by figures of your own, or not
    at all (`none`). The wait begins after the commit and delays no other call; the same seed and calls give
    the same waits.
    """
    wanted = body.profile
    profile = (
        wanted.as_profile()
        if isinstance(wanted, LatencyFigures)
        else article(gateway.server.settings)
        if wanted == ARTICLE
        else None
    )
    words = [one.path.removeprefix(PREFIX) for one in gateway.operations if one.path.startswith(PREFIX)]
    for word in profile.operations if profile else ():
        if word not in words:
            raise SimError(422, f"operations: {word!r} is not one of {', '.join(words)}")

    def work(tx: Transaction) -> LatencyReply:
        the_corp(tx, corpid)
        set_profile(tx, corpid, profile)
        return _described(profile)

    return await gateway.server.run(work)


def _described(profile: Profile | None) -> LatencyReply:
    if profile is None:
        return {"profile": None}
    return {
        "profile": {
            "threshold": profile.threshold,
            "base_ms": profile.base_ms,
            "ms_per_100": profile.ms_per_100,
            "max_ms": profile.most_ms,
            "most_ms": profile.most_ms,
            "jitter": profile.jitter,
            "operations": profile.operations,
        }
    }
