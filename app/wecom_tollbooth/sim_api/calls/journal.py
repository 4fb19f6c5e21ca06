"""The journal: the last calls of a corp, each with its request, its answer and the reason for it."""

import re
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.journal.bound import dropped_up_to
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest
from wecom_tollbooth.sim_api.times import UnixTime

router = control_routes()

NO_CORP = ""
_HINT = re.compile(r"([0-9]{10})([0-9]{15})")


class CallsFilter(ControlRequest):
    path: str | None = Field(
        default=None, description="接口的路径或其别名 / Path of an operation, or one of its aliases"
    )
    errcode: int | None = None
    agentid: int | None = Field(default=None, ge=0)
    refused: bool | None = Field(
        default=None, description="true：errcode 不为 0 的调用 / true: not answered with errcode 0"
    )
    fault: int | None = Field(
        default=None, ge=0, description="遇到此故障的调用 / Calls that met this planned fault"
    )
    warned: bool | None = Field(
        default=None, description="true：请求体有一部分不合格式 / true: part of the body was malformed"
    )


class CallsQuery(CallsFilter):
    hint: str | None = Field(default=None, description="errmsg 中的 25 位数字 / The 25 digits of an errmsg")
    usage_id: int | None = Field(
        default=None, ge=0, description="账本中记录的 id / Id of its record in the ledger"
    )
    since: UnixTime | None = Field(
        default=None, description="此时刻起，按模拟器时钟 / From then on, by the simulator's clock"
    )
    cursor: str = Field(default="", description="上一页的 next_cursor / next_cursor of the page before")
    limit: int = Field(default=100, ge=1, le=1000)


Filter = Annotated[CallsQuery, Query()]

OF_OPERATIONS = (200, 206, 416)
"""What an operation answers with: 206 and 416 where it answers with part of a file."""


class CallRequest(TypedDict):
    method: str
    path: str
    query: str
    body: str
    ip: str


class CallAnswer(TypedDict):
    http_status: int
    errcode: int | None
    errmsg: str | None


class CallEntry(TypedDict):
    hint: str
    usage_id: int
    at: int
    agentid: int
    request: CallRequest
    answer: CallAnswer
    detail: Annotated[
        str,
        Field(description="为什么这样应答，怎样才对 / Why it was answered so, and what would be right"),
    ]
    warned: bool
    duration_us: int
    fault: Annotated[int | None, Field(description="遇到的故障 / The planned fault that it met")]


class CallsReply(TypedDict):
    calls: list[CallEntry]
    next_cursor: Annotated[str, Field(description="没有更多时为空 / Empty at the end")]


@router.get("/corps/{corpid}/calls")
async def list_calls(corpid: str, wanted: Filter, gateway: TheGateway) -> CallsReply:
    """列出企业的调用 / List the calls of a corp

    最新的在前。日志保留每个企业最近 TOLLBOOTH_JOURNAL_CAPACITY 次调用，账本保留全部。有文档但未模拟的接口
    errcode 为 990404；不存在的路径 http_status 为 404、没有 errcode。时间为 Unix 秒，耗时为微秒；令牌与密钥
    截短，请求体保留前 2,000 个字符。

    Newest first. The journal keeps the last TOLLBOOTH_JOURNAL_CAPACITY calls of each corp, the ledger keeps
    all. A documented operation that is not simulated has errcode 990404; a path that does not exist has
    http_status 404 and no errcode. Times are unix seconds, durations microseconds; tokens and secrets are cut
    short, bodies after 2,000 characters.
    """

    def work(tx: Transaction) -> CallsReply:
        the_corp(tx, corpid)
        return _page(tx, gateway, corpid, wanted)

    return await gateway.server.run(work)


@router.get("/calls")
async def list_calls_without_corp(wanted: Filter, gateway: TheGateway) -> CallsReply:
    """列出不属于任何企业的调用 / List the calls of no corp

    没有说明企业的调用：令牌或 corpid 未知，或没有给出。

    Calls that named no existing corp: an unknown token or corpid, or none.
    """
    return await gateway.server.run(lambda tx: _page(tx, gateway, NO_CORP, wanted))


