"""Budgets of corps: what a month may cost, who is told, and whether the barrier comes down."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.billing.budget_thresholds import FEN
from wecom_tollbooth.billing.budgets import BudgetStatus
from wecom_tollbooth.billing.tables import BUDGET, BUDGET_MONTH, Budget, BudgetMonth
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()

MOST = Decimal(10) ** 12
Amount = Annotated[Decimal, Field(gt=0, le=MOST, decimal_places=2, examples=["100.00"])]
Percent = Annotated[int, Field(ge=1, le=1000)]


class BudgetRequest(BaseModel):
    """`amount` is decimal text, to the fen; `alerts` are percent of it."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    alerts: list[Percent] = Field(default=[50, 80, 100], max_length=20)
    barrier: Literal["soft", "hard"] = "soft"


class Payment(BaseModel):
    """Without an `amount`, what was spent so far is paid, and the whole budget is there anew."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount | None = None


@router.put("/corps/{corpid}/budget")
async def set_budget(corpid: str, body: BudgetRequest, server: TheServer) -> dict[str, Any]:
    """Sets what the corp may cost in each calendar month of Asia/Shanghai, and looks at its spending at once.

    `soft` only raises the alerts; with `hard` the barrier comes down after the call that reached the amount.
    What was told and paid in the running month stays.
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
        return _look(server, tx, corpid)

    return await _told(server, corpid, work)


@router.get("/corps/{corpid}/budget")
async def show_budget(corpid: str, server: TheServer) -> dict[str, Any]:
    """How the corp stands to its budget in the clock's month: spent, left, alerts told, barrier."""

    def work(tx: Transaction) -> BudgetStatus:
        the_corp(tx, corpid)
        return _look(server, tx, corpid)

    return await _told(server, corpid, work)


@router.delete("/corps/{corpid}/budget")
async def remove_budget(corpid: str, server: TheServer) -> dict[str, Any]:
    """Takes the budget away, and the barrier with it: {"deleted": corpid}."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        _refuse_without(server, tx, corpid)
        for table in (BUDGET, BUDGET_MONTH):
            tx.execute(sa.delete(table).where(table.c.corp_id == corpid))
        _flag(tx, corpid, False)
        return {"deleted": corpid}

    return await server.run(work)


@router.post("/corps/{corpid}/budget/pay")
async def pay(corpid: str, server: TheServer, body: Payment | None = None) -> dict[str, Any]:
    """Adds `amount` to the budget of the clock's month; the barrier goes up if that is enough.

    Without an amount, what was spent so far is paid, and the whole budget is there anew.
    """

    def work(tx: Transaction) -> BudgetStatus:
        the_corp(tx, corpid)
        _refuse_without(server, tx, corpid)
        before = _look(server, tx, corpid)
        row = tx.session.get(BudgetMonth, (corpid, before.month))
        row = row or BudgetMonth(corp_id=corpid, month=before.month, paid=0, alerts_sent=[])
        paid = before.spent if body is None or body.amount is None else before.paid + body.amount
        if paid > MOST:
            raise SimError(422, f"amount: a month's budget can be raised by {MOST:,} at most")
        row.paid = max(row.paid, int(paid / FEN))
        tx.session.add(row)
        tx.flush()
        after = _look(server, tx, corpid)
        return after.after(before)

    return await _told(server, corpid, work)


def _flag(tx: Transaction, corpid: str, has_budget: bool) -> None:
    corp = the_corp(tx, corpid)
    corp.has_budget = has_budget
    tx.session.add(corp)


def _refuse_without(server: Server, tx: Transaction, corpid: str) -> None:
    if not server.budgets.lock(server.context(tx, corpid)):
        raise SimError(404, f"{corpid} has no budget; PUT /_sim/corps/{corpid}/budget")


def _look(server: Server, tx: Transaction, corpid: str) -> BudgetStatus:
    budget_status = server.budgets.evaluate(server.context(tx, corpid))
    if budget_status is None:
        raise SimError(404, f"{corpid} has no budget; PUT /_sim/corps/{corpid}/budget")
    return budget_status


async def _told(server: Server, corpid: str, work: Any) -> dict[str, Any]:
    budget_status: BudgetStatus = await server.run(work)
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
        "told": budget_status.alerts_sent,
        "barrier": budget_status.barrier,
        "down": budget_status.blocked,
        "callbacks": budget_status.callbacks,
    }
