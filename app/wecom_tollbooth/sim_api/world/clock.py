"""The server's clock and the clocks of corps: read, move, freeze."""

from functools import partial
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator
from typing_extensions import TypedDict

from wecom_tollbooth.billing import seals
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.sim_api.times import TimeOfCorp, UnixTime, iso
from wecom_tollbooth.world import clock, scheduled_tasks
from wecom_tollbooth.world.clock import SERVER, Goal

router = control_routes()


class ClockRequest(ControlRequest):
    """`advance_seconds` or `set`, alone or together with `freeze`; or `freeze` alone."""

    model_config = example(advance_seconds=7200)

    advance_seconds: StrictInt | None = Field(
        default=None,
        ge=0,
        le=clock.LATEST - clock.EARLIEST,
        description="快进的秒数；只有 set 能倒退 / Seconds forward; only `set` goes back",
    )
    set: UnixTime | None = Field(
        default=None, description="设为此刻，可早可晚 / The time to set, earlier or later"
    )
    freeze: StrictBool | None = Field(
        default=None, description="true 冻结，false 从当前时刻继续走 / true: stop; false: run on from here"
    )

    @model_validator(mode="after")
    def _one_move(self) -> Self:
        self._refuse_other_moves()
        return self

    def _refuse_other_moves(self) -> None:
        if self.advance_seconds is not None and self.set is not None:
            raise ValueError("give advance_seconds or set, not both")
        if self.advance_seconds is None and self.set is None and self.freeze is None:
            raise ValueError("give advance_seconds, set or freeze")


class CorpClockRequest(ClockRequest):
    """As for the server's clock, or `follow_server` alone."""

    model_config = example(set="2026-12-01T09:00:00+08:00", freeze=True)

    set: TimeOfCorp | None = Field(
        default=None, description="设为此刻，可早可晚 / The time to set, earlier or later"
    )
    follow_server: Literal[True] | None = Field(
        default=None, description="true：重新跟随服务时钟 / true: follow the server's clock again"
    )

    def _refuse_other_moves(self) -> None:
        if self.follow_server is None:
            super()._refuse_other_moves()
        elif (self.advance_seconds, self.set, self.freeze) != (None, None, None):
            raise ValueError("give follow_server alone")


class ClockReply(TypedDict):
    now: Annotated[int, Field(description="Unix 秒 / Unix seconds")]
    iso: Annotated[str, Field(description="同一时刻，东八区 / The same in Asia/Shanghai")]
    frozen: bool


class CorpClockReply(ClockReply):
    corpid: str
    follows_server: Annotated[
        bool, Field(description="是否跟随服务时钟 / Whether the corp goes by the server's clock")
    ]


@router.get("/clock")
async def get_clock(server: TheServer) -> ClockReply:
    """查看时钟 / Show the clock

    服务的时钟。没有自己时钟的企业都按它走。

    The server's clock. Corps without a clock of their own go by it.
    """
    return await server.run(lambda tx: _described(server, tx))


@router.post("/clock", responses=CONFLICT)
async def set_clock(body: ClockRequest, server: TheServer) -> ClockReply:
    """快进、设置或冻结时钟 / Move, set or freeze the clock

    向前时，到期的事情逐一发生，时钟随之前进，其间的调用看到的就是当时的时刻；经过的小时被封存，然后才返回。向后
    时，此后的小时重新打开。同时只有一次移动，其余的排队。有自己时钟的企业不受影响。

    Forward runs what falls due, one after the other; the clock moves along, and calls in between see its
    time. The hours passed are sealed, then it answers. Back opens the hours from there on again. One move at
    a time: the others wait. Corps with a clock of their own are not touched.
    """
    async with server.moving_the_clock():
        await _move(server, SERVER, body)
        await server.in_thread(seals.seal_all, server.database)
        server.work_waiting.set()
        return await server.run(lambda tx: _described(server, tx))


@router.get("/corps/{corpid}/clock")
async def get_corp_clock(corpid: str, server: TheServer) -> CorpClockReply:
    """查看企业的时钟 / Show the clock of a corp

    企业自己的时钟；还没有时，就是服务的时钟。

    The corp's own clock; until it has one, the server's.
    """
    return await server.run(lambda tx: _described_of_corp(server, corpid, tx))


@router.post("/corps/{corpid}/clock", responses=CONFLICT)
async def set_corp_clock(corpid: str, body: CorpClockRequest, server: TheServer) -> CorpClockReply:
    """快进、设置或冻结企业的时钟 / Move, set or freeze the clock of a corp

    第一次调用起，企业有了自己的时钟，只有它的事情随之发生；服务的时钟与其他企业的时钟都不受影响。follow_server
    回到服务的时钟：先走到服务的时刻，到期的事情逐一发生；服务的时刻更早时，与倒退相同。

    From the first such call on, the corp has a clock of its own, and only what is the corp's happens by it.
    The server's clock and those of other corps stay as they are. follow_server goes back to the server's
    clock: the corp's is moved to the server's time first, forward or back, with all that a move brings.
    """
    async with server.moving_the_clock(corpid):
        if body.follow_server:
            async with server.moving_the_clock():
                await _follow_server(server, corpid)
        else:
            await _move(server, corpid, body)
        await server.in_thread(seals.seal_corp, server.database, corpid)
        server.work_waiting.set(corpid)
        return await server.run(lambda tx: _described_of_corp(server, corpid, tx))


