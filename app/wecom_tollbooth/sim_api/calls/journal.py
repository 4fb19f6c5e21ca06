"""The journal: the last calls of a corp, each with its request, its answer and why it was answered so."""

import re
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.times import UnixTime

router = APIRouter()

NO_CORP = ""
BIGGEST = 2**63 - 1
_HINT = re.compile(r"([0-9]{10})([0-9]{15})")


class Wanted(BaseModel):
    """Which calls, and which page of them. Filters add up."""

    model_config = ConfigDict(extra="forbid")

    path: str | None = Field(default=None, description="path of an operation, or of one of its aliases")
    errcode: int | None = Field(default=None, ge=-BIGGEST, le=BIGGEST)
    agentid: int | None = Field(default=None, ge=0, le=BIGGEST)
    refused: bool | None = Field(default=None, description="true: not answered with errcode 0")
    warned: bool | None = Field(default=None, description="true: part of the body was no good JSON")
    hint: str | None = Field(default=None, description="the 25 digits of an errmsg")
    usage_id: int | None = Field(default=None, ge=0, le=BIGGEST, description="id of its record in the ledger")
    since: UnixTime | None = Field(default=None, description="calls from then on, by the simulator's clock")
    cursor: str = Field(default="", description="next_cursor of the page before")
    limit: int = Field(default=100, ge=1, le=1000)


Filter = Annotated[Wanted, Query()]


@router.get("/corps/{corpid}/calls")
async def list_calls(corpid: str, wanted: Filter, gateway: TheGateway) -> dict[str, Any]:
    """{"calls": […], "next_cursor"}: newest first by the simulator's clock; next_cursor is "" at the end.

    The journal keeps the last TOLLBOOTH_JOURNAL_CAPACITY calls of each corp; the ledger keeps them all. A
    path that is not simulated shows as http_status 404 without an errcode. Times are in unix seconds,
    durations in microseconds; tokens and secrets are cut short, bodies after 2,000 characters.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        return _page(tx, gateway.operations, corpid, wanted)

    return await gateway.server.run(work)


@router.get("/calls")
async def list_calls_without_corp(wanted: Filter, gateway: TheGateway) -> dict[str, Any]:
    """The same for calls that named no corp that there is: an unknown token or corpid, or none."""
    return await gateway.server.run(lambda tx: _page(tx, gateway.operations, NO_CORP, wanted))


def _page(tx: Transaction, operations: Registry, corp_id: str, wanted: Wanted) -> dict[str, Any]:
    query = (
        sa.select(CALL_JOURNAL)
        .where(CALL_JOURNAL.c.corp_id == corp_id, *_conditions(operations, wanted))
        .order_by(CALL_JOURNAL.c.at.desc(), CALL_JOURNAL.c.usage_id.desc())
        .limit(wanted.limit + 1)
    )
    rows = tx.execute(query).all()
    shown = [_entry(row) for row in rows[: wanted.limit]]
    return {"calls": shown, "next_cursor": shown[-1]["hint"] if len(rows) > wanted.limit else ""}


def _conditions(operations: Registry, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    answered = CALL_JOURNAL.c.http_status == 200
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


def _entry(row: sa.Row[Any]) -> dict[str, Any]:
    answered = row.http_status == 200
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
    }
