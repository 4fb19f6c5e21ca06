"""Scheduled tasks: work that a call or an act leaves for a later time of the simulator's clock.

A family declares what a kind of task does:

    @scheduled_task("quota_lot_expires")
    def quota_lot_expires(act: Act, reference: str) -> None: ...

and schedules one with `schedule(act, "quota_lot_expires", due_at, reference)`. Advancing the clock
runs all due tasks before it answers, in the order of their times, each with `act.now` at its own time, and
moves the clock along with them. A few tasks are one transaction: calls are answered in between.

Tasks of corps that follow the server's clock are one order; those of a corp with a clock of its own are an
order by themselves, and nobody else's clock makes them due.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import (
    ID_BLOCK,
    MAX_ATTEMPTS,
    CompiledStatement,
    Database,
    DatabaseBusy,
    OutOfIds,
    Slices,
    StartOver,
    Transaction,
    is_from_driver,
    is_unkeepable,
    reading,
    table_of,
)
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.clock import CORP_CLOCK, HOUR, Goal
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring
from wecom_tollbooth.world.keyed_corps import is_keyed

log = logging.getLogger("tollbooth.tasks")

TASKS_AT_ONCE, SECONDS_AT_ONCE = 50, 0.005
"""What one transaction runs at most on SQLite: a commit for each task would write many times as much."""

SORTED_AT_ONCE = 500

TaskHandler = Callable[[Act, str], None]

_HANDLERS: dict[str, TaskHandler] = {}
_ALONE: set[str] = set()
_FAILED: dict[str, TaskHandler] = {}
"""Kinds of which one task fills a transaction."""


class ScheduledTask(SQLModel, table=True):
    """A task that runs at `due_at`, unix seconds of its corp's clock."""

    __tablename__ = "scheduled_task"
    __table_args__ = (
        sa.Index("scheduled_task_by_time", "own_clock", "due_at", "id"),
        sa.Index("scheduled_task_by_corp", "corp_id", "due_at", "id"),
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    due_at: int = Field(sa_type=sa.BigInteger)
    kind: str
    reference: str
    own_clock: bool = False
    """Keeps tasks of corps with clocks of their own out of the index of the others, whose look would have to
    pass over them; CORP_CLOCK decides."""


SCHEDULED_TASK = table_of(ScheduledTask)
_INSERT = CompiledStatement(
    sa.insert(SCHEDULED_TASK).values(
        {column.name: bindparam(column.name) for column in SCHEDULED_TASK.columns}
        | {"own_clock": sa.exists().where(CORP_CLOCK.c.corp_id == bindparam("corp_id"))}
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
_FIRST_DUE = (
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
_has_own_clock = sa.exists().where(CORP_CLOCK.c.corp_id == SCHEDULED_TASK.c.corp_id)
_NEXT_DUE = CompiledStatement(
    _FIRST_DUE.where(SCHEDULED_TASK.c.own_clock == sa.false(), sa.not_(_has_own_clock))
)
_NEXT_DUE_OF_CORP = CompiledStatement(_FIRST_DUE.where(SCHEDULED_TASK.c.corp_id == bindparam("corp_id")))
TASK_ORDER_LOCK = 740_007
_ONE_AFTER_THE_OTHER = CompiledStatement(sa.select(sa.func.pg_advisory_xact_lock(TASK_ORDER_LOCK)))
"""Held by the transaction of a task on PostgreSQL: tasks run in order, whichever worker takes the next, and
who finds none due knows that the last one is done."""
_DELETE = CompiledStatement(
    sa.delete(SCHEDULED_TASK).where(
        SCHEDULED_TASK.c.corp_id == bindparam("corp_id"), SCHEDULED_TASK.c.id == bindparam("id")
    )
)


def scheduled_task(
    kind: str, *, alone: bool = False, failed: TaskHandler | None = None
) -> Callable[[TaskHandler], TaskHandler]:
    """Declares the handler of a kind of task.

    `alone`: its transaction ends with each, as it takes long. `failed` is called after the handler raised and
    what it did was undone, so that a caller who waits for the task learns that it is over.
    """

    def declare(handler: TaskHandler) -> TaskHandler:
        if kind in _HANDLERS:
            raise ValueError(f"{kind} is declared twice")
        _HANDLERS[kind] = handler
        if alone:
            _ALONE.add(kind)
        if failed:
            _FAILED[kind] = failed
        return handler

    return declare


def _handler(kind: str) -> TaskHandler:
    if kind not in _HANDLERS:
        import_declaring("scheduled_task")
    if kind not in _HANDLERS:
        raise LookupError(f"no scheduled task is declared as {kind}")
    return _HANDLERS[kind]


def schedule(context: Context, kind: str, due_at: int, reference: str, number: int | None = None) -> None:
    """Schedules a task under the id `number` or a new one; its handler gets `reference`."""
    _handler(kind)
    _INSERT.run(
        context.db,
        corp_id=context.corp_id,
        id=context.next_id() if number is None else number,
        due_at=due_at,
        kind=kind,
        reference=reference,
    )
    if is_keyed(context.corp_id) and due_at <= context.now:
        context.has_due = True


def is_scheduled(context: Context, kind: str, due_at: int, reference: str) -> bool:
    """Whether exactly this task is already waiting."""
    task = {"corp_id": context.corp_id, "kind": kind, "due_at": due_at, "reference": reference}
    return _FIND.one(context.db, **task) is not None


def run_due(settings: Settings, goal: Goal | None = None, corp_id: str = clock.SERVER) -> Slices[int]:
    """Runs all due tasks of the corps that follow the server's clock, or of one corp; returns how many.

    With a `goal`, also those that are due until then, each after moving the goal's clock to its time. The
    clock is not moved to the goal itself.
    """
    done = alone = 0
    while True:
        came = yield partial(_run_some, settings, goal, corp_id, 1 if alone else TASKS_AT_ONCE)
        if came is None:
            alone = TASKS_AT_ONCE  # one of these is to run in a transaction of its own
        elif not came:
            return done
        else:
            done, alone = done + came, max(0, alone - 1)


def _run_some(settings: Settings, goal: Goal | None, of_corp: str, limit: int, tx: Transaction) -> int | None:
    """Runs the next due tasks, some milliseconds long, and returns how many; 0 when none is due.

    None, and nothing was done, when a task among several failed.
    """
    if tx.dialect == "postgresql":
        limit = 1  # the locks of one task are enough
    deadline = time.monotonic() + SECONDS_AT_ONCE
    done = 0
    while done < limit and (not done or time.monotonic() < deadline):
        came = _run_next(settings, goal, of_corp, tx, is_first=not done)
        if came is None:
            return None
        if not came:
            break
        done += 1
        if came in _ALONE:
            break
    return done


def _run_next(
    settings: Settings, goal: Goal | None, of_corp: str, tx: Transaction, *, is_first: bool
) -> str | None:
    """Runs the next due task and returns its kind; "" without one, None when it failed and undid others.

    A task whose handler fails is logged and dropped, so that it doesn't stop the clock for everybody.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        if tx.dialect == "postgresql":
            _ONE_AFTER_THE_OTHER.one(tx)
        now = goal.now if goal else Context(settings, tx, of_corp).now
        row = _NEXT_DUE_OF_CORP.one(tx, now=now, corp_id=of_corp) if of_corp else _NEXT_DUE.one(tx, now=now)
        if row is None:
            return ""
        corp_id, number, due_at, kind, reference = row
        try:
            if goal:
                clock.pass_to(tx, due_at, of_corp)
            _handler(kind)(Act(settings, tx, corp_id, due_at), reference)
            tx.flush()
        except (StartOver, DatabaseBusy):
            raise
        except Exception as error:
            # What the database will never keep is the task's own fault; anything else may pass.
            if is_from_driver(error) and not is_unkeepable(error):
                raise
            tx.restart()
            if not is_first:
                return None
            if isinstance(error, OutOfIds):
                tx.reserve_ids(ID_BLOCK * 10**attempt)
                continue
            log.exception("the task %s %s of corp %s failed and is dropped", kind, reference, corp_id)
            if kind in _FAILED:
                _FAILED[kind](Act(settings, tx, corp_id, due_at), reference)
                tx.flush()
        _DELETE.run(tx, corp_id=corp_id, id=number)
        return str(kind)
    raise OutOfIds


# --- corps with clocks of their own ------------------------------------------------------------------------


class Behind(NamedTuple):
    """A corp with a clock of its own for which there is something to do."""

    corp_id: str
    has_due: bool
    hour_is_over: bool
    """An hour of its clock has passed."""


def _behind() -> CompiledStatement:
    wall, before = bindparam("wall", type_=sa.BigInteger), bindparam("before", type_=sa.BigInteger)
    own = CORP_CLOCK.c
    at = sa.func.coalesce(own.frozen_at, own.shift + wall)
    has_due = (
        sa.exists()
        .where(SCHEDULED_TASK.c.corp_id == own.corp_id, SCHEDULED_TASK.c.due_at <= at, _of_existing_corp)
        .correlate(CORP_CLOCK)
    )
    hour_is_over = own.frozen_at.is_(None) & ((own.shift + wall) // HOUR != (own.shift + before) // HOUR)
    query = sa.select(own.corp_id, has_due, hour_is_over).where(sa.or_(has_due, hour_is_over))
    return CompiledStatement(query.order_by(own.corp_id))


_BEHIND = _behind()
_STRAY = SCHEDULED_TASK.c.own_clock == sa.true(), sa.not_(_has_own_clock)


def corps_behind(tx: Transaction, before: int) -> tuple[list[Behind], int]:
    """The corps with clocks of their own that have due tasks, or an hour that is over since `before`.

    Also returns the wall clock's time of this look, which is the next one's `before`.
    """
    wall = clock.times_for_sql(tx)["wall"]
    rows = _BEHIND.all(tx, wall=wall, before=before)
    return [Behind(corp_id, bool(has_due), bool(is_over)) for corp_id, has_due, is_over in rows], wall


def sorting_by_clock(corp_id: str, own_clock: bool) -> Slices[None]:
    """Notes at the corp's tasks whether it has a clock of its own.

    To be done after it was given one, and before it follows the server's again: meanwhile nobody misses a
    task, because CORP_CLOCK decides.
    """
    last: int | None = -1
    while last is not None:
        last = yield partial(_sort_some, corp_id, own_clock, last)


def _sort_some(corp_id: str, own_clock: bool, after: int, tx: Transaction) -> int | None:
    """Notes it at the next tasks by id; returns the last id, or None at the end."""
    of_corp = SCHEDULED_TASK.c.corp_id == corp_id
    some = (
        sa.select(SCHEDULED_TASK.c.id)
        .where(of_corp, SCHEDULED_TASK.c.id > after)
        .order_by(SCHEDULED_TASK.c.id)
        .limit(SORTED_AT_ONCE)
    )
    found: list[int] = list(tx.execute(some).scalars())
    if not found:
        return None
    these = of_corp & (SCHEDULED_TASK.c.id > after) & (SCHEDULED_TASK.c.id <= found[-1])
    tx.execute(sa.update(SCHEDULED_TASK).where(these).values(own_clock=own_clock))
    return found[-1]


def take_strays_in(database: Database) -> None:
    """Tasks that were scheduled while their corp went back to the server's clock become due by that again."""
    with reading(database) as tx:
        has_strays = tx.execute(sa.select(sa.literal(1)).where(*_STRAY).limit(1)).first() is not None
    if has_strays:
        with database.transaction() as tx:
            tx.execute(sa.update(SCHEDULED_TASK).where(*_STRAY).values(own_clock=False))


def count_due(tx: Transaction) -> int:
    """How many tasks are due, each by the clock of its corp."""
    times, task, own = clock.times_for_sql(tx), SCHEDULED_TASK.c, CORP_CLOCK.c
    by_server = sa.select(sa.func.count()).where(
        task.own_clock == sa.false(), task.due_at <= times["server_now"], sa.not_(_has_own_clock)
    )
    at = sa.func.coalesce(own.frozen_at, own.shift + times["wall"])
    by_own = sa.select(sa.func.count()).where(task.corp_id == own.corp_id, task.due_at <= at)
    return sum(int(tx.execute(query).scalar_one()) for query in (by_server, by_own))
