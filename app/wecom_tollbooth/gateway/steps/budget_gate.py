"""The barrier: a corp's spending is held against its budget in the transaction of each call that adds to it.

A corp without a budget is passed by a flag that is read along with the token. With one, the row of the budget
is taken for the whole call, so on PostgreSQL its calls run one after the other and none slips past. The
spending is worked out anew only after as many calls as cannot reach anything: see billing/budgets.py.
The call that reaches a hard budget is answered; then the barrier is down until the month ends or it is paid.
"""

import logging
from dataclasses import dataclass, field
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing.budgets import ANY_NUMBER, FEN, calls_that_fit, charges_refusals, reached
from wecom_tollbooth.billing.ledger import date_of, day_number, used_by_day
from wecom_tollbooth.billing.levels import levels_by_day
from wecom_tollbooth.billing.statements import UnpricedCalls, make_statement
from wecom_tollbooth.billing.tables import BUDGET, Budget, BudgetMonth
from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.budgets import BarrierDown, BarrierUp, BudgetAlert
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.server import Server
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

log = logging.getLogger("tollbooth.billing")

HARD = "hard"
PASSES = "credentials"
"""The meter of what answers also while the barrier is down."""


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
    """How a corp stands to its budget in the month; `budget` is the amount and what was paid on top of it.

    `callbacks` and `lines` are what this look at it has raised, and what the log is to have of it.
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


# --- a call at the barrier -------------------------------------------------------------------------------


def refuse_while_down(call: Call) -> None:
    """Takes the corp's budget for the rest of the call; raises 701063 while the barrier is down."""
    if not call.has_budget:
        return
    row = _LOCK.one(call.db, corp_id=call.corp_id)
    if row is None or call.operation.meter == PASSES:
        return
    blocked, day, books = row
    if day != day_number(call.now) or books != call.server.price_books.fingerprint:
        call.budget_status = evaluate(call.server, call.db, call.corp_id, call.now)
        blocked = call.budget_status is not None and call.budget_status.blocked
    if blocked:
        raise Refusal(
            ErrCode.LICENSE_OF_CORP_CLOSED,
            detail="the budget of the month is used up and the barrier down: "
            f"POST /_sim/corps/{call.corp_id}/budget/pay raises it",
        )


def settle(call: Call, outcome: Outcome) -> None:
    """After the call was booked: looks at the spending, when this call may have reached something."""
    if not call.has_budget and (call.operation.token or not call.corp_id):
        return
    was_looked_at, call.budget_status = (
        call.budget_status is not None,
        None if outcome.refused else call.budget_status,
    )
    today, books = day_number(call.now), call.server.price_books
    if outcome.refused and not charges_refusals(books.on(date_of(today))) and not was_looked_at:
        return
    counted = {"of_corp_id": call.corp_id, "today": today, "in_force": books.fingerprint}
    if not _COUNT_DOWN.run(call.db, **counted):
        call.budget_status = _after(
            call.budget_status, evaluate(call.server, call.db, call.corp_id, call.now)
        )


def _after(earlier: BudgetStatus | None, later: BudgetStatus | None) -> BudgetStatus | None:
    """Of two looks in one call, the later one, with what both have raised."""
    if earlier is not None and later is not None:
        later.callbacks = earlier.callbacks + later.callbacks
        later.lines = earlier.lines + later.lines
    return later


def notify(server: Server, budget_status: BudgetStatus | None) -> None:
    """Once the transaction is committed: into the log, and the delivery hears that there is something."""
    if budget_status is None:
        return
    for line in budget_status.lines:
        log.warning(line)
    if budget_status.callbacks:
        server.callbacks_waiting.set()


# --- looking at the spending -----------------------------------------------------------------------------


def lock(db: Transaction, corp_id: str) -> bool:
    """Takes the corp's budget for the rest of the transaction; False when it has none.

    To be done before anything else is taken, as calls do, so that no two wait for each other.
    """
    return _LOCK.one(db, corp_id=corp_id) is not None