async def _move(server: Server, corp_id: str, body: ClockRequest) -> None:
    """Moves the clock of the corp, or the server's, and runs what falls due by it."""
    try:
        if body.set is not None:
            await server.read(partial(_refuse_if_changed, corp_id, body.set))
        goal = await server.run(partial(_begin, corp_id, body))
    except seals.SealBroken as error:
        raise SimError(409, str(error)) from None
    except ValueError as error:
        raise SimError(422, str(error)) from None
    if corp_id != SERVER:
        await server.in_slices(scheduled_tasks.sorting_by_clock(corp_id, own_clock=True))
    if goal is not None:
        await server.in_slices(scheduled_tasks.run_due(server.settings, goal, corp_id))
        await server.run(partial(_end, body, goal))
    await server.in_slices(scheduled_tasks.run_due(server.settings, corp_id=corp_id))


def _refuse_if_changed(corp_id: str, at: int, tx: Transaction) -> None:
    """Raises SealBroken when the clock would go back over hours that have changed."""
    if at < clock.shows(tx, corp_id):
        seals.refuse_to_reopen_changed(tx, at, corp_id)


def _begin(corp_id: str, body: ClockRequest, tx: Transaction) -> Goal | None:
    """Stops the clock or sets it back; returns where it has to go, or None where it stands right."""
    if corp_id != SERVER:
        the_corp(tx, corp_id)
        clock.give_own(tx, corp_id)
    if body.freeze:
        # First, because a running clock would go on between the move and the stop.
        clock.freeze(tx, corp_id)
    if body.advance_seconds is not None:
        return clock.goal_in(tx, body.advance_seconds, corp_id)
    if body.set is not None:
        goal = clock.goal_at(tx, body.set, corp_id)
        if body.set >= clock.shows(tx, corp_id):
            return goal
        _set_back(tx, goal)
    if body.freeze is False:
        clock.unfreeze(tx, corp_id)
    return None


def _set_back(tx: Transaction, goal: Goal) -> None:
    clock.hold_hours(tx)
    seals.reopen(tx, goal.now, goal.corp_id)
    goal.take_effect(tx)


def _end(body: ClockRequest, goal: Goal, tx: Transaction) -> None:
    """What falls due until the goal is done."""
    if goal.corp_id != SERVER:
        the_corp(tx, goal.corp_id)
    goal.reach(tx)
    if body.freeze is False:
        clock.unfreeze(tx, goal.corp_id)


async def _follow_server(server: Server, corp_id: str) -> None:
    """Moves the corp's clock to the server's time, and drops it."""
    try:
        await server.read(partial(_refuse_to_follow_over_changes, corp_id))
    except seals.SealBroken as error:
        raise SimError(409, str(error)) from None
    goal = await server.run(partial(_begin_to_follow, corp_id))
    if goal is not None:
        await server.in_slices(scheduled_tasks.run_due(server.settings, goal, corp_id))
    await server.in_slices(scheduled_tasks.sorting_by_clock(corp_id, own_clock=False))
    await server.run(partial(_drop, corp_id))
    await server.in_slices(scheduled_tasks.run_due(server.settings, corp_id=corp_id))


def _refuse_to_follow_over_changes(corp_id: str, tx: Transaction) -> None:
    _refuse_if_changed(corp_id, clock.shows(tx), tx)


def _begin_to_follow(corp_id: str, tx: Transaction) -> Goal | None:
    the_corp(tx, corp_id)
    goal = clock.goal_of_server(tx, corp_id)
    if goal.now >= clock.shows(tx, corp_id):
        return goal
    _set_back(tx, goal)
    return None


def _drop(corp_id: str, tx: Transaction) -> None:
    clock.hold_hours(tx)
    the_corp(tx, corp_id)
    clock.follow_server(tx, corp_id)


def _described(server: Server, tx: Transaction, corp_id: str = SERVER) -> ClockReply:
    now = server.context(tx, corp_id).now
    return {"now": now, "iso": iso(now), "frozen": clock.is_frozen(tx, corp_id)}


def _described_of_corp(server: Server, corp_id: str, tx: Transaction) -> CorpClockReply:
    the_corp(tx, corp_id)
    follows = not clock.has_own(tx, corp_id)
    return {"corpid": corp_id, **_described(server, tx, corp_id), "follows_server": follows}
