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
from sqlmodel import select

from wecom_tollbooth.billing.budgets import ANY_NUMBER, FEN, calls_that_fit, charges_refusals, reached
from wecom_tollbooth.billing.ledger import date_of, day_number, used_by_day
from wecom_tollbooth.billing.levels import levels_by_day
from wecom_tollbooth.billing.statements import UnpricedCalls, make_statement
from wecom_tollbooth.billing.tables import BUDGET, Budget, BudgetMonth
from wecom_tollbooth.callbacks import outbox
from wecom_tollbooth.db import Hot, Transaction
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.tables import App
from wecom_tollbooth.server import Server
from wecom_tollbooth.world import clock

log = logging.getLogger("tollbooth.billing")

EVENT = "tollbooth_budget"
"""An event of our own: WeCom has no budgets."""
HARD = "hard"
PASSES = "credentials"
"""The meter of what answers also while the barrier is down."""


_TAKE = Hot(
    sa.select(BUDGET.c.down, BUDGET.c.day, BUDGET.c.books)
    .where(BUDGET.c.corp_id == bindparam("corp_id"))
    .with_for_update()
)
_COUNT_DOWN = Hot(
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
class Standing:
    """How a corp stands to its budget in the month; `budget` is the amount and what was paid on top of it.

    `callbacks` and `lines` are what this look at it has raised, and what the log is to have of it.
    """

    month: str
    amount: Decimal
    paid: Decimal
    spent: Decimal
    alerts: list[int]
    told: list[int]
    barrier: str
    down: bool
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
    row = _TAKE.one(call.db, corp_id=call.corp_id)
    if row is None or call.operation.meter == PASSES:
        return
    down, day, books = row
    if day != day_number(call.now) or books != call.server.price_books.fingerprint:
        call.standing = look(call.server, call.db, call.corp_id, call.now)
        down = call.standing is not None and call.standing.down
    if down:
        raise Refusal(
            ErrCode.LICENSE_OF_CORP_CLOSED,
            detail="the budget of the month is used up and the barrier down: "
            f"POST /_sim/corps/{call.corp_id}/budget/pay raises it",
        )


def settle(call: Call, outcome: Outcome) -> None:
    """After the call was booked: looks at the spending, when this call may have reached something."""
    if not call.has_budget and (call.operation.token or not call.corp_id):
        return
    was_looked_at, call.standing = call.standing is not None, None if outcome.refused else call.standing
    today, books = day_number(call.now), call.server.price_books
    if outcome.refused and not charges_refusals(books.on(date_of(today))) and not was_looked_at:
        return
    counted = {"of_corp_id": call.corp_id, "today": today, "in_force": books.fingerprint}
    if not _COUNT_DOWN.run(call.db, **counted):
        call.standing = _after(call.standing, look(call.server, call.db, call.corp_id, call.now))


def _after(earlier: Standing | None, later: Standing | None) -> Standing | None:
    """Of two looks in one call, the later one, with what both have raised."""
    if earlier is not None and later is not None:
        later.callbacks = earlier.callbacks + later.callbacks
        later.lines = earlier.lines + later.lines
    return later


def tell(server: Server, standing: Standing | None) -> None:
    """Once the transaction is committed: into the log, and the delivery hears that there is something."""
    if standing is None:
        return
    for line in standing.lines:
        log.warning(line)
    if standing.callbacks:
        server.callbacks_waiting.set()


# --- looking at the spending -----------------------------------------------------------------------------


def take(db: Transaction, corp_id: str) -> bool:
    """Takes the corp's budget for the rest of the transaction; False when it has none.

    To be done before anything else is taken, as calls do, so that no two wait for each other.
    """
    return _TAKE.one(db, corp_id=corp_id) is not None


def look(server: Server, db: Transaction, corp_id: str, now: int) -> Standing | None:
    """Works out what the month has cost, raises what is due, moves the barrier. None without a budget."""
    row = db.session.get(Budget, corp_id, with_for_update=True, populate_existing=True)
    if row is None:
        return None
    month = clock.month_of(now)
    kept = db.session.get(BudgetMonth, (corp_id, month), populate_existing=True)
    of_month = kept or BudgetMonth(corp_id=corp_id, month=month, paid=0, told=[])
    standing = Standing(
        month=month,
        amount=row.amount * FEN,
        paid=of_month.paid * FEN,
        spent=spent_in(server, db, corp_id, month),
        alerts=row.alerts,
        told=of_month.told,
        barrier=row.barrier,
        down=row.down,
    )
    _move(db, corp_id, now, server.price_books.currency, standing)
    if standing.told != of_month.told:
        of_month.told = standing.told
        db.session.add(of_month)
    row.down, row.day, row.books = standing.down, day_number(now), server.price_books.fingerprint
    row.calls_left = _calls_left(server, standing, row.day)
    db.session.add(row)
    db.flush()
    return standing


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


def _move(db: Transaction, corp_id: str, now: int, currency: str, standing: Standing) -> None:
    """Alerts that are new, and the barrier up or down."""
    of = f"{standing.spent} of {standing.budget} {currency} in {standing.month}"
    for percent in reached(standing.spent, standing.budget, standing.alerts):
        if percent not in standing.told:
            standing.told = sorted([*standing.told, percent])
            standing.lines.append(f"corp {corp_id} has spent {percent} percent of its budget: {of}")
            _raise(db, corp_id, now, standing, "alert", percent)
    down = standing.barrier == HARD and standing.spent >= standing.budget
    if down and not standing.down:
        standing.lines.append(f"corp {corp_id}: the barrier is down: {of}")
        _raise(db, corp_id, now, standing, "barrier_down")
    elif standing.down and not down:
        standing.lines.append(f"corp {corp_id}: the barrier is up: {of}")
        _raise(db, corp_id, now, standing, "barrier_up")
    standing.down = down


def _raise(
    db: Transaction, corp_id: str, now: int, standing: Standing, change_type: str, percent: int | None = None
) -> None:
    """To every app of the corp that has an address for callbacks."""
    fields: dict[str, outbox.Value] = {
        **({} if percent is None else {"Threshold": percent}),
        "Budget": f"{standing.budget}",
        "Spent": f"{standing.spent}",
        "Month": standing.month,
    }
    apps = db.session.exec(select(App).where(App.corp_id == corp_id).order_by(sa.text("agentid")))
    for app in apps:
        if app.enabled and app.callback_url:
            number = outbox.put(
                db,
                corp_id=corp_id,
                agentid=app.agentid,
                url=app.callback_url,
                now=now,
                event=EVENT,
                change_type=change_type,
                fields=fields,
            )
            standing.callbacks.append(number)


def _calls_left(server: Server, standing: Standing, day: int) -> int:
    """How many calls need not be looked at on this day."""
    marks = [standing.budget * percent / 100 for percent in standing.alerts if percent not in standing.told]
    if standing.barrier == HARD and not standing.down:
        marks.append(standing.budget)
    if not marks:
        return ANY_NUMBER
    book = server.price_books.on(date_of(day))
    return calls_that_fit(standing.spent, marks, book, lines=len(server.meters))
