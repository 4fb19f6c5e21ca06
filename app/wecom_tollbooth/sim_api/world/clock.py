"""The simulator's clock: read, move, freeze."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from wecom_tollbooth.billing import seals
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.times import UnixTime, iso
from wecom_tollbooth.world import clock, scheduled_tasks

router = APIRouter()


class ClockRequest(BaseModel):
    """One of `advance_seconds` and `set`, or `freeze`, or `freeze` together with one of them."""

    model_config = ConfigDict(extra="forbid")

    advance_seconds: StrictInt | None = Field(
        default=None,
        ge=0,
        le=clock.LATEST - clock.EARLIEST,
        description="seconds forward; only `set` goes back",
    )
    set: UnixTime | None = Field(default=None, description="the time that it shall be, earlier or later")
    freeze: StrictBool | None = Field(default=None, description="true: stand still; false: run on from here")

    @model_validator(mode="after")
    def _one_move(self) -> "ClockRequest":
        if self.advance_seconds is not None and self.set is not None:
            raise ValueError("give advance_seconds or set, not both")
        if self.advance_seconds is None and self.set is None and self.freeze is None:
            raise ValueError("give advance_seconds, set or freeze")
        return self


@router.get("/clock")
async def read_clock(server: TheServer) -> dict[str, Any]:
    """{"now": unix seconds, "iso": the same in Asia/Shanghai, "frozen": whether it stands still}."""
    return await server.run(_shown)


@router.post("/clock")
async def move_clock(body: ClockRequest, server: TheServer) -> dict[str, Any]:
    """Moves the one clock of the server, and freezes it or lets it run; the reply is that of GET.

    Forward does what falls due and seals the hours passed; back opens the hours from there on again.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        if body.freeze:
            # First: a running clock could run on between its move and its stop.
            clock.freeze(tx)
        try:
            if body.set is not None:
                clock.hold_hours(tx)
                seals.reopen(tx, body.set)
                clock.set_to(tx, body.set)
            if body.advance_seconds is not None:
                clock.advance(tx, body.advance_seconds)
        except seals.Broken as error:
            raise SimError(409, str(error)) from None
        except ValueError as error:
            raise SimError(422, str(error)) from None
        if body.freeze is False:
            clock.unfreeze(tx)
        return _shown(tx)

    await server.run(work)
    await server.off_loop(_catch_up, server)
    server.work_waiting.set()
    return await server.run(_shown)


def _catch_up(server: Server) -> None:
    """Does what fell due, and seals the hours that are over."""
    scheduled_tasks.run_all_due(server.settings, server.database)
    seals.seal_all(server.database)


def _shown(tx: Transaction) -> dict[str, Any]:
    now = clock.now(tx)
    return {"now": now, "iso": iso(now), "frozen": clock.is_frozen(tx)}
