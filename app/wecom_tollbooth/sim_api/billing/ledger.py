"""The ledger: the records behind a line of a statement, reversals, verification."""

import re
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing import seals, segments
from wecom_tollbooth.billing.ledger import NotReversed, records_behind, reverse
from wecom_tollbooth.billing.meters import REFUSED
from wecom_tollbooth.billing.tables import USAGE_RECORD, USAGE_TOTAL
from wecom_tollbooth.db import Transaction, reading
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.billing.billed_corps import the_billed_corp
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example
from wecom_tollbooth.sim_api.times import iso, the_month
from wecom_tollbooth.world import clock

router = control_routes()

_CURSOR = re.compile(r"([0-9]{10})([0-9]{15})")
_SUPERSEDED_CURSOR = re.compile(r"([0-9]{1,9})-([0-9]{1,18})")
LARGEST = 2**31 - 1


class LedgerQuery(ControlRequest):
    month: str | None = Field(
        default=None, description="YYYY-MM，默认时钟当月 / By default the clock's month"
    )
    meter: str | None = Field(
        default=None,
        description="账单行的计量项，多个用 + 连接；refused 为被拒绝的 / "
        "Of a line: a meter, several with +, or refused",
    )
    operation: str | None = Field(
        default=None, description="接口路径，或业务动作的结果 / Path of an operation, or what an act came to"
    )
    errcode: int | None = None
    agentid: int | None = Field(default=None, ge=0)
    subject: str | None = Field(
        default=None, description="external_userid 或 userid / external_userid or userid of an act's record"
    )
    cursor: str = Field(default="", description="上一页的 next_cursor / next_cursor of the page before")
    limit: int = Field(default=100, ge=1, le=1000)


class SupersededQuery(ControlRequest):
    segment: int | None = Field(
        default=None, ge=1, le=LARGEST, description="账本的第几段，默认全部 / Of this segment; by default all"
    )
    cursor: str = Field(default="", description="上一页的 next_cursor / next_cursor of the page before")
    limit: int = Field(default=100, ge=1, le=1000)


class ReversalRequest(ControlRequest):
    model_config = example(reason="booked by mistake")

    reason: str = Field(min_length=1, max_length=200)


class LedgerRecord(TypedDict):
    hint: Annotated[str, Field(description="调用日志中的 hint / Under which the journal has the call")]
    id: int
    at: int
    agentid: int
    operation: str
    meter: str
    errcode: int
    quantity: int
    subject: str
    reverses: int | None
    reason: str


class LedgerReply(TypedDict):
    records: list[LedgerRecord]
    next_cursor: Annotated[str, Field(description="没有更多时为空 / Empty at the end")]


class SupersededRecordReply(LedgerRecord):
    segment: int


class SegmentReply(TypedDict):
    """What began with a restore."""

    segment: int
    at: Annotated[int, Field(description="恢复之后企业时钟的 Unix 秒 / Unix seconds of the corp's clock")]
    snapshot: Annotated[str, Field(description="快照名称，重置时为空 / Empty for a reset")]
    superseded: Annotated[int, Field(description="被取代的记录数 / Records that it superseded")]
    record_id: Annotated[int, Field(description="账本中恢复的记录 / The ledger's record of the restore")]


class SupersededReply(TypedDict):
    segments: list[SegmentReply]
    records: list[SupersededRecordReply]
    next_cursor: Annotated[str, Field(description="没有更多时为空 / Empty at the end")]


class ReversalReply(TypedDict):
    id: int
    reverses: int


class LedgerFinding(TypedDict):
    kind: str
    place: str
    message: str
    sentence: Annotated[
        str, Field(deprecated=True, description="message 的旧名，保留到 0.3 / Old name of message, until 0.3")
    ]


class LedgerCheckReply(TypedDict):
    corpid: str
    intact: bool
    hours: int
    records: int
    sealed_until: str | None
    findings: list[LedgerFinding]


class LedgerChecksReply(TypedDict):
    intact: bool
    corps: list[LedgerCheckReply]


@router.get("/corps/{corpid}/ledger")
async def list_ledger_records(
    corpid: str, wanted: Annotated[LedgerQuery, Query()], server: TheServer
) -> LedgerReply:
    """列出账本记录 / List the records of the ledger

    账单某一行背后的记录，最早的在前，时间为 Unix 秒。给出 `meter` 而没有 `errcode` 时只列计费的记录，
    `refused` 为被拒绝的记录。

    The records behind a line of a statement, oldest first. Times are unix seconds. A meter without an errcode
    gives the charged records, `refused` those that were refused.
    """

    def work(tx: Transaction) -> LedgerReply:
        the_billed_corp(tx, corpid)
        since, until = clock.month_bounds(the_month(server.context(tx, corpid), wanted.month))
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