def _page(tx: Transaction, gateway: Gateway, corp_id: str, wanted: CallsQuery) -> CallsReply:
    kept = CALL_JOURNAL.c.seq > dropped_up_to(tx.dialect)
    query = (
        sa.select(CALL_JOURNAL)
        .where(
            CALL_JOURNAL.c.corp_id == corp_id, kept, *conditions(gateway.operations, wanted), *_places(wanted)
        )
        .order_by(CALL_JOURNAL.c.at.desc(), CALL_JOURNAL.c.usage_id.desc())
        .limit(wanted.limit + 1)
    )
    capacity = gateway.server.settings.journal_capacity
    rows = tx.execute(query, {"corp_id": corp_id, "capacity": capacity}).all()
    shown = [_entry(row) for row in rows[: wanted.limit]]
    return {"calls": shown, "next_cursor": shown[-1]["hint"] if len(rows) > wanted.limit else ""}


def all_calls(tx: Transaction, capacity: int, corp_id: str) -> list[CallEntry]:
    """The calls of the corp that the journal has, oldest first."""
    kept = CALL_JOURNAL.c.seq > dropped_up_to(tx.dialect)
    query = (
        sa.select(CALL_JOURNAL)
        .where(CALL_JOURNAL.c.corp_id == corp_id, kept)
        .order_by(CALL_JOURNAL.c.at, CALL_JOURNAL.c.usage_id)
    )
    return [_entry(row) for row in tx.execute(query, {"corp_id": corp_id, "capacity": capacity})]


def conditions(operations: Registry, wanted: CallsFilter) -> list[sa.ColumnElement[bool]]:
    """What the filter asks of the journal's rows."""
    answered = CALL_JOURNAL.c.http_status.in_(OF_OPERATIONS)
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.path is not None:
        operation = operations.find(wanted.path)
        paths = (operation.path, *operation.aliases) if operation else (wanted.path,)
        conditions.append(CALL_JOURNAL.c.path.in_(paths))
    if wanted.errcode is not None:
        conditions += [CALL_JOURNAL.c.errcode == wanted.errcode, answered]
    if wanted.agentid is not None:
        conditions.append(CALL_JOURNAL.c.agentid == wanted.agentid)
    if wanted.refused is not None:
        charged = (CALL_JOURNAL.c.errcode == 0) & answered
        conditions.append(sa.not_(charged) if wanted.refused else charged)
    if wanted.warned is not None:
        conditions.append(CALL_JOURNAL.c.warned.is_(wanted.warned))
    if wanted.fault is not None:
        conditions.append(CALL_JOURNAL.c.fault == wanted.fault)
    return conditions


def _places(wanted: CallsQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(CALL_JOURNAL.c.at >= wanted.since)
    if wanted.usage_id is not None:
        conditions.append(CALL_JOURNAL.c.usage_id == wanted.usage_id)
    if wanted.hint is not None:
        at, usage_id = _place("hint", wanted.hint)
        conditions += [CALL_JOURNAL.c.at == at, CALL_JOURNAL.c.usage_id == usage_id]
    if wanted.cursor:
        at, usage_id = _place("cursor", wanted.cursor)
        conditions.append(sa.tuple_(CALL_JOURNAL.c.at, CALL_JOURNAL.c.usage_id) < sa.tuple_(at, usage_id))
    return conditions


def _place(name: str, digits: str) -> tuple[int, int]:
    """Second and number of the call that a hint names; a cursor is the hint of the last call shown."""
    match = _HINT.fullmatch(digits)
    if match is None:
        raise SimError(422, f"{name}: {digits!r} is not 25 digits, as in the hint of an errmsg")
    return int(match[1]), int(match[2])


def _entry(row: sa.Row[Any]) -> CallEntry:
    answered = row.http_status in OF_OPERATIONS
    return {
        "hint": hint_of(row.at, row.usage_id),
        "usage_id": row.usage_id,
        "at": row.at,
        "agentid": row.agentid,
        "request": {
            "method": row.method,
            "path": row.path,
            "query": row.query,
            "body": row.body,
            "ip": row.ip,
        },
        "answer": {
            "http_status": row.http_status,
            "errcode": row.errcode if answered else None,
            "errmsg": row.errmsg if answered else None,
        },
        "detail": row.detail,
        "warned": row.warned,
        "duration_us": row.duration_us,
        "fault": row.fault,
    }
