"""Planned faults: what calls and callbacks meet in place of the usual answer."""

from typing import Annotated, Any, Literal, cast

import sqlalchemy as sa
from pydantic import Discriminator, Field, Tag, model_validator
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.faults import planning
from wecom_tollbooth.faults.effects import LONGEST_DELAY_MS
from wecom_tollbooth.faults.planning import CALLBACK, EVERY_OPERATION, MOST_FAULTS
from wecom_tollbooth.faults.tables import PlannedFault
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.near_names import meant
from wecom_tollbooth.gateway.steps.unknown_paths import documented_titles
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example

router = control_routes()

PREFIX = "/cgi-bin/"
ONE_OF = ("errcode", "http_status", "disconnect", "expire_token", "rate_limit", "drop", "duplicate")
"""The effects, of which a fault has one."""
OF_CALLBACKS = ("drop", "duplicate")
NOT_OF_CALLBACKS = ("errcode", "expire_token", "rate_limit")
WITHOUT_BODY = (204, 205, 304)


class DelayDistribution(ControlRequest):
    """A log-normal distribution."""

    median: float = Field(
        gt=0, le=60_000, description="中位数，毫秒 / Half of the delays are below it, milliseconds"
    )
    p99: float = Field(gt=0, le=LONGEST_DELAY_MS, description="99% 的延迟低于它 / 99% are below it")

    @model_validator(mode="after")
    def _in_order(self) -> "DelayDistribution":
        if self.p99 < self.median:
            raise ValueError("p99 is below the median")
        return self


Delay = Annotated[
    Annotated[float, Field(gt=0, le=LONGEST_DELAY_MS), Tag("fixed")]
    | Annotated[DelayDistribution, Tag("distribution")],
    # So that an error names a field of the form that was meant.
    Discriminator(lambda given: "distribution" if isinstance(given, dict | DelayDistribution) else "fixed"),
]


class Then(ControlRequest):
    """One effect, with a delay beside it or a delay alone."""

    errcode: int | None = Field(
        default=None,
        ge=-(2**31),
        le=2**31 - 1,
        description="应答此 errcode，不执行 / Answers this errcode; nothing is done",
    )
    errmsg: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="errcode 的文字，默认为平台的文字 / The text of the errcode; default: the platform's own",
    )
    http_status: int | None = Field(
        default=None,
        ge=200,
        le=599,
        description="应答此 HTTP 状态，不执行；对回调，作为接收方的应答 / "
        "Answers this HTTP status; nothing is done. Of a callback: the receiver's answer",
    )
    body: str | None = Field(
        default=None, max_length=100_000, description="http_status 的响应体 / The body with http_status"
    )
    disconnect: Literal["before", "mid_body", "after_commit"] | None = Field(
        default=None,
        description="断开连接：执行之前；执行后，应答发到一半；执行后，不发应答 / "
        "The connection closes: before anything is done; after, in the middle of the answer; "
        "after, without an answer",
    )
    expire_token: Literal[True] | None = Field(
        default=None, description="令牌从此刻起过期 / The token expires now"
    )
    rate_limit: Literal["minute", "hour"] | None = Field(
        default=None,
        description="触发频率限制，窗口结束前都应答 45009 / "
        "The rate limit is hit: 45009 until the window has passed",
    )
    drop: Literal[True] | None = Field(
        default=None, description="仅回调：永不发送 / Callbacks only: never sent"
    )
    duplicate: int | None = Field(
        default=None, ge=1, le=10, description="仅回调：多发的份数 / Callbacks only: extra copies"
    )
    delay_ms: Delay | None = Field(
        default=None,
        description="延迟的毫秒数，或其分布；可与其他效果并用 / "
        "Milliseconds of delay, or their distribution; may stand beside another effect",
    )

    @model_validator(mode="after")
    def _one_effect(self) -> "Then":
        given = [name for name in ONE_OF if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} contradict each other; plan a fault for each")
        if not given and self.delay_ms is None:
            raise ValueError(f"give one of {', '.join(ONE_OF)}, or delay_ms")
        if self.errcode == 0:
            raise ValueError("errcode 0 is no fault")
        if self.errmsg is not None and self.errcode is None:
            raise ValueError("errmsg needs an errcode")
        if self.body is not None and self.http_status is None:
            raise ValueError("body needs an http_status")
        if self.body and self.http_status in WITHOUT_BODY:
            raise ValueError(f"HTTP {self.http_status} has no body")
        return self


