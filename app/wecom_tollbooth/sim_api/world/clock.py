"""The simulator's clock: read, move, freeze."""

from functools import partial
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, model_validator
from typing_extensions import TypedDict

from wecom_tollbooth.billing import seals
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.sim_api.times import UnixTime, iso
from wecom_tollbooth.world import clock, scheduled_tasks
from wecom_tollbooth.world.clock import Goal

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
    def _one_move(self) -> "ClockRequest":
        if self.advance_seconds is not None and self.set is not None:
            raise ValueError("give advance_seconds or set, not both")
        if self.advance_seconds is None and self.set is None and self.freeze is None:
            raise ValueError("give advance_seconds, set or freeze")
        return self


class ClockReply(TypedDict):
    now: Annotated[int, Field(description="Unix 秒 / Unix seconds")]
    iso: Annotated[str, Field(description="同一时刻，东八区 / The same in Asia/Shanghai")]
    frozen: bool


@router.get("/clock")
async def get_clock(server: TheServer) -> ClockReply:
    """查看时钟 / Show the clock

    整个服务共用一个时钟。

    The whole server has one clock.
    """
    return await server.run(lambda tx: _described(server, tx))


@router.post("/clock", responses=CONFLICT)
async def set_clock(body: ClockRequest, server: TheServer) -> ClockReply:
    """快进、设置或冻结时钟 / Move, set or freeze the clock

    向前时，到期的事情逐一发生，时钟随之前进，其间的调用看到的就是当时的时刻；经过的小时被封存，然后才返回。向后
    时，此后的小时重新打开。同时只有一次移动，其余的排队。

    Forward runs what falls due, one after the other; the clock moves along, and calls in between see its
    time. The hours passed are sealed, then it answers. Back opens the hours from there on again. One move at
    a time: the others wait.
    """
    async with server.moving_the_clock():
        try:
            if body.set is not None:
                await server.read(partial(_refuse_if_changed, server, body.set))
            goal = await server.run(partial(_begin, server, body))
        except seals.SealBroken as error:
            raise SimError(409, str(error)) from None
        except ValueError as error:
            raise SimError(422, str(error)) from None
        if goal is not None:
            await server.in_slices(scheduled_tasks.run_due(server.settings, goal))
            await server.run(partial(_end, body, goal))
        await server.in_slices(scheduled_tasks.run_due(server.settings))
        await server.in_thread(seals.seal_all, server.database)
        server.work_waiting.set()
        return await server.run(lambda tx: _described(server, tx))


def _refuse_if_changed(server: Server, at: int, tx: Transaction) -> None:
    """Raises SealBroken when the clock would go back over hours that have changed."""
    if at < server.context(tx).now:
        seals.refuse_to_reopen_changed(tx, at)


def _begin(server: Server, body: ClockRequest, tx: Transaction) -> Goal | None:
    """Stops the clock or sets it back; returns where it has to go, or None where it stands right."""
    if body.freeze:
        # First, because a running clock would go on between the move and the stop.
        clock.freeze(tx)
    if body.advance_seconds is not None:
        return clock.goal_in(tx, body.advance_seconds)
    if body.set is not None:
        goal = clock.goal_at(tx, body.set)
        if body.set >= server.context(tx).now:
            return goal
        clock.hold_hours(tx)
        seals.reopen(tx, body.set)
        goal.reach(tx)
    if body.freeze is False:
        clock.unfreeze(tx)
    return None


def _end(body: ClockRequest, goal: Goal, tx: Transaction) -> None:
    """What falls due until the goal is done."""
    goal.reach(tx)
    if body.freeze is False:
        clock.unfreeze(tx)


def _described(server: Server, tx: Transaction) -> ClockReply:
    now = server.context(tx).now
    return {"now": now, "iso": iso(now), "frozen": clock.is_frozen(tx)}
