"""What happened about one customer: calls that named it, and callbacks about it."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.tables import CALLBACK
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.relations.tables import ExternalContact
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.journal.bound import dropped_up_to
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()

MAX_LIMIT = 200
CALLBACKS_LOOKED_AT = 20_000
OF_OPERATIONS = (200, 206, 416)


class CallOfTrail(TypedDict):
    hint: str
    at: int
    agentid: int
    path: str
    errcode: int | None
    usage_id: int


class CallbackOfTrail(TypedDict):
    id: int
    at: int
    agentid: int
    event: str
    change_type: str
    state: str


class TrailReply(TypedDict):
    calls: Annotated[list[CallOfTrail], Field(description="最新的在前 / Newest first")]
    callbacks: Annotated[list[CallbackOfTrail], Field(description="最新的在前 / Newest first")]


@router.get("/corps/{corpid}/customers/{external_userid}/trail")
async def show_trail(
    corpid: str,
    external_userid: str,
    server: TheServer,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="每种最多几个 / The most of each kind")] = 50,
) -> TrailReply:
    """查看与客户有关的调用与回调 / Show calls and callbacks about a customer

    日志里参数或请求体含有此 external_userid 的调用，以及最近 20,000 条回调中含有它的。服务商的应用用自己的 ID
    称呼客户，它们的调用不在其中。

    The journal's calls with the external_userid in their query or body, and those of the latest 20,000
    callbacks that hold it. Apps of providers have ids of their own for customers; their calls aren't here.
    """

    def work(tx: Transaction) -> TrailReply:
        the_corp(tx, corpid)
        if tx.session.get(ExternalContact, (corpid, external_userid)) is None:
            raise SimError(404, f"corp {corpid!r} has no customer {external_userid!r}")
        return {
            "calls": _calls(tx, corpid, external_userid, server.settings.journal_capacity, limit),
            "callbacks": _callbacks(tx, corpid, external_userid, limit),
        }

    return await server.read(work)


def _calls(
    tx: Transaction, corp_id: str, external_userid: str, capacity: int, limit: int
) -> list[CallOfTrail]:
    table = CALL_JOURNAL.c
    query = (
        sa.select(CALL_JOURNAL)
        .where(
            table.corp_id == corp_id,
            table.seq > dropped_up_to(tx.dialect),
            _holds(table.query, external_userid) | _holds(table.body, external_userid),
        )
        .order_by(table.at.desc(), table.usage_id.desc())
        .limit(limit)
    )
    return [
        {
            "hint": hint_of(row.at, row.usage_id),
            "at": row.at,
            "agentid": row.agentid,
            "path": row.path,
            "errcode": row.errcode if row.http_status in OF_OPERATIONS else None,
            "usage_id": row.usage_id,
        }
        for row in tx.execute(query, {"corp_id": corp_id, "capacity": capacity})
    ]


def _callbacks(tx: Transaction, corp_id: str, external_userid: str, limit: int) -> list[CallbackOfTrail]:
    table = CALLBACK.c
    of_corp = sa.select(table.id).where(table.corp_id == corp_id).order_by(table.id.desc())
    first = tx.execute(of_corp.offset(CALLBACKS_LOOKED_AT - 1).limit(1)).scalar()
    query = (
        sa.select(table.id, table.at, table.agentid, table.event, table.change_type, table.state)
        .where(table.corp_id == corp_id, table.id >= (first or 0), _holds(table.xml, external_userid))
        .order_by(table.id.desc())
        .limit(limit)
    )
    return [
        {
            "id": row.id,
            "at": row.at,
            "agentid": row.agentid,
            "event": row.event,
            "change_type": row.change_type,
            "state": row.state,
        }
        for row in tx.execute(query)
    ]


def _holds(column: Any, text: str) -> sa.ColumnElement[bool]:
    held: sa.ColumnElement[bool] = column.contains(text, autoescape=True)
    return held