class FaultRequest(ControlRequest):
    model_config = example(path="externalcontact/list", times=1, then={"errcode": -1})

    path: str = Field(
        min_length=1,
        max_length=200,
        description="接口名，* 为全部接口，callback 为全部回调，callback/事件名 为一种回调 / "
        "Name of an operation; *: every operation; callback: every callback; callback/NAME: those of one "
        "event or ChangeType",
    )
    agentid: int | None = Field(
        default=None, ge=0, description="仅此应用，默认全部 / Of this app alone; default: of every app"
    )
    times: int | None = Field(
        default=None, ge=1, description="触发次数，默认直到删除 / How often; default: until it is deleted"
    )
    skip: int = Field(default=0, ge=0, description="先放过的次数 / Calls that it lets pass first")
    probability: float = Field(
        default=1.0, gt=0, le=1, description="触发概率，由服务的种子决定 / Drawn from the server's seed"
    )
    then: Then


class DelayDistributionReply(TypedDict):
    median: float
    p99: float


class ThenReply(TypedDict, total=False):
    """What was planned, and nothing else."""

    errcode: int
    errmsg: str
    http_status: int
    body: str
    disconnect: Literal["before", "mid_body", "after_commit"]
    expire_token: bool
    rate_limit: Literal["minute", "hour"]
    drop: bool
    duplicate: int
    delay_ms: float | DelayDistributionReply


class FaultReply(TypedDict):
    id: int
    path: str
    agentid: int | None
    times: int | None
    skip: int
    probability: float
    then: ThenReply
    seen: Annotated[int, Field(description="遇到它的调用次数，含放过的 / Calls that met it or were let pass")]
    fired: Annotated[int, Field(description="已触发次数 / How often it has fired")]
    blocked_until: Annotated[
        int | None, Field(description="rate_limit 的窗口何时结束 / When the window of rate_limit ends")
    ]
    created_at: int


class FaultsReply(TypedDict):
    faults: list[FaultReply]


class DeletedFaultsReply(TypedDict):
    deleted: list[int]


@router.post("/corps/{corpid}/faults", responses=CONFLICT)
async def plan_fault(corpid: str, body: FaultRequest, gateway: TheGateway) -> FaultReply:
    """计划一个故障 / Plan a fault

    调用按计划的先后遇到第一个触发的故障。被故障拒绝的调用不收费；`mid_body`、`after_commit` 已执行并计费；
    日志与账本记下故障的 id。`times` 在多个 worker 之间也准确。参见 docs/faults.md。

    A call meets the first fault that fires, in the order of planning. What a fault refuses is free; with
    `mid_body` and `after_commit` the operation is carried out and charged. Journal and ledger name the fault.
    `times` is exact across workers. See docs/faults.md.
    """
    path = _canonical(body, gateway)
    effect = body.then.model_dump(exclude_none=True)

    def work(tx: Transaction) -> FaultReply:
        the_corp(tx, corpid)
        if body.agentid is not None:
            of_app = sa.select(APP.c.agentid).where(APP.c.corp_id == corpid, APP.c.agentid == body.agentid)
            if tx.execute(of_app).first() is None:
                raise SimError(422, f"agentid: corp {corpid!r} has no app {body.agentid}")
        context = gateway.server.context(tx, corpid)
        try:
            fault = planning.plan(
                context,
                path,
                effect,
                agentid=body.agentid,
                times=body.times,
                skip=body.skip,
                probability=body.probability,
            )
        except planning.TooManyFaults:
            raise SimError(409, f"the corp has {MOST_FAULTS} faults already; delete some") from None
        return _shown(fault)

    return await gateway.server.run(work)


