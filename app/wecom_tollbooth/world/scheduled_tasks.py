"""Scheduled tasks: work that a call or an act leaves for a later time of the simulator's clock.

A family declares what a kind of task does:

    @scheduled_task("quota_lot_expires")
    def quota_lot_expires(act: Act, reference: str) -> None: ...

and schedules one with `schedule(act, "quota_lot_expires", due_at, reference)`. Advancing the clock
runs all due tasks before it answers, in the order of their times, each with `act.now` at its own time, and
moves the clock along with them. A few tasks are one transaction: calls are answered in between.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import (
    ID_BLOCK,
    MAX_ATTEMPTS,
    CompiledStatement,
    DatabaseBusy,
    OutOfIds,
    Slices,
    StartOver,
    Transaction,
    is_from_driver,
    table_of,
)
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.clock import Goal
from wecom_tollbooth.world.context import Context

log = logging.getLogger("tollbooth.tasks")

TASKS_AT_ONCE, SECONDS_AT_ONCE = 50, 0.005
"""What one transaction runs at most on SQLite: a commit for each task would write many times as much."""

TaskHandler = Callable[[Act, str], None]

_HANDLERS: dict[str, TaskHandler] = {}
_ALONE: set[str] = set()
"""Kinds of which one task fills a transaction."""


class ScheduledTask(SQLModel, table=True):
    """A task that runs at `due_at`, unix seconds of the simulator's clock."""

    __tablename__ = "scheduled_task"
    __table_args__ = (
        sa.Index("scheduled_task_by_time", "due_at", "id"),
        sa.Index("scheduled_task_by_corp", "corp_id", "due_at"),
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    due_at: int = Field(sa_type=sa.BigInteger)
    kind: str
    reference: str


SCHEDULED_TASK = table_of(ScheduledTask)
_INSERT = CompiledStatement(
    sa.insert(SCHEDULED_TASK).values(
        {column.name: bindparam(column.name) for column in SCHEDULED_TASK.columns}
    )
)

_FIND = CompiledStatement(
    sa.select(SCHEDULED_TASK.c.id)
    .where(
        SCHEDULED_TASK.c.due_at == bindparam("due_at"),
        SCHEDULED_TASK.c.corp_id == bindparam("corp_id"),
        SCHEDULED_TASK.c.kind == bindparam("kind"),
        SCHEDULED_TASK.c.reference == bindparam("reference"),
    )
    .limit(1)
)


_corp = sa.table("corp", sa.column("corp_id"))
_of_existing_corp = sa.exists().where(_corp.c.corp_id == SCHEDULED_TASK.c.corp_id)
"""A corp that is being deleted has tasks for a while. The room of corps lies above this one."""
_NEXT_DUE = CompiledStatement(
    sa.select(
        SCHEDULED_TASK.c.corp_id,
        SCHEDULED_TASK.c.id,
        SCHEDULED_TASK.c.due_at,
        SCHEDULED_TASK.c.kind,
        SCHEDULED_TASK.c.reference,
    )
    .where(SCHEDULED_TASK.c.due_at <= bindparam("now"), _of_existing_corp)
    .order_by(SCHEDULED_TASK.c.due_at, SCHEDULED_TASK.c.id)
    .limit(1)
)
TASK_ORDER_LOCK = 740_007
_ONE_AFTER_THE_OTHER = CompiledStatement(sa.select(sa.func.pg_advisory_xact_lock(TASK_ORDER_LOCK)))
"""Held by the transaction of a task on PostgreSQL: tasks run in order, whichever worker takes the next, and
who finds none due knows that the last one is done."""
_DELETE = CompiledStatement(
    sa.delete(SCHEDULED_TASK).where(
        SCHEDULED_TASK.c.corp_id == bindparam("corp_id"), SCHEDULED_TASK.c.id == bindparam("id")
    )
)


def scheduled_task(kind: str, *, alone: bool = False) -> Callable[[TaskHandler], TaskHandler]:
    """Declares the handler of a kind of task; `alone`: its transaction ends with each, as it takes long."""

    def declare(handler: TaskHandler) -> TaskHandler:
        if kind in _HANDLERS:
            raise ValueError(f"{kind} is declared twice")
        _HANDLERS[kind] = handler
        if alone:
            _ALONE.add(kind)
        return handler

    return declare


def schedule(context: Context, kind: str, due_at: int, reference: str, number: int | None = None) -> None:
    """Schedules a task under the id `number` or a new one; its handler gets `reference`."""
    if kind not in _HANDLERS:
        raise LookupError(f"no scheduled task is declared as {kind}")
    _INSERT.run(
        context.db,
        corp_id=context.corp_id,
        id=context.next_id() if number is None else number,
        due_at=due_at,
        kind=kind,
        reference=reference,
    )


def is_scheduled(context: Context, kind: str, due_at: int, reference: str) -> bool:
    """Whether exactly this task is already waiting."""
    task = {"corp_id": context.corp_id, "kind": kind, "due_at": due_at, "reference": reference}
    return _FIND.one(context.db, **task) is not None


def run_due(settings: Settings, goal: Goal | None = None) -> Slices[int]:
    """Runs all due tasks and returns how many there were.

    With a `goal`, also those that are due until then, each after moving the clock to its time. The clock is
    not moved to the goal itself.
    """
    done = alone = 0
    while True:
        came = yield partial(_run_some, settings, goal, 1 if alone else TASKS_AT_ONCE)
        if came is None:
            alone = TASKS_AT_ONCE  # one of these is to run in a transaction of its own
        elif not came:
            return done
        else:
            done, alone = done + came, max(0, alone - 1)


def _run_some(settings: Settings, goal: Goal | None, limit: int, tx: Transaction) -> int | None:
    """Runs the next due tasks, some milliseconds long, and returns how many; 0 when none is due.

    None, and nothing was done, when a task among several failed.
    """
    if tx.dialect == "postgresql":
        limit = 1  # the locks of one task are enough
    deadline = time.monotonic() + SECONDS_AT_ONCE
    done = 0
    while done < limit and (not done or time.monotonic() < deadline):
        came = _run_next(settings, goal, tx, is_first=not done)
        if came is None:
            return None
        if not came:
            break
        done += 1
        if came in _ALONE:
            break
    return done


def _run_next(settings: Settings, goal: Goal | None, tx: Transaction, *, is_first: bool) -> str | None:
    """Runs the next due task and returns its kind; "" without one, None when it failed and undid others.

    A task whose handler fails is logged and dropped, so that it doesn't stop the clock for everybody.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        if tx.dialect == "postgresql":
            _ONE_AFTER_THE_OTHER.one(tx)
        row = _NEXT_DUE.one(tx, now=goal.now if goal else Context(settings, tx, "").now)
        if row is None:
            return ""
        corp_id, number, due_at, kind, reference = row
        try:
            if goal:
                clock.pass_to(tx, due_at)
            _HANDLERS[kind](Act(settings, tx, corp_id, due_at), reference)
            tx.flush()
        except (sa.exc.DBAPIError, StartOver, DatabaseBusy):
            raise
        except Exception as error:
            if is_from_driver(error):
                raise
            tx.restart()
            if not is_first:
                return None
            if isinstance(error, OutOfIds):
                tx.reserve_ids(ID_BLOCK * 10**attempt)
                continue
            log.exception("the task %s %s of corp %s failed and is dropped", kind, reference, corp_id)
        _DELETE.run(tx, corp_id=corp_id, id=number)
        return str(kind)
    raise OutOfIds