@router.get("/corps/{corpid}/ledger/superseded")
async def list_superseded_records(
    corpid: str, wanted: Annotated[SupersededQuery, Query()], server: TheServer
) -> SupersededReply:
    """列出被取代的账本记录 / List the superseded records of the ledger

    恢复与重置取代的记录，不再计费，按段排列。

    The records that restores and resets took out of the ledger: they are billed no more. In the order of the
    segments.
    """

    def work(tx: Transaction) -> SupersededReply:
        the_billed_corp(tx, corpid)
        after = _superseded_place(wanted.cursor)
        rows = segments.superseded(tx, corpid, wanted.segment, after=after, limit=wanted.limit + 1)
        shown = rows[: wanted.limit]
        more = len(rows) > wanted.limit
        return {
            "segments": [
                {
                    "segment": row.number,
                    "at": row.at,
                    "snapshot": row.name,
                    "superseded": row.records,
                    "record_id": row.record_id,
                }
                for row in segments.all_of(tx, corpid)
            ],
            "records": [{**_record(row), "segment": row.segment} for row in shown],
            "next_cursor": f"{shown[-1].segment}-{shown[-1].id}" if more else "",
        }

    return await server.run(work)


@router.post("/corps/{corpid}/ledger/{number}/reverse", responses=CONFLICT)
async def reverse_ledger_record(
    corpid: str, number: Number, body: ReversalRequest, server: TheServer
) -> ReversalReply:
    """冲销账本记录 / Reverse a record of the ledger

    以数量相反的一条记录冲销，记在当前时间，每条只能冲销一次（409）。外部联系人按实际数量计，不能冲销。

    Books a record with the quantity negated, now. A record is reversed only once (409); contacts follow the
    actual number and are not reversed.
    """

    def work(tx: Transaction) -> ReversalReply:
        the_billed_corp(tx, corpid)
        try:
            reversal = reverse(server.context(tx, corpid), number, body.reason)
        except NotReversed as refusal:
            raise SimError(409, str(refusal)) from None
        return {"id": reversal, "reverses": number}

    return await server.run(work)


@router.get("/corps/{corpid}/ledger/verify")
async def verify_ledger(corpid: str, server: TheServer) -> LedgerCheckReply:
    """校验账本 / Verify the ledger

    先封存已结束的小时，再将封存、合计与存量同记录核对；`findings` 说明哪里被修改、删除或添加。

    Seals the hours that are over, then compares seals, totals and levels with the records. `findings` says
    what was changed, removed or added.
    """
    await server.run(lambda tx: the_billed_corp(tx, corpid))
    return await server.in_thread(_verified, server, corpid)


@router.get("/corps/{corpid}/ledger/{number}")
async def get_ledger_record(corpid: str, number: Number, server: TheServer) -> LedgerRecord:
    """查看一条账本记录 / Show a record of the ledger

    `GET …/calls?usage_id=` 给出对应的调用，前提是日志里还有。

    The call is in `GET …/calls?usage_id=` while the journal keeps it.
    """

    def work(tx: Transaction) -> LedgerRecord:
        the_billed_corp(tx, corpid)
        record = USAGE_RECORD.c.corp_id == corpid, USAGE_RECORD.c.id == number
        row = tx.execute(sa.select(USAGE_RECORD).where(*record)).one_or_none()
        if row is None:
            raise SimError(404, f"the ledger of {corpid} has no record {number}")
        return _record(row)

    return await server.run(work)


@router.get("/ledger/verify")
async def verify_all_ledgers(server: TheServer) -> LedgerChecksReply:
    """校验全部账本 / Verify all ledgers

    每个企业的账本，包括已删除的，以及不属于任何企业的调用（corpid 为空）。

    Of every corp, deleted ones and calls without a corp (corpid "") too.
    """

    def work() -> LedgerChecksReply:
        with reading(server.database) as tx:
            named = sa.select(USAGE_TOTAL.c.corp_id).distinct().order_by(USAGE_TOTAL.c.corp_id)
            corps = list(tx.execute(named).scalars())
        reports = [_verified(server, corpid) for corpid in corps]
        return {"intact": all(report["intact"] for report in reports), "corps": reports}

    return await server.in_thread(work)


def _verified(server: Server, corpid: str) -> LedgerCheckReply:
    seals.seal_corp(server.database, corpid)
    with reading(server.database) as tx:
        report = seals.verify(tx, corpid)
    return {
        "corpid": corpid,
        "intact": not report.findings,
        "hours": report.hours,
        "records": report.records,
        "sealed_until": None if report.sealed_until is None else iso(report.sealed_until),
        "findings": [
            {
                "kind": finding.kind,
                "place": finding.place,
                "message": finding.message,
                "sentence": finding.message,
            }
            for finding in report.findings
        ],
    }


def _place(cursor: str) -> tuple[int, int]:
    match = _CURSOR.fullmatch(cursor)
    if cursor and match is None:
        raise SimError(422, f"cursor: {cursor!r} is not a next_cursor")
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _superseded_place(cursor: str) -> tuple[int, int]:
    match = _SUPERSEDED_CURSOR.fullmatch(cursor)
    if cursor and match is None:
        raise SimError(422, f"cursor: {cursor!r} is not a next_cursor")
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _record(row: sa.Row[Any]) -> LedgerRecord:
    return {
        "hint": hint_of(row.at, row.id),
        "id": row.id,
        "at": row.at,
        "agentid": row.agentid,
        "operation": row.operation,
        "meter": row.meter,
        "errcode": row.errcode,
        "quantity": row.quantity,
        "subject": row.subject,
        "reverses": row.reverses,
        "reason": row.reason,
    }
