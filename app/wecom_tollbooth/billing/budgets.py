"""Budgets: a corp's spending is checked against its budget in the transaction of each call that adds to it.

The row of the budget is locked for the whole call, so on PostgreSQL the calls of a corp with a budget run one
after the other and none slips past. The spending is only worked out again after as many calls as can't reach
an alert or the budget (budget_thresholds.py). The call that reaches a hard budget is still answered; later
ones are blocked until the month ends or the budget is paid.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing.budget_thresholds import (
    ANY_NUMBER,
    FEN,
    calls_that_fit,
    charges_refusals,
    reached,
)
from wecom_tollbooth.billing.ledger import date_of, day_number, used_by_day
from wecom_tollbooth.billing.levels import levels_by_day
from wecom_tollbooth.billing.price_books import PriceBooks
from wecom_tollbooth.billing.statements import make_statement
from wecom_tollbooth.billing.tables import BUDGET, Budget, BudgetMonth
from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.budgets import BarrierDown, BarrierUp, BudgetAlert
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

log = logging.getLogger("tollbooth.billing")

HARD = "hard"

_LOCK = CompiledStatement(
    sa.select(BUDGET.c.blocked, BUDGET.c.day, BUDGET.c.books)
    .where(BUDGET.c.corp_id == bindparam("corp_id"))
    .with_for_update()
)
_COUNT_DOWN = CompiledStatement(
    sa.update(BUDGET)
    .where(
        BUDGET.c.corp_id == bindparam("of_corp_id"),
        BUDGET.c.calls_left > 0,
        BUDGET.c.day == bindparam("today"),
        BUDGET.c.books == bindparam("in_force"),
    )
    .values(calls_left=BUDGET.c.calls_left - 1)
)


@dataclass
class BudgetStatus:
    """A corp's spending in the month against its budget, which is `amount` plus what was `paid` on top.

    `callbacks` are the ids of the callbacks that finding it has raised, `lines` what to log of it.
    """

    month: str
    amount: Decimal
    paid: Decimal
    spent: Decimal
    alerts: list[int]
    alerts_sent: list[int]
    barrier: str
    blocked: bool
    callbacks: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def budget(self) -> Decimal:
        return self.amount + self.paid

    @property
    def event_fields(self) -> dict[str, str]:
        return {"Budget": f"{self.budget}", "Spent": f"{self.spent}", "Month": self.month}

    def after(self, earlier: "BudgetStatus | None") -> "BudgetStatus":
        """This status, with what an earlier one of the same transaction has raised."""
        if earlier is not None:
            self.callbacks = earlier.callbacks + self.callbacks
            self.lines = earlier.lines + self.lines
        return self


class Budgets:
    """Evaluates budgets under the price books of one server."""

    def __init__(self, price_books: PriceBooks, lines: int, wake: Callable[[], None]) -> None:
        """`lines` is how many lines of a statement calls can be on; `wake` is called for new callbacks."""
        self._price_books = price_books
        self._lines = lines
        self._wake = wake

    def lock(self, context: Context) -> bool:
        """Locks the corp's budget for the rest of the transaction; False when it has none.

        Take this lock before any other, as calls do, so that no two transactions wait for each other.
        """
        return _LOCK.one(context.db, corp_id=context.corp_id) is not None

    def is_blocked(self, context: Context) -> tuple[bool, BudgetStatus | None]:
        """Locks the budget and says whether calls are blocked, with the status if it had to be evaluated."""
        row = _LOCK.one(context.db, corp_id=context.corp_id)
        if row is None:
            return False, None
        blocked, day, books = row
        if day == day_number(context.now) and books == self._price_books.fingerprint:
            return blocked, None
        status = self.evaluate(context)
        return status is not None and status.blocked, status

    def after_call(
        self, context: Context, earlier: BudgetStatus | None, *, refused: bool
    ) -> BudgetStatus | None:
        """Evaluates the budget after a call was booked, if the call may have reached something.

        `earlier` is the status that was found before the call; a refused call has rolled it back.
        """
        evaluated, earlier = earlier is not None, None if refused else earlier
        today, books = day_number(context.now), self._price_books
        if refused and not charges_refusals(books.on(date_of(today))) and not evaluated:
            return None
        counted = {"of_corp_id": context.corp_id, "today": today, "in_force": books.fingerprint}
        if _COUNT_DOWN.run(context.db, **counted):
            return earlier
        later = self.evaluate(context)
        return later and later.after(earlier)

    def evaluate(self, context: Context) -> BudgetStatus | None:
        """Works out the month's cost, raises alerts, blocks or unblocks calls; None without a budget."""
        db, corp_id = context.db, context.corp_id
        row = db.session.get(Budget, corp_id, with_for_update=True, populate_existing=True)
        if row is None:
            return None
        month = clock.month_of(context.now)
        kept = db.session.get(BudgetMonth, (corp_id, month), populate_existing=True)
        of_month = kept or BudgetMonth(corp_id=corp_id, month=month, paid=0, alerts_sent=[])
        status = BudgetStatus(
            month=month,
            amount=row.amount * FEN,
            paid=of_month.paid * FEN,
            spent=self._spent(context, month),
            alerts=row.alerts,
            alerts_sent=of_month.alerts_sent,
            barrier=row.barrier,
            blocked=row.blocked,
        )
        raised_before = len(context.callbacks)
        self._raise_alerts(context, status)
        self._set_blocked(context, status)
        status.callbacks = context.callbacks[raised_before:]
        if status.alerts_sent != of_month.alerts_sent:
            of_month.alerts_sent = status.alerts_sent
            db.session.add(of_month)
        row.blocked, row.day = status.blocked, day_number(context.now)
        row.books, row.calls_left = self._price_books.fingerprint, self._calls_left(status, row.day)
        db.session.add(row)
        db.flush()
        return status

    def notify(self, status: BudgetStatus | None) -> None:
        """Logs what a status has raised and has its callbacks sent; to be called after the commit."""
        if status is None:
            return
        for line in status.lines:
            log.warning(line)
        if status.callbacks:
            self._wake()

    def _spent(self, context: Context, month: str) -> Decimal:
        """The total of the month's statement, as this transaction sees it."""
        since, until = clock.month_bounds(month)
        used = used_by_day(context.db, context.corp_id, since, until)
        held = levels_by_day(context, since, until)
        return make_statement(context.corp_id, month, self._price_books, used, held).total

    def _raise_alerts(self, context: Context, status: BudgetStatus) -> None:
        for percent in reached(status.spent, status.budget, status.alerts):
            if percent not in status.alerts_sent:
                status.alerts_sent = sorted([*status.alerts_sent, percent])
                self._note(context, status, f" has spent {percent} percent of its budget")
                emit(context, BudgetAlert(Threshold=percent, **status.event_fields))

    def _set_blocked(self, context: Context, status: BudgetStatus) -> None:
        blocked = status.barrier == HARD and status.spent >= status.budget
        if blocked and not status.blocked:
            self._note(context, status, ": calls are blocked")
            emit(context, BarrierDown(**status.event_fields))
        elif status.blocked and not blocked:
            self._note(context, status, ": calls are unblocked")
            emit(context, BarrierUp(**status.event_fields))
        status.blocked = blocked

    def _note(self, context: Context, status: BudgetStatus, what: str) -> None:
        """Adds a line to log after the commit."""
        of_budget = f"{status.spent} of {status.budget} {self._price_books.currency} in {status.month}"
        status.lines.append(f"corp {context.corp_id}{what}: {of_budget}")

    def _calls_left(self, status: BudgetStatus, day: int) -> int:
        """How many calls of this day need no evaluation."""
        marks = [
            status.budget * percent / 100 for percent in status.alerts if percent not in status.alerts_sent
        ]
        if status.barrier == HARD and not status.blocked:
            marks.append(status.budget)
        if not marks:
            return ANY_NUMBER
        return calls_that_fit(status.spent, marks, self._price_books.on(date_of(day)), lines=self._lines)
