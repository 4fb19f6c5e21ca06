"""What a dashboard shows of a corp at a glance, in one call that is cheap enough to repeat."""

from collections import Counter
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing import levels
from wecom_tollbooth.billing.meters import CONTACTS, NOT_BY_DAY, NOT_CALLS
from wecom_tollbooth.billing.statements import make_statement
from wecom_tollbooth.billing.tables import USAGE_RECORD
from wecom_tollbooth.callbacks.tables import CALLBACK
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.errcodes import BY_NUMBER
from wecom_tollbooth.sim_api.billing.usage import held_in, used_in
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.times import the_month

router = control_routes()

MINUTE = 60
MOST_RECORDS = 5_000
"""How many records of the last minutes are counted, so that a busy corp's summary costs no more."""

MOST_CALLBACKS = 10_000
_BESIDE_CALLS = (*NOT_CALLS, *NOT_BY_DAY)


class MinuteOfCalls(TypedDict):
    at: Annotated[int, Field(description="这一分钟的开始 / When the minute began")]
    calls: int
    refused: int


class ErrorsOfCode(TypedDict):
    errcode: int
    errmsg: Annotated[str, Field(description="未知错误码为空 / Empty for an unknown code")]
    calls: int


class CallsOfMonth(TypedDict):
    charged: int
    refused: int
    errors: Annotated[list[ErrorsOfCode], Field(description="最多的在前 / The most frequent first")]
    by_minute: Annotated[
        list[MinuteOfCalls],
        Field(
            description="最近 minutes 分钟中有调用的各分钟，最多统计最近 5,000 次 / "
            "The last minutes that had calls, from the latest 5,000 calls"
        ),
    ]


class CallbacksOfCorp(TypedDict):
    waiting: Annotated[int, Field(description="待发，最多数到 10,000 / Not delivered yet, up to 10,000")]
    kept: Annotated[
        int,
        Field(description="没有地址而只留存，最多数到 10,000 / Kept, without an address, up to 10,000"),
    ]


class AmountOfMeter(TypedDict):
    meter: str
    title_zh: str
    title_en: str
    amount: str


class BillOfMonth(TypedDict):
    currency: str
    price_book: str
    total: str
    amounts: Annotated[
        list[AmountOfMeter], Field(description="金额不为零的各项 / The meters that cost something")
    ]


class SummaryReply(TypedDict):
    corpid: str
    now: Annotated[int, Field(description="企业时钟的时间 / The time of the corp's clock")]
    month: str
    contacts: int
    contact_limit: int | None
    calls: CallsOfMonth
    callbacks: CallbacksOfCorp
    bill: BillOfMonth


Minutes = Annotated[
    int,
    Query(ge=0, le=60, description="要列出的最近分钟数 / How many of the last minutes are wanted"),
]


@router.get("/corps/{corpid}/summary")
async def get_summary(corpid: str, server: TheServer, minutes: Minutes = 0) -> SummaryReply:
    """查看企业概况 / Show a corp at a glance

    当月的调用、错误码与账单，联系人与上限，待发的回调。只读取累计值，可以每秒查询一次；`minutes` 另外给出最近
    各分钟的调用次数。

    The month's calls, errcodes and bill, contacts and their limit, callbacks that wait. It reads running
    totals, so asking once a second costs little; `minutes` adds the calls of each of the last minutes.
    """

    def work(tx: Transaction) -> SummaryReply:
        corp = the_corp(tx, corpid)
        context = server.context(tx, corpid)
        month = the_month(context, None)
        used, held = used_in(context, month), held_in(context, month)
        calls, errors = Counter[bool](), Counter[int]()
        for item in used:
            if item.meter not in NOT_CALLS:
                calls[item.charged] += item.quantity
                errors[item.errcode] += item.quantity
        errors.pop(0, None)
        statement = make_statement(corpid, month, server.price_books, used, held)
        return {
            "corpid": corpid,
            "now": context.now,
            "month": month,
            "contacts": levels.level_now(tx, corpid, CONTACTS),
            "contact_limit": corp.contact_limit,
            "calls": {
                "charged": calls[True],
                "refused": calls[False],
                "errors": [
                    {
                        "errcode": code,
                        "errmsg": _text_of(code),
                        "calls": of,
                    }
                    for code, of in errors.most_common()
                ],
                "by_minute": _by_minute(tx, corpid, context.now, minutes) if minutes else [],
            },
            "callbacks": {
                "waiting": _callbacks(tx, corpid, "waiting"),
                "kept": _callbacks(tx, corpid, "kept"),
            },
            "bill": {
                "currency": statement.books.currency,
                "price_book": statement.books.names,
                "total": f"{statement.total:.2f}",
                "amounts": [
                    {
                        "meter": line.meter,
                        "title_zh": line.title_zh,
                        "title_en": line.title_en,
                        "amount": f"{line.amount:.2f}",
                    }
                    for line in statement.lines
                    if line.amount
                ],
            },
        }

    return await server.read(work)


def _text_of(errcode: int) -> str:
    return BY_NUMBER[errcode].text if errcode in BY_NUMBER else ""


def _by_minute(tx: Transaction, corpid: str, now: int, minutes: int) -> list[MinuteOfCalls]:
    """The minutes that had calls, in order; the oldest is left out where its records weren't all counted."""
    first = now // MINUTE - minutes + 1
    query = (
        sa.select(USAGE_RECORD.c.at, USAGE_RECORD.c.errcode)
        .where(
            USAGE_RECORD.c.corp_id == corpid,
            USAGE_RECORD.c.at >= first * MINUTE,
            USAGE_RECORD.c.at <= now,
            USAGE_RECORD.c.meter.not_in(_BESIDE_CALLS),
            USAGE_RECORD.c.reverses.is_(None),
        )
        .order_by(USAGE_RECORD.c.at.desc())
        .limit(MOST_RECORDS)
    )
    records: list[Any] = list(tx.execute(query))
    calls, refused = Counter[int](), Counter[int]()
    for at, errcode in records:
        calls[at // MINUTE] += 1
        refused[at // MINUTE] += errcode != 0
    if len(records) == MOST_RECORDS and len(calls) > 1:
        del calls[min(calls)]
    return [{"at": one * MINUTE, "calls": calls[one], "refused": refused[one]} for one in sorted(calls)]


def _callbacks(tx: Transaction, corpid: str, state: str) -> int:
    some = (
        sa.select(sa.literal(1))
        .where(CALLBACK.c.state == state, CALLBACK.c.corp_id == corpid)
        .limit(MOST_CALLBACKS)
        .subquery()
    )
    return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
