"""Waiting until callbacks are delivered."""

import asyncio
import time
from typing import Annotated

import sqlalchemy as sa
from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.callbacks.outbox import MAX_LIMIT, CallbackEntry, CallbackFilter, read_callbacks
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import ErrorReply
from wecom_tollbooth.sim_api.lookup import the_app, the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.2
MAX_SECONDS = 60


class WaitQuery(CallbackFilter):
    count: int = Field(default=1, ge=1, le=MAX_LIMIT, description="等几个 / How many")
    timeout_seconds: float = Field(default=5, ge=0, le=MAX_SECONDS, description="真实时间 / Of real time")


class WaitReply(TypedDict):
    callbacks: list[CallbackEntry]


class NotInTimeReply(ErrorReply):
    callbacks: Annotated[
        list[CallbackEntry], Field(description="至此引发的，不论状态 / What was raised so far, in any state")
    ]


@router.get(
    "/corps/{corpid}/callbacks/wait",
    response_model=WaitReply,
    responses={
        408: {"model": NotInTimeReply, "description": "没有等到 / There were not so many in time"},
    },
)
async def wait_for_callbacks(
    corpid: str, server: TheServer, wanted: Annotated[WaitQuery, Query()]
) -> WaitReply | JSONResponse:
    """等待回调送达 / Wait for callbacks

    送达的回调够数时返回，最早的在前。企业的应用（或 `agentid` 所指应用）都没有回调地址时，留存的也算。超时
    返回 408 和已引发的回调。

    Answers when so many are delivered, oldest first. If no app of the corp, or the app `agentid`, has an
    address, those that are kept count. 408 with what was raised so far when the time is over.
    """
    count = wanted.count
    deadline = time.monotonic() + wanted.timeout_seconds
    pause = FIRST_PAUSE_SECONDS

    def arrived(tx: Transaction) -> list[CallbackEntry]:
        the_corp(tx, corpid)
        if wanted.agentid is not None:
            the_app(tx, corpid, wanted.agentid)
        states = ("delivered",) if _has_address(tx, corpid, wanted.agentid) else ("delivered", "kept")
        return read_callbacks(tx, corpid, wanted, count, states)

    while True:
        found = await server.run(arrived)
        if len(found) >= count:
            return {"callbacks": found}
        left = deadline - time.monotonic()
        if left <= 0:
            break
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    raised = await server.run(lambda tx: read_callbacks(tx, corpid, wanted, MAX_LIMIT))
    error = (
        f"{len(found)} of {count} callbacks were delivered within {wanted.timeout_seconds:g} s, "
        f"{len(raised)} were raised; GET /_sim/corps/{corpid}/callbacks shows the attempts"
    )
    return JSONResponse({"error": error, "callbacks": raised}, 408)


def _has_address(tx: Transaction, corp_id: str, agentid: int | None) -> bool:
    query = sa.select(APP.c.agentid).where(APP.c.corp_id == corp_id, APP.c.callback_url != "").limit(1)
    if agentid is not None:
        query = query.where(APP.c.agentid == agentid)
    return tx.execute(query).first() is not None
