"""Estimates: what twelve months of a corp of a given size will cost."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, cast

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing.estimate import Plan, estimate
from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.renderers.estimate_json import estimate_json
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.billing.asked_books import asked_books, book_of
from wecom_tollbooth.sim_api.billing.statement import StatementNote
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.sim_api.times import the_month

router = control_routes()

MOST_CONTACTS = 10**10
MOST_SEATS = 10**8
MOST_CALLS = 100_000
MOST_GROWTH = 10
LONGEST = 100_000
"""Characters of the text of a price book."""

Share = Annotated[Decimal, Field(ge=0, max_digits=20)]


class EstimateRequest(ControlRequest):
    model_config = example(
        contacts=400,
        new_contacts=20,
        calls={"customer.read": "2"},
        price_books=["article-toll", "wecom-2025"],
    )

    contacts: int = Field(
        ge=0, le=MOST_CONTACTS, description="首月外部联系人 / External contacts in the first month"
    )
    new_contacts: int = Field(
        default=0, ge=0, le=MOST_CONTACTS, description="每月新增联系人 / New contacts of a month"
    )
    via_links: Annotated[Share, Field(le=1)] = Field(
        default=Decimal(0), description="新增中经获客链接的比例 / Share of them that comes through links"
    )
    calls: dict[str, Annotated[Share, Field(le=MOST_CALLS)]] = Field(
        default={},
        max_length=200,
        description="每位联系人每月的调用，按计量项 / Calls per contact and month, by meter",
    )
    seats_base: int = Field(default=0, ge=0, le=MOST_SEATS, description="基础账号 / Base accounts")
    seats_interop: int = Field(default=0, ge=0, le=MOST_SEATS, description="互通账号 / Interop accounts")
    growth: Annotated[Share, Field(le=MOST_GROWTH)] = Field(
        default=Decimal(0), description="每月增长的比例 / Growth of a month, as a share"
    )
    since: str | None = Field(
        default=None, description="首月 YYYY-MM，默认时钟当月 / The first month; by default the clock's"
    )
    price_books: list[Annotated[str, Field(max_length=LONGEST)]] = Field(
        default=[],
        max_length=10,
        description="逐个对比的价目：随附名称，逗号表示先后生效，或 TOML 内容；空文本或默认为现行价目 / "
        "To compare: names of shipped books, with commas between those that follow each other, "
        "or the text of one; empty for those in force, which is the default",
    )


class EstimateAmounts(TypedDict):
    contacts: str
    links: str
    calls: str
    seats: str


class EstimateYear(EstimateAmounts):
    total: str


class EstimateMonth(TypedDict):
    month: str
    contacts: int
    new_contacts: int
    link_contacts: int
    calls: int
    amounts: EstimateAmounts
    total: str


class EstimateUnder(TypedDict):
    price_book: str
    currency: str
    months: list[EstimateMonth]
    year: Annotated[
        EstimateYear,
        Field(
            description="全年只四舍五入一次 / Rounded once, so it may differ from the months' sum by some fen"
        ),
    ]
    notes: list[StatementNote]


class EstimateReply(TypedDict):
    since: str
    estimates: list[EstimateUnder]


@router.post("/estimate")
async def estimate_year(body: EstimateRequest, server: TheServer) -> EstimateReply:
    """估算十二个月 / Estimate twelve months

    给定规模的企业十二个月的费用，按一组或多组价目，用账单的同一套计价。不读取任何企业的数据。

    What a corp of a given size pays in twelve months, under one or several sets of price books, priced as
    bills are. Reads nothing of any corp.
    """
    unknown = sorted(set(body.calls) - server.meters)
    if unknown:
        raise SimError(
            422,
            f"calls: {unknown[0]!r} is not a meter of calls; use one of {', '.join(sorted(server.meters))}",
        )
    books = _books(server, body.price_books)

    def work(tx: Transaction) -> EstimateReply:
        plan = Plan(
            since=the_month(server.context(tx), body.since),
            contacts=body.contacts,
            new_contacts=body.new_contacts,
            via_links=Fraction(body.via_links),
            calls={meter: Fraction(each) for meter, each in body.calls.items()},
            seats_base=body.seats_base,
            seats_interop=body.seats_interop,
            growth=Fraction(body.growth),
        )
        made = [estimate_json(estimate(plan, one)) for one in books]
        return {"since": plan.since, "estimates": cast(list[EstimateUnder], made)}

    return await server.read(work)


def _books(server: Server, asked: list[str]) -> list[PriceBooks]:
    found = []
    for place, text in enumerate(asked, 1):
        if not text.strip():
            found.append(server.price_books)
            continue
        is_text = "\n" in text or "=" in text
        names = [text] if is_text else [name.strip() for name in text.split(",")]
        books = asked_books(server, [book_of(name, place) for name in names])
        if books is not None:
            found.append(books)
    return found or [server.price_books]