@router.get("/corps/{corpid}/faults")
async def list_faults(corpid: str, server: TheServer) -> FaultsReply:
    """列出故障 / List the faults

    按计划的先后，含已触发完的。

    In the order of planning, with those that fire no more.
    """

    def work(tx: Transaction) -> FaultsReply:
        the_corp(tx, corpid)
        return {"faults": [_shown(fault) for fault in planning.faults_of(tx, corpid)]}

    return await server.run(work)


@router.delete("/corps/{corpid}/faults/{fault}")
async def delete_fault(corpid: str, fault: Number, server: TheServer) -> DeletedFaultsReply:
    """删除一个故障 / Delete a fault

    之后的调用不再遇到它。

    No later call meets it.
    """
    deleted = await _delete(server, corpid, fault)
    if not deleted:
        raise SimError(404, f"corp {corpid!r} has no fault {fault}; GET /_sim/corps/{corpid}/faults")
    return {"deleted": deleted}


@router.delete("/corps/{corpid}/faults")
async def delete_faults(corpid: str, server: TheServer) -> DeletedFaultsReply:
    """删除全部故障 / Delete all faults

    返回被删除的 id。

    Answers the ids that were deleted.
    """
    return {"deleted": await _delete(server, corpid, None)}


async def _delete(server: Server, corpid: str, fault: int | None) -> list[int]:
    def work(tx: Transaction) -> list[int]:
        the_corp(tx, corpid)
        return planning.delete(tx, corpid, fault)

    deleted = await server.run(work)
    await server.run(lambda tx: planning.note_faulty_paths(server.context(tx, corpid)))
    return deleted


def _shown(fault: PlannedFault | sa.Row[Any]) -> FaultReply:
    return {
        "id": fault.id,
        "path": fault.path.removeprefix(PREFIX),
        "agentid": fault.agentid,
        "times": fault.times,
        "skip": fault.skip,
        "probability": fault.probability,
        "then": cast(ThenReply, fault.effect),
        "seen": fault.seen,
        "fired": fault.fired,
        "blocked_until": fault.blocked_until,
        "created_at": fault.created_at,
    }


# --- what a fault may be planned for ---------------------------------------------------------------------


def _canonical(body: FaultRequest, gateway: Gateway) -> str:
    """The path as it is stored. Raises SimError 422 for one that is unknown, or that `then` doesn't fit."""
    given = [name for name in ONE_OF if getattr(body.then, name) is not None]
    if body.path == CALLBACK or body.path.startswith(f"{CALLBACK}/"):
        _refuse_unknown_event(body.path)
        for name in given:
            if name in NOT_OF_CALLBACKS:
                raise SimError(422, f"then: {name} is no fault of callbacks; take http_status or disconnect")
        return body.path
    for name in given:
        if name in OF_CALLBACKS:
            raise SimError(422, f"then: {name} is a fault of callbacks alone; their path is {CALLBACK}")
    if body.path == EVERY_OPERATION:
        return body.path
    path = PREFIX + body.path.removeprefix(PREFIX)
    operation = gateway.operations.find(path)
    if operation is None:
        raise SimError(422, _unknown_path(path, gateway))
    if body.then.expire_token and operation.token in (None, "key"):
        raise SimError(422, f"then: {operation.name} takes no token that could expire")
    return operation.path


def _unknown_path(path: str, gateway: Gateway) -> str:
    name = path.removeprefix(PREFIX)
    if path in documented_titles():
        return f"path: {name} is documented and not simulated yet, so it always answers 990404"
    hint = meant(name, [one.name for one in gateway.operations], "GET /_sim/operations")
    return f"path: there is no operation {name!r}; {hint}"


def _refuse_unknown_event(path: str) -> None:
    _, slash, name = path.partition("/")
    names = {event.event for event in EVENTS} | {event.change_type() for event in EVENTS} - {""}
    if slash and name not in names:
        hint = meant(name, names, "GET /_sim/events")
        raise SimError(422, f"path: no callback has the event or ChangeType {name!r}; {hint}")
