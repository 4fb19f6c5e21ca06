"""tollbooth_budget: a corp's spending reaches its budget, an event of our own."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, constant
from wecom_tollbooth.callbacks.events.receiver_rules import APPS_WITH_AN_ADDRESS

BudgetValue = Annotated[str, Doc("the month's budget with what was paid on top", "当月预算，含追加金额")]
SpentValue = Annotated[str, Doc("total of the month's statement", "当月账单总额")]
MonthValue = Annotated[str, Doc("the month, 2026-12", "月份，如 2026-12")]


class BudgetEvent(Event):
    """预算（模拟器自有） / Budgets, an event of the simulator's own."""

    event = "tollbooth_budget"
    receivers = APPS_WITH_AN_ADDRESS


class BudgetAlert(BudgetEvent):
    """预算告警 / The month's statement reaches a threshold of the budget; once a month and threshold."""

    ChangeType: str = constant("alert")
    Threshold: Annotated[int, Doc("the threshold, percent of the budget", "告警阈值，占预算的百分比")]
    Budget: BudgetValue
    Spent: SpentValue
    Month: MonthValue


class BarrierDown(BudgetEvent):
    """预算拦截 / The budget is used up: calls are refused from now on."""

    ChangeType: str = constant("barrier_down")
    Budget: BudgetValue
    Spent: SpentValue
    Month: MonthValue


class BarrierUp(BudgetEvent):
    """解除拦截 / Calls are answered again before the month ends."""

    ChangeType: str = constant("barrier_up")
    Budget: BudgetValue
    Spent: SpentValue
    Month: MonthValue
