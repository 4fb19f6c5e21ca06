"""Every operation of the simulator, from the registry."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing.price_books import PriceBook
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.world import clock

router = control_routes()


class OperationError(TypedDict):
    errcode: int
    errmsg: str


class SimulatedOperation(TypedDict):
    path: str
    method: Literal["GET", "POST"]
    aliases: Annotated[list[str], Field(description="通往同一接口的其他路径 / Other paths of the operation")]
    family: str
    family_title_zh: str
    family_title_en: str
    extension: Annotated[bool, Field(description="本模拟器的扩展，企业微信没有 / An extension, not WeCom's")]
    title: str
    title_en: str
    doc: Annotated[str, Field(description="官方文档地址 / Address of the documentation page")]
    checked: Annotated[
        str | None, Field(description="与文档核对的月份 / Month in which the page was compared")
    ]
    fidelity: Literal["official", "guess"]
    permission: str
    meter: str
    price: Annotated[
        str | None,
        Field(
            description="每次调用的价格，十进制文本；不是单一价格时为 null / Price of a call, decimal text"
        ),
    ]
    price_model: str | None
    priced: Annotated[
        bool,
        Field(
            description="价目表是否给它的计量项定价；没有定价就按 0 计费 / "
            "Whether the book in force has a price for its meter; else a call costs 0"
        ),
    ]
    currency: str
    limit: Annotated[
        dict[str, int] | None,
        Field(
            description="生效的频率限制：per_corp_minute、per_ip_hour、concurrency 等；限制关闭时为 null / "
            "The rate limits in force; null when limits are off"
        ),
    ]
    errors: Annotated[list[OperationError], Field(description="接口自己的错误码 / Its own errcodes")]


class OperationsReply(TypedDict):
    operations: list[SimulatedOperation]


@router.get("/operations")
async def list_operations(gateway: TheGateway) -> OperationsReply:
    """列出已模拟的接口 / List the simulated operations

    按路径排序：每个接口的文档、权限、计量项、价格、频率限制与错误码。`fidelity` 为 `official` 表示在
    `checked` 月份与官方文档核对过，否则为 `guess`。所有调用同价时 `price` 给出单价，否则看 `price_model`；首
    个价目生效之前两者都是 null。

    Ordered by path, each with its page, permission, meter, price, limits and errcodes. `fidelity` is
    `official` where the page was compared in the month `checked`, else `guess`. `price` is null unless all
    calls cost the same; `price_model` names the model then. Before the first price book both are null.
    """

    def work(tx: Transaction) -> OperationsReply:
        today = date.fromisoformat(clock.day_of(gateway.server.context(tx).now))
        book = gateway.server.price_books.on(today)
        return {"operations": [_operation(gateway, book, operation) for operation in gateway.operations]}

    return await gateway.server.run(work)


def _operation(gateway: Gateway, book: PriceBook | None, operation: Operation) -> SimulatedOperation:
    family = operation.family
    price = book.price_for(operation.meter) if book else None
    is_priced = price is not None and not price.is_missing
    one_price = price.one_price if price and price.model == "per_unit" else None
    return {
        "path": operation.path,
        "method": operation.method,
        "aliases": list(operation.aliases),
        "family": family.name,
        "family_title_zh": family.title_zh,
        "family_title_en": family.title_en,
        "extension": family.extension,
        "title": operation.title,
        "title_en": operation.title_en,
        "doc": operation.doc_url,
        "checked": operation.checked,
        "fidelity": operation.fidelity,
        "permission": str(operation.permission),
        "meter": operation.meter,
        "price": None if one_price is None else f"{one_price:f}",
        "price_model": price.model if price else None,
        "priced": is_priced,
        "currency": gateway.server.price_books.currency,
        "limit": gateway.rate_limits.figures(operation),
        "errors": [{"errcode": int(code), "errmsg": code.text} for code in operation.errors],
    }
