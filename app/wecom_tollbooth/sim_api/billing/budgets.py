"""Budgets of corps: what a month may cost, when alerts are sent, and whether calls are refused."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal, cast

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing.budget_thresholds import FEN
from wecom_tollbooth.billing.budgets import BudgetStatus
from wecom_tollbooth.billing.tables import BUDGET, BUDGET_MONTH, Budget, BudgetMonth
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, DeletedReply, example

router = control_routes()

MOST = Decimal(10) ** 12
Amount = Annotated[Decimal, Field(gt=0, le=MOST, decimal_places=2, examples=["100.00"])]
Percent = Annotated[int, Field(ge=1, le=1000)]
Barrier = Literal["soft", "hard"]


class BudgetRequest(ControlRequest):
    model_config = example(amount="100.00", alerts=[50, 80, 100], barrier="hard")

    amount: Amount = Field(
        description="每月金额，十进制文本，到分 / A month's amount, decimal text, to the fen"
    )
    alerts: list[Percent] = Field(
        default=[50, 80, 100], max_length=20, description="提醒的百分比 / Percentages that raise an alert"
    )
    barrier: Barrier = Field(
        default="soft", description="soft 只提醒；hard 用完即拦截调用 / soft: alerts only; hard: blocks calls"
    )


class PaymentRequest(ControlRequest):
    model_config = example(amount="50.00")

    amount: Amount | None = Field(
        default=None, description="省略则付清已花的 / Left out: pays all that was spent so far"
    )


class BudgetReply(TypedDict):
    corpid: str
    month: str
    currency: str
    amount: str
    paid: str
    spent: str
    left: str
    alerts: list[int]
    alerts_sent: Annotated[list[int], Field(description="本月已发的提醒 / Alerts that were sent this month")]
    told: Annotated[
        list[int],
        Field(
            deprecated=True, description="alerts_sent 的旧名，保留到 0.3 / Old name of alerts_sent, until 0.3"
        ),
    ]
    barrier: Barrier
    blocked: Annotated[bool, Field(description="是否正在拦截调用 / Whether calls are refused")]
    down: Annotated[
        bool,
        Field(deprecated=True, description="blocked 的旧名，保留到 0.3 / Old name of blocked, until 0.3"),
    ]
    callbacks: Annotated[list[int], Field(description="本次引发的回调 / Callbacks that this request raised")]


@router.put("/corps/{corpid}/budget", responses=CONFLICT)
async def set_budget(corpid: str, body: BudgetRequest, server: TheServer) -> BudgetReply:
    """设置预算 / Set the budget

    企业每个自然月（东八区）的预算，当月已花的立即计入。`soft` 只发提醒；`hard` 在某次调用用完预算后拦截后续调
    用。当月已发的提醒与已付的金额不变。

    What the corp may cost in each calendar month of Asia/Shanghai; what the month has cost so far counts at
    once. `soft` only raises alerts; with `hard`, calls are refused after the one that reached the amount.
    Alerts that were sent and amounts that were paid this month stay.
    """

    def work(tx: Transaction) -> BudgetStatus:
        the_corp(tx, corpid)
        server.budgets.lock(server.context(tx, corpid))
        before = tx.session.get(Budget, corpid)
        _flag(tx, corpid, True)
        row = Budget(
            corp_id=corpid,
            amount=int(body.amount / FEN),
            alerts=sorted(set(body.alerts)),
            barrier=body.barrier,
            blocked=before is not None and before.blocked,
        )
        tx.session.merge(row)
        tx.flush()
        return _evaluated(server, tx, corpid)

    return await _answered(server, corpid, work)


@router.get("/corps/{corpid}/budget", responses=CONFLICT)
async def get_budget(corpid: str, server: TheServer) -> BudgetReply:
    """查看预算 / Show the budget

    时钟当月的预算、花费、已发的提醒与拦截状态。

    Budget and spending in the clock's month, the alerts that were sent, and whether calls are refused.
    """

    def work(tx: Transaction) -> BudgetStatus:
        the_corp(tx, corpid)
        return _evaluated(server, tx, corpid)

    return await _answered(server, corpid, work)


@router.delete("/corps/{corpid}/budget")
async def delete_budget(corpid: str, server: TheServer) -> DeletedReply:
    """删除预算 / Delete the budget

    同时解除拦截。

    Calls are no longer refused for it.
    """

    def work(tx: Transaction) -> DeletedReply:
        the_corp(tx, corpid)
        _refuse_without(server, tx, corpid)
        for table in (BUDGET, BUDGET_MONTH):
            tx.execute(sa.delete(table).where(table.c.corp_id == corpid))
        _flag(tx, corpid, False)
        return {"deleted": corpid}

    return await server.run(work)


@router.post("/corps/{corpid}/budget/pay", responses=CONFLICT)
async def pay_budget(corpid: str, server: TheServer, body: PaymentRequest | None = None) -> BudgetReply:
    """付款 / Pay

    为时钟当月的预算追加 `amount`；省略则付清已花的，恢复全部预算。足够时解除拦截。

    Adds `amount` to the budget of the clock's month. Without one, what was spent so far is paid, and the
    whole budget is available again. If that is enough, calls are no longer refused.
    """

    def work(tx: Transaction) -> BudgetStatus:
        the_corp(tx, corpid)
        _refuse_without(server, tx, corpid)
        before = _evaluated(server, tx, corpid)
        row = tx.session.get(BudgetMonth, (corpid, before.month))
        row = row or BudgetMonth(corp_id=corpid, month=before.month, paid=0, alerts_sent=[])
        paid = before.spent if body is None or body.amount is None else before.paid + body.amount
        if paid > MOST:
            raise SimError(422, f"amount: a month's budget can be raised by {MOST:,} at most")
        row.paid = max(row.paid, int(paid / FEN))
        tx.session.add(row)
        tx.flush()
        after = _evaluated(server, tx, corpid)
        return after.after(before)

    return await _answered(server, corpid, work)


def _flag(tx: Transaction, corpid: str, has_budget: bool) -> None:
    corp = the_corp(tx, corpid)
    corp.has_budget = has_budget
    tx.session.add(corp)


def _refuse_without(server: Server, tx: Transaction, corpid: str) -> None:
    if not server.budgets.lock(server.context(tx, corpid)):
        raise SimError(404, f"{corpid} has no budget; PUT /_sim/corps/{corpid}/budget")


def _evaluated(server: Server, tx: Transaction, corpid: str) -> BudgetStatus:
    budget_status = server.budgets.evaluate(server.context(tx, corpid))
    if budget_status is None:
        raise SimError(404, f"{corpid} has no budget; PUT /_sim/corps/{corpid}/budget")
    return budget_status


async def _answered(server: Server, corpid: str, work: Callable[[Transaction], BudgetStatus]) -> BudgetReply:
    budget_status = await server.run(work)
    server.budgets.notify(budget_status)
    return {
        "corpid": corpid,
        "month": budget_status.month,
        "currency": server.price_books.currency,
        "amount": f"{budget_status.amount:.2f}",
        "paid": f"{budget_status.paid:.2f}",
        "spent": f"{budget_status.spent:.2f}",
        "left": f"{max(Decimal(0), budget_status.budget - budget_status.spent):.2f}",
        "alerts": budget_status.alerts,
        "alerts_sent": budget_status.alerts_sent,
        "told": budget_status.alerts_sent,
        "barrier": cast(Barrier, budget_status.barrier),
        "blocked": budget_status.blocked,
        "down": budget_status.blocked,
        "callbacks": budget_status.callbacks,
    }
