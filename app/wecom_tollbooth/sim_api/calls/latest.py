"""The newest calls of a corp in short, for a list that is watched while calls arrive."""

from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from fastapi import Query, Response
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.journal.bound import dropped_up_to
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.sim_api.calls.journal import OF_OPERATIONS, CallsFilter, conditions
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import Number

router = control_routes()

MAX_LIMIT = 200
OVERLAP = 32
"""So many numbers are looked at again on PostgreSQL, where calls are committed out of order."""
_SHOWN = (
    *("seq", "at", "usage_id", "agentid", "ip", "method", "path", "http_status"),
    *("errcode", "errmsg", "detail", "warned", "duration_us", "fault"),
)
_NEWEST = sa.select(sa.func.max(CALL_JOURNAL.c.seq)).where(CALL_JOURNAL.c.corp_id == sa.bindparam("corp_id"))


class LatestQuery(CallsFilter):
    after: Number = Field(default=0, description="上次答复的 after / `after` of the last answer")
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)


class LatestCall(TypedDict):
    seq: Annotated[int, Field(description="企业内递增 / Rises with the corp's calls")]
    hint: str
    usage_id: int
    at: int
    agentid: int
    ip: str
    method: str
    path: str
    http_status: int
    errcode: int | None
    errmsg: str | None
    detail: str
    warned: bool
    duration_us: int
    fault: int | None


class LatestReply(TypedDict):
    calls: list[LatestCall]
    after: Annotated[int, Field(description="下次要给的 after / `after` for the next request")]
    more: Annotated[
        bool,
        Field(description="其间还有未列出的调用 / Whether there were more calls since, which are not listed"),
    ]


@router.get("/corps/{corpid}/calls/latest", response_model=LatestReply)
async def list_latest_calls(
    corpid: str, wanted: Annotated[LatestQuery, Query()], gateway: TheGateway
) -> Response:
    """列出最新的调用 / List the latest calls

    最新的在前，不含请求体，供持续刷新的列表使用：`after` 填上次答复的 `after`，只返回其后的调用，最多 `limit`
    次。并发调用提交的次序可能不同，同一次调用可能出现两次，按 `seq` 去重。答复的 `after` 变小，
    说明企业已恢复到快照。

    Newest first and without bodies, for a list that is refreshed all the time: with the `after` of the last
    answer, only the calls since, at most `limit`. A call may come twice, because calls that run side by side
    may be committed in another order: tell them apart by `seq`. An `after` that is smaller than the one that
    was sent says that the corp went back to a snapshot.
    """
    reply = await gateway.server.run(lambda tx: _latest(tx, gateway, corpid, wanted))
    return Response(orjson.dumps(reply), media_type="application/json")


def _latest(tx: Transaction, gateway: Gateway, corp_id: str, wanted: LatestQuery) -> LatestReply:
    the_corp(tx, corp_id)
    seq = CALL_JOURNAL.c.seq
    query = (
        sa.select(*(CALL_JOURNAL.c[name] for name in _SHOWN))
        .where(CALL_JOURNAL.c.corp_id == corp_id, seq > wanted.after)
        .where(seq > dropped_up_to(tx.dialect), *conditions(gateway.operations, wanted))
        .order_by(seq.desc())
        .limit(wanted.limit + 1)
    )
    capacity = gateway.server.settings.journal_capacity
    rows = tx.execute(query, {"corp_id": corp_id, "capacity": capacity}).all()
    newest = tx.execute(_NEWEST, {"corp_id": corp_id}).scalar() or 0
    overlap = OVERLAP if tx.dialect == "postgresql" else 0
    return {
        "calls": [_short(row) for row in rows[: wanted.limit]],
        "after": max(0, newest - overlap),
        "more": len(rows) > wanted.limit,
    }


def _short(row: sa.Row[Any]) -> LatestCall:
    answered = row.http_status in OF_OPERATIONS
    return {
        "seq": row.seq,
        "hint": hint_of(row.at, row.usage_id),
        "usage_id": row.usage_id,
        "at": row.at,
        "agentid": row.agentid,
        "ip": row.ip,
        "method": row.method,
        "path": row.path,
        "http_status": row.http_status,
        "errcode": row.errcode if answered else None,
        "errmsg": row.errmsg if answered else None,
        "detail": row.detail,
        "warned": row.warned,
        "duration_us": row.duration_us,
        "fault": row.fault,
    }
