"""The simulator's clock: one for the whole server, stored in the database, so that all workers agree on it.

It runs with the wall clock, shifted, or it is frozen. All times are unix seconds.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import CompiledStatement, Transaction, table_of

MINUTE, HOUR, DAY = 60, 3_600, 86_400
"""Seconds."""

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The time zone of WeCom's days and billing months. China has had no summer time since 1991."""

SHANGHAI_SECONDS = 8 * HOUR

EARLIEST = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp())
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")


class SimClock(SQLModel, table=True):
    """The only row (id 1): `shift` seconds ahead of the wall clock, or frozen at `frozen_at`."""

    __tablename__ = "sim_clock"
    id: int = Field(primary_key=True)
    shift: int = Field(sa_type=sa.BigInteger)
    frozen_at: int | None = Field(default=None, sa_type=sa.BigInteger)


SIM_CLOCK = table_of(SimClock)

HOUR_LOCK = 740_003
"""PostgreSQL's advisory lock around the hours of the ledger.

A transaction that reads the clock holds the lock shared until its end, and books at the time it has read;
sealing takes the lock exclusively. So while an hour is sealed, no transaction can still book into it. The
lock is taken by the statement that reads the clock, because another round trip would cost a call more than
the rest of the ledger does. SQLite has one transaction at a time.
"""


def shown(dialect: str) -> list[sa.ColumnElement[Any]]:
    """The columns of SIM_CLOCK that time_by() needs, for a transaction that books at that time."""
    columns: list[sa.ColumnElement[Any]] = [SIM_CLOCK.c.shift, SIM_CLOCK.c.frozen_at]
    if dialect == "postgresql":
        columns.append(sa.func.pg_advisory_xact_lock_shared(HOUR_LOCK))
    return columns


_READ = CompiledStatement(lambda dialect: sa.select(*shown(dialect)))
_LOOK = CompiledStatement(sa.select(SIM_CLOCK.c.shift, SIM_CLOCK.c.frozen_at))
_WRITE = CompiledStatement(
    sa.update(SIM_CLOCK).values(shift=sa.bindparam("new_shift"), frozen_at=sa.bindparam("new_frozen_at"))
)
_HOLD = CompiledStatement(sa.select(sa.func.pg_advisory_xact_lock(HOUR_LOCK)))


def hold_hours(tx: Transaction) -> None:
    """Takes HOUR_LOCK exclusively: waits for transactions that read the clock, and makes new ones wait.

    To be called at the beginning of a transaction.
    """
    if tx.dialect == "postgresql":
        _HOLD.one(tx)


def now(tx: Transaction) -> int:
    """The simulator's time, unix seconds."""
    row = (_LOOK if tx.reads_only else _READ).one(tx)
    assert row is not None, "the migrations make the row of the clock"
    return time_by(*row)


def time_by(shift: int, frozen_at: int | None, _lock: object = None) -> int:
    """The time by the clock's row, for a statement that has read it along with something else."""
    return int(time.time()) + shift if frozen_at is None else frozen_at


def is_frozen(tx: Transaction) -> bool:
    return _row(tx)[1] is not None


def set_to(tx: Transaction, at: int) -> None:
    """Sets the clock; a frozen clock stays frozen. Raises ValueError outside 2015 to 2099."""
    goal_at(tx, at).reach(tx)


@dataclass(frozen=True)
class Goal:
    """Where the clock is on its way to: a time that runs on, or stands if it is frozen."""

    shift: int
    frozen_at: int | None

    @property
    def now(self) -> int:
        return time_by(self.shift, self.frozen_at)

    def reach(self, tx: Transaction) -> None:
        _WRITE.run(tx, new_shift=self.shift, new_frozen_at=self.frozen_at)


def goal_at(tx: Transaction, at: int) -> Goal:
    """The clock set to `at`. Raises ValueError outside 2015 to 2099."""
    _refuse_out_of_range(at)
    shift, frozen_at = _row(tx)
    return Goal(at - int(time.time()), None) if frozen_at is None else Goal(shift, at)


def goal_in(tx: Transaction, seconds: int) -> Goal:
    """The clock `seconds` from now. Raises ValueError outside 2015 to 2099."""
    shift, frozen_at = _row(tx)
    goal = Goal(shift + seconds, None) if frozen_at is None else Goal(shift, frozen_at + seconds)
    _refuse_out_of_range(goal.now)
    return goal


def pass_to(tx: Transaction, at: int) -> None:
    """Moves the clock forward to `at`, unless it is later already."""
    shift, frozen_at = _row(tx)
    if time_by(shift, frozen_at) < at:
        goal_at(tx, at).reach(tx)


def _row(tx: Transaction) -> tuple[int, int | None]:
    row = _LOOK.one(tx)
    assert row is not None, "the migrations make the row of the clock"
    return row[0], row[1]


def freeze(tx: Transaction) -> None:
    tx.execute(sa.update(SIM_CLOCK).values(frozen_at=now(tx)))


def unfreeze(tx: Transaction) -> None:
    """Lets a frozen clock run on; a running one is left alone, so that it loses no second."""
    shift = SIM_CLOCK.c.frozen_at - int(time.time())
    tx.execute(
        sa.update(SIM_CLOCK).where(SIM_CLOCK.c.frozen_at.is_not(None)).values(frozen_at=None, shift=shift)
    )


def _refuse_out_of_range(at: int) -> None:
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"the clock runs from {EARLIEST} (2015) to {LATEST - 1} (2099), unix seconds")


def start_of_day(at: int) -> int:
    """0:00 of the day, in Asia/Shanghai, that `at` falls in."""
    return at - (at + SHANGHAI_SECONDS) % DAY


def month_of(at: int) -> str:
    """The billing month, "YYYY-MM" in Asia/Shanghai, that `at` falls in."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m")


def day_of(at: int) -> str:
    """The day, "YYYY-MM-DD" in Asia/Shanghai, that `at` falls in."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m-%d")


def month_bounds(month: str) -> tuple[int, int]:
    """The first second of the month "YYYY-MM" and the first second after it. Raises ValueError."""
    if not _MONTH.fullmatch(month):
        raise ValueError(f"{month!r} is not a month from 1900-01 to 2199-12")
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=SHANGHAI)
    end = (start + timedelta(days=32)).replace(day=1)
    return int(start.timestamp()), int(end.timestamp())
