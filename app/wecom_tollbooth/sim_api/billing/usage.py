"""Usage of a month: how many calls were charged and refused, and how many contacts there were."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Annotated

from fastapi import Query
from pydantic import Field
from sqlmodel import col, select
from typing_extensions import TypedDict

from wecom_tollbooth.billing.ledger import Level, Used, used_by_day
from wecom_tollbooth.billing.levels import levels_by_day
from wecom_tollbooth.billing.meters import CONTACTS, LINK_CONTACTS, NOT_CALLS, SEATS_BASE, SEATS_INTEROP
from wecom_tollbooth.billing.tables import ClosedCorp
from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.billing.billed_corps import the_billed_corp
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.times import the_month
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

router = control_routes()

NO_CORP = ""


class Counts(TypedDict):
    charged: int
    refused: int


class CallsCounted(Counts):
    by_operation: dict[str, Counts]


class Seats(TypedDict):
    base: Annotated[int, Field(description="基础账号 / Members who needed a base account")]
    interop: Annotated[int, Field(description="互通账号 / Members who needed an interop account")]


class HeldAndLinked(TypedDict):
    contacts: Annotated[
        int, Field(description="当月单日最多的外部联系人 / Most external contacts on one day of the month")
    ]
    link_contacts: Annotated[
        int, Field(description="经获客链接添加的 / Contacts who came through acquisition links")
    ]
    seats: Seats


class UsageReply(TypedDict):
    corpid: str
    month: str
    calls: CallsCounted
    contacts: int
    link_contacts: int
    seats: Seats


class CorpUsage(TypedDict):
    corpid: str
    charged: int
    refused: int
    contacts: int
    link_contacts: int
    seats: Seats


class ServerUsageReply(TypedDict):
    month: str
    calls: CallsCounted
    contacts: int
    link_contacts: int
    seats: Seats
    corps: list[CorpUsage]


Month = Annotated[
    str | None,
    Query(description="YYYY-MM，东八区，默认时钟当月 / In Asia/Shanghai; by default the clock's month"),
]


@router.get("/corps/{corpid}/usage")
async def get_usage(corpid: str, server: TheServer, month: Month = None) -> UsageReply:
    """查看企业用量 / Show the usage of a corp

    当月计费与被拒绝的调用次数，单日最多的外部联系人与席位，以及经获客链接添加的联系人。

    How many calls of the month were charged and refused, the most contacts and seats on one day, and how many
    contacts came through acquisition links.
    """

    def work(tx: Transaction) -> UsageReply:
        the_billed_corp(tx, corpid)
        context = server.context(tx, corpid)
        wanted = the_month(context, month)
        used, held = used_in(context, wanted), _held(context, wanted)
        return {"corpid": corpid, "month": wanted, "calls": _counted(used), **_beside_calls(used, held)}

    return await server.read(work)


@router.get("/usage")
async def get_server_usage(server: TheServer, month: Month = None) -> ServerUsageReply:
    """查看全部用量 / Show the usage of the server

    整个服务的用量，`corps` 为各企业的合计，已删除的在后。corpid 为空的一项是不属于任何企业的调用，例如令牌未
    知。

    The whole server, with the sums of each corp in `corps`, deleted ones last. The corpid "" has the calls
    that named no corp, such as those with an unknown token.
    """

    def work(tx: Transaction) -> ServerUsageReply:
        wanted = the_month(server.context(tx), month)
        everything: list[Used] = []
        every_held: Counter[str] = Counter()
        corps: list[CorpUsage] = []
        open_corps = tx.session.exec(select(Corp.corp_id).order_by(col(Corp.corp_id)))
        closed = tx.session.exec(select(ClosedCorp.corp_id).order_by(col(ClosedCorp.corp_id)))
        for corpid in (NO_CORP, *open_corps, *closed):
            context = server.context(tx, corpid)
            used, held = used_in(context, wanted), _held(context, wanted)
            everything += used
            every_held.update(held)
            corps.append({"corpid": corpid, **_charged_and_refused(used), **_beside_calls(used, held)})
        return {
            "month": wanted,
            "calls": _counted(everything),
            **_beside_calls(everything, every_held),
            "corps": corps,
        }

    return await server.read(work)


def used_in(context: Context, month: str) -> list[Used]:
    """What was used in the month, day by day."""
    return used_by_day(context.db, context.corp_id, *clock.month_bounds(month))


def held_in(context: Context, month: str) -> list[Level]:
    """The most contacts and seats on each day of the month, up to the clock's day."""
    return levels_by_day(context, *clock.month_bounds(month))


def _held(context: Context, month: str) -> Counter[str]:
    """The most of each meter on one day of the month."""
    most: Counter[str] = Counter()
    for level in held_in(context, month):
        most[level.meter] = max(most[level.meter], level.peak)
    return most


def _beside_calls(used: Iterable[Used], held: Counter[str]) -> HeldAndLinked:
    return {
        "contacts": held[CONTACTS],
        "link_contacts": sum(item.quantity for item in used if item.meter == LINK_CONTACTS),
        "seats": {"base": held[SEATS_BASE], "interop": held[SEATS_INTEROP]},
    }


def _counted(used: list[Used]) -> CallsCounted:
    by_operation: defaultdict[str, list[Used]] = defaultdict(list)
    for item in used:
        if item.meter not in NOT_CALLS:
            by_operation[item.operation].append(item)
    return {
        **_charged_and_refused(used),
        "by_operation": {path: _charged_and_refused(items) for path, items in sorted(by_operation.items())},
    }


def _charged_and_refused(used: Iterable[Used]) -> Counts:
    counted: Counts = {"charged": 0, "refused": 0}
    for item in used:
        if item.meter not in NOT_CALLS:
            counted["charged" if item.charged else "refused"] += item.quantity
    return counted
