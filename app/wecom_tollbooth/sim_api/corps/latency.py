"""How long the answers of operations wait in a corp: read and set."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.steps.latency import (
    ARTICLE,
    FOLLOW_UPS,
    Profile,
    Scope,
    article,
    profile_of,
    set_profile,
)
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

router = control_routes()

Milliseconds = Annotated[float, Field(ge=0, le=60_000)]


class LatencyFigures(ControlRequest):
    """An answer waits `base_ms`, and `ms_per_100` more for each 100 records above `threshold`."""

    scope: Scope = Field(
        default="follow_ups",
        description="等待的接口：follow_ups 为用户跟进接口，all 为全部接口 / "
        "The operations that wait: those of follow-ups, or all",
    )
    threshold: int = Field(
        default=0,
        ge=0,
        description="不增加延迟的记录数：跟进接口数跟进记录，其他接口数外部联系人 / "
        "Records that add no latency: follow-up records, for other operations external contacts",
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
        description="各接口的倍数，以接口名为键，跟进接口可只写路径最后一段 / "
        'Factors by name, such as {"externalcontact/get": 2}; of follow-ups the last word is enough',
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
    scope: Scope
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
    """查看接口延迟 / Show the latency of operations

    生效的数值，没有设置时为 null。

    The figures in force, or null for none.
    """

    def work(tx: Transaction) -> LatencyReply:
        the_corp(tx, corpid)
        return _described(profile_of(tx, corpid))

    return await server.run(work)


@router.put("/corps/{corpid}/latency")
async def set_latency(corpid: str, body: LatencyRequest, gateway: TheGateway) -> LatencyReply:
    """设置接口延迟 / Set the latency of operations

    让成功的应答按配置等待：`article-2025`（用户跟进）、自定义数值（`scope` 为 `all` 时是全部接口），或 `none`
    不等待。等待从提交之后开始，不影响其他调用；种子与调用相同，等待就相同。

    Delays successful answers: by the profile `article-2025`, of follow-ups, by figures of your own, of all
    operations with the scope `all`, or not at all (`none`). The wait begins after the commit and delays no
    other call; the same seed and calls give the same waits.
    """
    wanted = body.profile
    profile = (
        wanted.as_profile()
        if isinstance(wanted, LatencyFigures)
        else article(gateway.server.settings)
        if wanted == ARTICLE
        else None
    )
    if profile is not None:
        _refuse_unknown_names(profile, gateway)

    def work(tx: Transaction) -> LatencyReply:
        the_corp(tx, corpid)
        set_profile(tx, corpid, profile)
        return _described(profile)

    return await gateway.server.run(work)


def _refuse_unknown_names(profile: Profile, gateway: Gateway) -> None:
    follow_ups = [one.name for one in gateway.operations if one.family.name == FOLLOW_UPS]
    words = [name.rsplit("/", 1)[-1] for name in follow_ups]
    names = {one.name for one in gateway.operations}
    for name in profile.operations:
        if name not in names and name not in words:
            raise SimError(
                422, f"operations: {name!r} is neither the name of an operation nor one of {', '.join(words)}"
            )
        if profile.scope == FOLLOW_UPS and name not in words and name not in follow_ups:
            raise SimError(422, f"operations: {name!r} is no follow-up operation; set scope to all")


def _described(profile: Profile | None) -> LatencyReply:
    if profile is None:
        return {"profile": None}
    return {
        "profile": {
            "scope": profile.scope,
            "threshold": profile.threshold,
            "base_ms": profile.base_ms,
            "ms_per_100": profile.ms_per_100,
            "max_ms": profile.most_ms,
            "most_ms": profile.most_ms,
            "jitter": profile.jitter,
            "operations": profile.operations,
        }
    }
