"""The callbacks of a corp: what was raised, every attempt to deliver it, and replay."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.answers import read_attempts
from wecom_tollbooth.callbacks.outbox import put_again
from wecom_tollbooth.callbacks.tables import CALLBACK, Callback
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app, the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number

router = control_routes()

MAX_LIMIT = 1000

State = Literal["waiting", "delivered", "failed", "dropped", "kept"]


class PassiveReply(TypedDict):
    shown: Annotated[bool, Field(description="成员是否看到 / Whether the member sees it")]
    reason_zh: NotRequired[Annotated[str, Field(description="未显示的原因 / Why not, in Chinese")]]
    reason_en: NotRequired[Annotated[str, Field(description="未显示的原因（英文） / Why not")]]


class DeliveryAttempt(TypedDict):
    number: int
    at: int
    url: str
    status: Annotated[int, Field(description="HTTP 状态，没有应答时为 0 / HTTP status, 0 where none came")]
    answer: str
    error: str
    duration_ms: int
    reply: Annotated[
        PassiveReply | None,
        Field(description="应答中的被动回复，没有时为 null / The passive reply in the answer, or null"),
    ]


class CallbackEntry(TypedDict):
    id: int
    agentid: int
    at: int
    event: str
    change_type: str
    xml: Annotated[str, Field(description="明文 / In plain text")]
    state: State
    due_at: Annotated[int, Field(description="下一次投递的时间 / When the next attempt is due")]
    copy_of: Annotated[int | None, Field(description="所重复的回调 / The callback that this one repeats")]
    attempts: list[DeliveryAttempt]
    tries: Annotated[
        list[DeliveryAttempt],
        Field(deprecated=True, description="attempts 的旧名，保留到 0.3 / Old name of attempts, until 0.3"),
    ]


class CallbacksReply(TypedDict):
    callbacks: list[CallbackEntry]
    next: Annotated[
        int | None,
        Field(
            description="下一页的 after（newest 时为 before），没有更多时为 null / "
            "`after` of the next page, with `newest` its `before`; null at the end"
        ),
    ]


class ReplayReply(TypedDict):
    id: Annotated[int, Field(description="新回调的 ID / Id of the new callback")]
    state: Literal["waiting", "kept"]


class CallbackFilter(ControlRequest):
    after: Number = Field(
        default=0,
        description="只要此 id 之后的；分页时为上一页的 next / "
        "Only those behind this id; for the next page, `next` of the page before",
    )
    agentid: Number | None = None
    event: str | None = None
    change_type: str | None = None


class CallbacksQuery(CallbackFilter):
    limit: int = Field(default=100, ge=1, le=MAX_LIMIT, description=f"最多 {MAX_LIMIT} / At most {MAX_LIMIT}")
    state: State | None = None
    newest: bool = Field(
        default=False, description="最新的在前；下一页用 before / Newest first; the next page is `before`"
    )
    before: Number | None = Field(default=None, description="只要此 id 之前的 / Only those before this id")


@router.get("/corps/{corpid}/callbacks")
async def list_callbacks(
    corpid: str, server: TheServer, wanted: Annotated[CallbacksQuery, Query()]
) -> CallbacksReply:
    """列出回调 / List the callbacks

    引发的全部事件，最早的在前，附明文 XML 与每次投递。`state`：`waiting` 待发、`delivered` 已送达、`failed`
    重试后仍失败、 `dropped` 按故障注入丢弃、`kept` 应用没有回调地址而只留存。

    What was raised, oldest first, with the plain XML and every attempt to deliver it. `state` is `waiting`,
    `delivered`, `failed` (after the last retry), `dropped` (by a delivery fault) or `kept` (the app has no
    endpoint).
    """

    def work(tx: Transaction) -> CallbacksReply:
        the_corp(tx, corpid)
        states = None if wanted.state is None else (wanted.state,)
        found = read_callbacks(
            tx, corpid, wanted, wanted.limit + 1, states, before=wanted.before, newest=wanted.newest
        )
        callbacks = found[: wanted.limit]
        return {"callbacks": callbacks, "next": callbacks[-1]["id"] if len(found) > wanted.limit else None}

    return await server.run(work)


def read_callbacks(
    tx: Transaction,
    corp_id: str,
    wanted: CallbackFilter,
    most: int,
    states: Sequence[str] | None = None,
    *,
    before: int | None = None,
    newest: bool = False,
) -> list[CallbackEntry]:
    """The first `most` callbacks that the filter lets through, oldest first or newest first.

    `states` None: in any state.
    """
    query = sa.select(CALLBACK).where(CALLBACK.c.corp_id == corp_id, CALLBACK.c.id > wanted.after)
    for name in ("agentid", "event", "change_type"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(CALLBACK.c[name] == value)
    if states is not None:
        query = query.where(CALLBACK.c.state.in_(states))
    if before is not None:
        query = query.where(CALLBACK.c.id < before)
    order = CALLBACK.c.id.desc() if newest else CALLBACK.c.id
    rows = list(tx.execute(query.order_by(order).limit(most)))
    attempts = read_attempts(tx, corp_id, [row.id for row in rows])
    return [described(row, attempts.get(row.id, [])) for row in rows]


@router.post("/corps/{corpid}/callbacks/{callback_id}/replay")
async def replay_callback(corpid: str, callback_id: Number, server: TheServer) -> ReplayReply:
    """重发回调 / Replay a callback

    把同一事件再发一次，发往应用现在的回调地址；带有自己地址的回调仍发往该地址。

    Sends the same event once more, to the endpoint that the app has now, or to the address of its own.
    """

    def work(tx: Transaction) -> ReplayReply:
        callback = tx.session.get(Callback, (corpid, callback_id))
        if callback is None:
            raise SimError(404, f"corp {corpid!r} has no callback {callback_id}")
        app = the_app(tx, corpid, callback.agentid)
        state: Literal["waiting", "kept"] = "waiting" if callback.address or app.callback_url else "kept"
        return {"id": put_again(server.context(tx, corpid), callback, state), "state": state}

    reply = await server.run(work)
    server.work_waiting.set(corpid)
    return reply


def described(row: Any, attempts: list[Any]) -> CallbackEntry:
    """A callback with its attempts, as the control API shows it."""
    return {
        "id": row.id,
        "agentid": row.agentid,
        "at": row.at,
        "event": row.event,
        "change_type": row.change_type,
        "xml": row.xml,
        "state": row.state,
        "due_at": row.due_at,
        "copy_of": row.copy_of,
        "attempts": attempts,
        "tries": attempts,
    }