def evaluate(server: Server, db: Transaction, corp_id: str, now: int) -> BudgetStatus | None:
    """Works out what the month has cost, raises what is due, moves the barrier. None without a budget."""
    row = db.session.get(Budget, corp_id, with_for_update=True, populate_existing=True)
    if row is None:
        return None
    month = clock.month_of(now)
    kept = db.session.get(BudgetMonth, (corp_id, month), populate_existing=True)
    of_month = kept or BudgetMonth(corp_id=corp_id, month=month, paid=0, alerts_sent=[])
    budget_status = BudgetStatus(
        month=month,
        amount=row.amount * FEN,
        paid=of_month.paid * FEN,
        spent=spent_in(server, db, corp_id, month),
        alerts=row.alerts,
        alerts_sent=of_month.alerts_sent,
        barrier=row.barrier,
        blocked=row.blocked,
    )
    _move(Context(server.settings, db, corp_id, now), server.price_books.currency, budget_status)
    if budget_status.alerts_sent != of_month.alerts_sent:
        of_month.alerts_sent = budget_status.alerts_sent
        db.session.add(of_month)
    row.blocked, row.day, row.books = budget_status.blocked, day_number(now), server.price_books.fingerprint
    row.calls_left = _calls_left(server, budget_status, row.day)
    db.session.add(row)
    db.flush()
    return budget_status


def spent_in(server: Server, db: Transaction, corp_id: str, month: str) -> Decimal:
    """The total of the month's statement, as it stands in this transaction."""
    since, until = clock.month_bounds(month)
    used = used_by_day(db, corp_id, since, until)
    held = levels_by_day(db, corp_id, since, until)
    try:
        return make_statement(corp_id, month, server.price_books, used, held).total
    except UnpricedCalls as error:
        # No statement can be made of this month, so there is nothing to hold against the budget.
        log.error("corp %s: the budget is not watched: %s", corp_id, error)
        return Decimal(0)


def _move(context: Context, currency: str, budget_status: BudgetStatus) -> None:
    """Alerts that are new, and the barrier up or down."""
    corp_id, month = context.corp_id, budget_status.month
    budget, spent = f"{budget_status.budget}", f"{budget_status.spent}"
    of = f"{spent} of {budget} {currency} in {month}"
    for percent in reached(budget_status.spent, budget_status.budget, budget_status.alerts):
        if percent not in budget_status.alerts_sent:
            budget_status.alerts_sent = sorted([*budget_status.alerts_sent, percent])
            budget_status.lines.append(f"corp {corp_id} has spent {percent} percent of its budget: {of}")
            emit(context, BudgetAlert(Threshold=percent, Budget=budget, Spent=spent, Month=month))
    blocked = budget_status.barrier == HARD and budget_status.spent >= budget_status.budget
    if blocked and not budget_status.blocked:
        budget_status.lines.append(f"corp {corp_id}: the barrier is down: {of}")
        emit(context, BarrierDown(Budget=budget, Spent=spent, Month=month))
    elif budget_status.blocked and not blocked:
        budget_status.lines.append(f"corp {corp_id}: the barrier is up: {of}")
        emit(context, BarrierUp(Budget=budget, Spent=spent, Month=month))
    budget_status.blocked = blocked
    budget_status.callbacks += context.callbacks


def _calls_left(server: Server, budget_status: BudgetStatus, day: int) -> int:
    """How many calls need not be looked at on this day."""
    marks = [
        budget_status.budget * percent / 100
        for percent in budget_status.alerts
        if percent not in budget_status.alerts_sent
    ]
    if budget_status.barrier == HARD and not budget_status.blocked:
        marks.append(budget_status.budget)
    if not marks:
        return ANY_NUMBER
    book = server.price_books.on(date_of(day))
    return calls_that_fit(budget_status.spent, marks, book, lines=len(server.meters))
