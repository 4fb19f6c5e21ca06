"""The ledger: the records behind a line of a statement, reversals, and whether it is what was sealed."""

import re
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.billing import seals
from wecom_tollbooth.billing.ledger import NotReversed, records_behind, reverse
from wecom_tollbooth.billing.meters import REFUSED
from wecom_tollbooth.billing.tables import USAGE_TOTAL
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.billing.billed_corps import the_billed
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.times import iso, the_month
from wecom_tollbooth.world import clock

router = APIRouter()

BIGGEST = 2**63 - 1
_CURSOR = re.compile(r"([0-9]{10})([0-9]{15})")


class Wanted(BaseModel):
    """Which records, and which page of them. Filters add up."""

    model_config = ConfigDict(extra="forbid")

    month: str | None = Field(default=None, description="YYYY-MM; by default the clock's own")
    meter: str | None = Field(
        default=None, description="of a line: one meter, several with + between, refused"
    )
    operation: str | None = Field(default=None, description="path of an operation, or what an act came to")
    errcode: int | None = Field(default=None, ge=-BIGGEST, le=BIGGEST)
    agentid: int | None = Field(default=None, ge=0, le=BIGGEST)
    subject: str | None = Field(default=None, description="external_userid or userid of an act's record")
    cursor: str = Field(default="", description="next_cursor of the page before")
    limit: int = Field(default=100, ge=1, le=1000)


class Reversal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=200)


@router.get("/corps/{corpid}/ledger")
async def list_records(corpid: str, wanted: Annotated[Wanted, Query()], server: TheServer) -> dict[str, Any]:
    """{"records": […], "next_cursor"}: oldest first; next_cursor is "" at the end.

    `hint` of a call's record is what the journal of calls has it under. Times are unix seconds. A meter
    without an errcode gives the charged records, `refused` those that were refused.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        the_billed(tx, corpid)
        since, until = clock.month_bounds(the_month(tx, wanted.month))
        rows = records_behind(
            tx,
            corpid,
            since,
            until,
            after=_place(wanted.cursor),
            limit=wanted.limit + 1,
            meters=[] if wanted.meter in (None, REFUSED) else str(wanted.meter).split("+"),
            refused=wanted.meter == REFUSED if wanted.meter and wanted.errcode is None else None,
            operation=wanted.operation,
            errcode=wanted.errcode,
            agentid=wanted.agentid,
            subject=wanted.subject,
        )
        shown = [_record(row) for row in rows[: wanted.limit]]
        return {"records": shown, "next_cursor": shown[-1]["hint"] if len(rows) > wanted.limit else ""}

    return await server.run(work)


@router.post("/corps/{corpid}/ledger/{number}/reverse")
async def reverse_record(corpid: str, number: int, body: Reversal, server: TheServer) -> dict[str, Any]:
    """Takes a record back by one that has its quantity negated: {"id", "reverses"}. Once only."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_billed(tx, corpid)
        try:
            reversal = reverse(tx, corpid, number, clock.now(tx), body.reason)
        except NotReversed as refusal:
            raise SimError(409, str(refusal)) from None
        return {"id": reversal, "reverses": number}

    return await server.run(work)


@router.get("/corps/{corpid}/ledger/verify")
async def verify_corp(corpid: str, server: TheServer) -> dict[str, Any]:
    """Compares seals, totals and levels with the records, after sealing what is over.

    {"corpid", "intact", "hours", "records", "sealed_until", "findings": [{"kind", "place", "sentence"}]}.
    """
    await server.run(lambda tx: the_billed(tx, corpid))
    return await server.off_loop(lambda: _verified(server, corpid))


@router.get("/ledger/verify")
async def verify_all(server: TheServer) -> dict[str, Any]:
    """The same for every corp, deleted ones and calls without a corp (corpid "") too: {"intact", "corps"}."""

    def work() -> dict[str, Any]:
        with server.database.transaction() as tx:
            named = sa.select(USAGE_TOTAL.c.corp_id).distinct().order_by(USAGE_TOTAL.c.corp_id)
            corps = list(tx.execute(named).scalars())
        reports = [_verified(server, corpid) for corpid in corps]
        return {"intact": all(report["intact"] for report in reports), "corps": reports}

    return await server.off_loop(work)


def _verified(server: Server, corpid: str) -> dict[str, Any]:
    seals.seal_corp(server.database, corpid)
    with server.database.transaction() as tx:
        report = seals.verify(tx, corpid)
    return {
        "corpid": corpid,
        "intact": not report.findings,
        "hours": report.hours,
        "records": report.records,
        "sealed_until": None if report.sealed_until is None else iso(report.sealed_until),
        "findings": [vars(finding) for finding in report.findings],
    }


def _place(cursor: str) -> tuple[int, int]:
    match = _CURSOR.fullmatch(cursor)
    if cursor and match is None:
        raise SimError(422, f"cursor: {cursor!r} is no next_cursor")
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _record(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "hint": hint_of(row.at, row.id),
        **{key: row._mapping[key] for key in row._mapping if key != "corp_id"},
    }
