"""The bill of a month, under the price books in force or under others."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Annotated, Literal, NotRequired, cast

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.price_books.model import DECIMALS
from wecom_tollbooth.billing.rating import Step
from wecom_tollbooth.billing.renderers.arithmetic import calculation
from wecom_tollbooth.billing.statements import Line, Statement, make_statement
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.billing.asked_books import asked_books, book_of, shipped_book
from wecom_tollbooth.sim_api.billing.billed_corps import BilledCorp, the_billed_corp
from wecom_tollbooth.sim_api.billing.formats import OTHER_FORMATS, Format, InFormat, InLanguage, answered
from wecom_tollbooth.sim_api.billing.usage import Month, held_in, used_in
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.sim_api.times import the_month

router = control_routes()


class StatementRequest(ControlRequest):
    """Price books to price a month with."""

    model_config = example(price_books=["article-toll"])

    price_books: list[str] = Field(
        min_length=1,
        max_length=100,
        description="随附价目的名称，或 TOML 文件的内容 / "
        "Names of shipped price books, or the text of TOML files",
    )
    month: str | None = Field(
        default=None, description="YYYY-MM，默认时钟当月 / By default the clock's month"
    )


StatementStep = TypedDict(
    "StatementStep",
    {"from": int, "to": int | None, "quantity": int, "unit_price": str, "flat": str, "amount": str},
)


class StatementPart(TypedDict):
    day: NotRequired[str]
    operation: NotRequired[str]
    errcode: NotRequired[int]
    quantity: int


class StatementLine(TypedDict):
    meter: str
    title_zh: str
    title_en: str
    since: str
    until: str
    price_book: str | None
    model: str
    quantity: Annotated[int, Field(description="计费数量 / Charged")]
    free: Annotated[int, Field(description="免费额度内的数量 / Within the free allowance, not charged")]
    unit_price: str | None
    per: str
    sum: Annotated[
        str,
        Field(description="金额的算式，例如 400 × 0.1 ÷ 12 / The sum of the amount, such as 400 × 0.1 ÷ 12"),
    ]
    steps: Annotated[list[StatementStep], Field(description="金额的计算过程 / How the amount comes about")]
    adjusted: Literal["minimum", "cap"] | None
    amount: str
    source: str
    source_zh: Annotated[
        str,
        Field(description="source 的中文，没有时与 source 相同 / In Chinese; source where the book has none"),
    ]
    confidence: str | None
    made_of: Annotated[
        list[StatementPart],
        Field(
            description="明细，合计为 quantity 与 free 之和 / Its parts, which add up to quantity and free"
        ),
    ]
    note_zh: str
    note_en: Annotated[
        str,
        Field(
            description="价目表没有这一项的价格时的说明，否则为空 / "
            "Says so where the book has no price for the meter; else empty"
        ),
    ]


class StatementNote(TypedDict):
    price_book: str
    meters: list[str]
    note_zh: str
    note_en: str
    lines: Annotated[
        str, Field(description="要加进价目表的 TOML / The TOML to add to the book, each meter at 0")
    ]


class StatementComparison(TypedDict):
    price_book: str
    currency: str
    total: str
    difference: Annotated[
        str | None, Field(description="币种不同时为 null / null where the currencies differ")
    ]


class StatementReply(TypedDict):
    corpid: str
    name: str
    closed_at: Annotated[int | None, Field(description="企业删除的时间 / When the corp was deleted")]
    month: str
    currency: str
    price_book: str
    total: str
    lines: list[StatementLine]
    notes: Annotated[
        list[StatementNote],
        Field(description="价目表缺少的价格，按 0 计费 / Prices that the books of the month lack: charged 0"),
    ]
    compared: Annotated[
        StatementComparison | None, Field(description="与现行价目的比较 / Compared with the books in force")
    ]


@router.get("/corps/{corpid}/statement", response_model=StatementReply, responses=OTHER_FORMATS)
async def get_statement(
    corpid: str,
    server: TheServer,
    request: Request,
    month: Month = None,
    price_book: Annotated[
        str | None,
        Query(description="改用的随附价目，逗号分隔 / Shipped books to price it with, with commas between"),
    ] = None,
    format: InFormat = Format.JSON,
    lang: InLanguage = None,
) -> StatementReply | Response:
    """查看企业账单 / Show the statement of a corp

    一个月的账单。金额是十进制文本，每行四舍五入到分，总额为各行之和。已删除的企业仍有账单，`closed_at` 为删除
    时间。

    The bill of a month. Money is decimal text; each line is rounded half up to the fen, and the total is
    their sum. A deleted corp still has its statement, with `closed_at`.
    """
    names = [name.strip() for name in price_book.split(",")] if price_book is not None else []
    others = asked_books(server, [shipped_book(name) for name in names])
    return await answered(request, format, lang, await _statement(server, corpid, month, others))


@router.post("/corps/{corpid}/statement", response_model=StatementReply, responses=OTHER_FORMATS)
async def price_statement(
    corpid: str,
    body: StatementRequest,
    server: TheServer,
    request: Request,
    format: InFormat = Format.JSON,
    lang: InLanguage = None,
) -> StatementReply | Response:
    """按其他价目试算 / Price a month with other price books

    用请求体中的价目重新计算，不保存。`compared` 是现行价目下的总额与差额。

    Prices the month with the books of the body, and stores nothing. `compared` has the total under the books
    in force and the difference.
    """
    others = asked_books(server, [book_of(text, place) for place, text in enumerate(body.price_books, 1)])
    return await answered(request, format, lang, await _statement(server, corpid, body.month, others))


async def _statement(
    server: Server, corpid: str, month: str | None, others: PriceBooks | None
) -> StatementReply:
    def work(tx: Transaction) -> StatementReply:
        billed = the_billed_corp(tx, corpid)
        context = server.context(tx, corpid)
        wanted = the_month(context, month)
        used, held = used_in(context, wanted), held_in(context, wanted)
        in_force = make_statement(corpid, wanted, server.price_books, used, held)
        other = others and make_statement(corpid, wanted, others, used, held)
        return shown(billed, other, in_force) if other else shown(billed, in_force)

    return await server.read(work)


def shown(billed: BilledCorp, statement: Statement, in_force: Statement | None = None) -> StatementReply:
    """A statement in JSON, compared with the statement `in_force`."""
    compared: StatementComparison | None = None
    if in_force is not None:
        same = in_force.books.currency == statement.books.currency
        compared = {
            "price_book": in_force.books.names,
            "currency": in_force.books.currency,
            "total": f"{in_force.total:.2f}",
            "difference": f"{statement.total - in_force.total:.2f}" if same else None,
        }
    return {
        "corpid": statement.corp_id,
        "name": billed.name,
        "closed_at": billed.closed_at,
        "month": statement.month,
        "currency": statement.books.currency,
        "price_book": statement.books.names,
        "total": f"{statement.total:.2f}",
        "lines": [_line(line) for line in statement.lines],
        "notes": [cast(StatementNote, missing.shown()) for missing in statement.missing],
        "compared": compared,
    }


def _line(line: Line) -> StatementLine:
    shown: StatementLine = {
        "meter": line.meter,
        "title_zh": line.title_zh,
        "title_en": line.title_en,
        "since": line.since.isoformat(),
        "until": line.until.isoformat(),
        "price_book": line.book.name if line.book else None,
        "model": line.model,
        "quantity": line.quantity,
        "free": line.free,
        "unit_price": None if line.unit_price is None else f"{line.unit_price:f}",
        "per": line.per,
        "sum": "",
        "steps": [_step(step) for step in line.steps],
        "adjusted": line.adjusted,
        "amount": f"{line.amount:.2f}",
        "source": line.source,
        "source_zh": line.source_zh,
        "confidence": line.confidence,
        "made_of": [cast(StatementPart, part) for part in line.made_of],
        "note_zh": line.note[0],
        "note_en": line.note[1],
    }
    shown["sum"] = calculation(shown).sum if line.steps else ""
    return shown


def _step(step: Step) -> StatementStep:
    return {
        "from": step.from_,
        "to": step.to,
        "quantity": step.quantity,
        "unit_price": f"{step.unit_price:f}",
        "flat": f"{step.flat:f}",
        "amount": decimal_text(step.amount),
    }


def decimal_text(exact: Fraction) -> str:
    """Decimal text with as many places as a price may have, such as "0.341666666667"."""
    with localcontext(prec=60):
        value = Decimal(exact.numerator) / exact.denominator
        text = f"{value.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
