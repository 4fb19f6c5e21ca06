"""Clocks: the server's, and those of corps that were given one of their own.

Each runs with the wall clock, shifted, or it is frozen. They are rows of the database, read by the statement
that finds out who calls, so that all workers agree on them. All times are unix seconds.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import OUTLIVES_CORP, CompiledStatement, Transaction, json_list, table_of, upsert

MINUTE, HOUR, DAY = 60, 3_600, 86_400
"""Seconds."""

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The time zone of WeCom's days and billing months. China has had no summer time since 1991."""

SHANGHAI_SECONDS = 8 * HOUR

EARLIEST = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp())
EARLIEST_OF_CORP = int(datetime(2016, 1, 1, tzinfo=UTC).timestamp())
"""WeCom began in 2016."""
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")

SERVER = ""
"""In place of a corpid: the server's own clock."""


class SimClock(SQLModel, table=True):
    """The only row (id 1): `shift` seconds ahead of the wall clock, or frozen at `frozen_at`."""

    __tablename__ = "sim_clock"
    id: int = Field(primary_key=True)
    shift: int = Field(sa_type=sa.BigInteger)
    frozen_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class CorpClock(SQLModel, table=True):
    """A corp's own clock, like the server's; a corp without a row follows the server's.

    A deleted corp keeps it: the last hours of its ledger are sealed by it.
    """

    __tablename__ = "corp_clock"
    __table_args__ = {"info": {OUTLIVES_CORP: True}, "sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    shift: int = Field(sa_type=sa.BigInteger)
    frozen_at: int | None = Field(default=None, sa_type=sa.BigInteger)


SIM_CLOCK = table_of(SimClock)
CORP_CLOCK = table_of(CorpClock)

HOUR_LOCK = 740_003
"""PostgreSQL's advisory lock around the hours of the ledger.

A transaction that reads the clock holds the lock shared until its end, and books at the time it has read;
sealing takes the lock exclusively. So while an hour is sealed, no transaction can still book into it. The
lock is taken by the statement that reads the clock, because another round trip would cost a call more than
the rest of the ledger does. SQLite has one transaction at a time.
"""

ClockRow = tuple[int, int | None, int | None, int | None]
"""`shift` and `frozen_at` of the server's clock, and of the corp's own; its shift is None if it has none."""
COLUMNS = (SIM_CLOCK.c.shift, SIM_CLOCK.c.frozen_at, CORP_CLOCK.c.shift, CORP_CLOCK.c.frozen_at)
"""A ClockRow, for a statement that is joined() with the clocks and books nothing at that time."""


def shown(dialect: str) -> list[sa.ColumnElement[Any]]:
    """The columns that time_by() needs, for a transaction that books at that time; see joined()."""
    columns: list[sa.ColumnElement[Any]] = list(COLUMNS)
    if dialect == "postgresql":
        columns.append(sa.func.pg_advisory_xact_lock_shared(HOUR_LOCK))
    return columns


def joined(query: sa.Select[Any], corp_id: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The query, joined with the clocks that shown() names, for the corp of `corp_id`."""
    return query.join(SIM_CLOCK, sa.true()).outerjoin(CORP_CLOCK, CORP_CLOCK.c.corp_id == corp_id)


def _of_corp(columns: Iterable[Any]) -> sa.Select[Any]:
    mine = CORP_CLOCK.c.corp_id == bindparam("corp_id")
    return sa.select(*columns).select_from(SIM_CLOCK).outerjoin(CORP_CLOCK, mine)


_READ = CompiledStatement(lambda dialect: _of_corp(shown(dialect)))
_LOOK = CompiledStatement(_of_corp(COLUMNS))


def _of_corps(dialect: str) -> sa.Select[Any]:
    among = CORP_CLOCK.c.corp_id.in_(json_list(dialect, "corp_ids"))
    columns = [CORP_CLOCK.c.corp_id, *shown(dialect)]
    return sa.select(*columns).select_from(SIM_CLOCK).outerjoin(CORP_CLOCK, among)


_READ_OF_CORPS = CompiledStatement(_of_corps)
_WRITE = CompiledStatement(
    sa.update(SIM_CLOCK).values(shift=sa.bindparam("new_shift"), frozen_at=sa.bindparam("new_frozen_at"))
)
_WRITE_OF_CORP = CompiledStatement(lambda dialect: upsert(dialect, CORP_CLOCK, ["corp_id"]))
_own = CORP_CLOCK.c.corp_id == bindparam("of_corp")
_MOVE_RUNNING = CompiledStatement(
    sa.update(CORP_CLOCK).where(_own, CORP_CLOCK.c.frozen_at.is_(None)).values(shift=bindparam("new_shift"))
)
_MOVE_FROZEN = CompiledStatement(
    sa.update(CORP_CLOCK)
    .where(_own, CORP_CLOCK.c.frozen_at.is_not(None))
    .values(frozen_at=bindparam("new_frozen_at"))
)
_HOLD = CompiledStatement(sa.select(sa.func.pg_advisory_xact_lock(HOUR_LOCK)))


def hold_hours(tx: Transaction) -> None:
    """Takes HOUR_LOCK exclusively: waits for transactions that read the clock, and makes new ones wait.

    To be called at the beginning of a transaction.
    """
    if tx.dialect == "postgresql":
        _HOLD.one(tx)


def read(tx: Transaction, corp_id: str = SERVER) -> ClockRow:
    """What time_by() needs to tell the corp's time, for a transaction that books at that time."""
    row = (_LOOK if tx.reads_only else _READ).one(tx, corp_id=corp_id)
    assert row is not None, "the migrations make the row of the clock"
    return row[0], row[1], row[2], row[3]


def times_of(tx: Transaction, corp_ids: Iterable[str]) -> dict[str, int]:
    """The time of each corp, in one statement."""
    wanted = set(corp_ids)
    rows = _READ_OF_CORPS.all(tx, corp_ids=orjson.dumps(sorted(wanted)).decode())
    server = time_by(rows[0][1], rows[0][2])
    return dict.fromkeys(wanted, server) | {row[0]: time_by(*row[1:5]) for row in rows if row[0] is not None}


def time_by(
    shift: int,
    frozen_at: int | None,
    own_shift: int | None = None,
    own_frozen_at: int | None = None,
    _lock: object = None,
) -> int:
    """The time by a ClockRow, for a statement that has read it along with something else."""
    if own_shift is not None:
        shift, frozen_at = own_shift, own_frozen_at
    return int(time.time()) + shift if frozen_at is None else frozen_at


def wall() -> int:
    """The wall clock, for how long ago something outside of the simulated world was."""
    return int(time.time())


TIME_OF_CORP = (
    "CASE WHEN corp_clock.shift IS NULL THEN :server_now "
    "ELSE coalesce(corp_clock.frozen_at, corp_clock.shift + :wall) END"
)
"""SQL of a corp's time, where CORP_CLOCK is joined as `corp_clock`, for statements over many corps."""


def times_for_sql(tx: Transaction) -> dict[str, int]:
    """The parameters of TIME_OF_CORP."""
    wall = int(time.time())
    shift, frozen_at, *_ = read(tx)
    return {"server_now": wall + shift if frozen_at is None else frozen_at, "wall": wall}


def shows(tx: Transaction, corp_id: str = SERVER) -> int:
    """What the clock shows, for who moves it: unlike read(), takes no HOUR_LOCK."""
    return time_by(*_row(tx, corp_id))


def is_frozen(tx: Transaction, corp_id: str = SERVER) -> bool:
    return _row(tx, corp_id)[1] is not None


def has_own(tx: Transaction, corp_id: str) -> bool:
    """Whether the corp has a clock of its own."""
    row = _LOOK.one(tx, corp_id=corp_id)
    return row is not None and row[2] is not None


def set_to(tx: Transaction, at: int, corp_id: str = SERVER) -> None:
    """Sets the clock; a frozen clock stays frozen. Raises ValueError outside its range."""
    goal_at(tx, at, corp_id).take_effect(tx)


@dataclass(frozen=True)
class Goal:
    """Where a clock is on its way to: a time that runs on, or stands if it is frozen."""

    shift: int
    frozen_at: int | None
    corp_id: str = SERVER

    @property
    def now(self) -> int:
        return time_by(self.shift, self.frozen_at)

    def reach(self, tx: Transaction) -> None:
        """Moves the clock there, unless it was stopped or let run on the way: its corp was deleted then."""
        if self.corp_id == SERVER:
            self.take_effect(tx)
        elif self.frozen_at is None:
            _MOVE_RUNNING.run(tx, of_corp=self.corp_id, new_shift=self.shift)
        else:
            _MOVE_FROZEN.run(tx, of_corp=self.corp_id, new_frozen_at=self.frozen_at)

    def take_effect(self, tx: Transaction) -> None:
        """Makes the clock what the goal is, whatever it was."""
        _write(tx, self.corp_id, self.shift, self.frozen_at)


def goal_at(tx: Transaction, at: int, corp_id: str = SERVER) -> Goal:
    """The clock set to `at`. Raises ValueError outside its range."""
    _refuse_out_of_range(at, corp_id)
    return _goal_at(tx, at, corp_id)


def _goal_at(tx: Transaction, at: int, corp_id: str) -> Goal:
    shift, frozen_at = _row(tx, corp_id)
    if frozen_at is None:
        return Goal(at - int(time.time()), None, corp_id)
    return Goal(shift, at, corp_id)


def goal_in(tx: Transaction, seconds: int, corp_id: str = SERVER) -> Goal:
    """The clock `seconds` from now. Raises ValueError outside its range."""
    shift, frozen_at = _row(tx, corp_id)
    if frozen_at is None:
        goal = Goal(shift + seconds, None, corp_id)
    else:
        goal = Goal(shift, frozen_at + seconds, corp_id)
    _refuse_out_of_range(goal.now, corp_id)
    return goal


def goal_of_server(tx: Transaction, corp_id: str) -> Goal:
    """The corp's clock showing what the server's shows."""
    return Goal(*_row(tx, SERVER), corp_id)


def pass_to(tx: Transaction, at: int, corp_id: str = SERVER) -> None:
    """Moves the clock forward to `at`, unless it is later already."""
    if shows(tx, corp_id) < at:
        _goal_at(tx, at, corp_id).reach(tx)


def _row(tx: Transaction, corp_id: str) -> tuple[int, int | None]:
    """`shift` and `frozen_at` of the clock that the corp goes by."""
    row = _LOOK.one(tx, corp_id=corp_id)
    assert row is not None, "the migrations make the row of the clock"
    return (row[0], row[1]) if row[2] is None else (row[2], row[3])


def _write(tx: Transaction, corp_id: str, shift: int, frozen_at: int | None) -> None:
    if corp_id == SERVER:
        _WRITE.run(tx, new_shift=shift, new_frozen_at=frozen_at)
    else:
        _WRITE_OF_CORP.run(tx, corp_id=corp_id, shift=shift, frozen_at=frozen_at)


def give_own(tx: Transaction, corp_id: str) -> None:
    """Gives the corp a clock of its own, which shows what the server's does.

    Raises ValueError when that is out of its range.
    """
    if not has_own(tx, corp_id):
        shift, frozen_at = _row(tx, corp_id)
        _refuse_out_of_range(time_by(shift, frozen_at), corp_id)
        _write(tx, corp_id, shift, frozen_at)


def shows_again(tx: Transaction, corp_id: str, at: int) -> None:
    """Sets the corp's own clock, which was written back with its other rows, to what it showed then."""
    row = _LOOK.one(tx, corp_id=corp_id)
    if row is not None and row[2] is not None and row[3] is None:
        _write(tx, corp_id, at - wall(), None)


def follow_server(tx: Transaction, corp_id: str) -> None:
    """Lets the corp follow the server's clock from now on."""
    tx.execute(sa.delete(CORP_CLOCK).where(CORP_CLOCK.c.corp_id == corp_id))


def freeze(tx: Transaction, corp_id: str = SERVER) -> None:
    shift, frozen_at = _row(tx, corp_id)
    _write(tx, corp_id, shift, time_by(shift, frozen_at))


def freeze_at(tx: Transaction, at: int, corp_id: str) -> None:
    """Gives the corp a clock of its own that stands at `at`. Raises ValueError outside its range."""
    _refuse_out_of_range(at, corp_id)
    _write(tx, corp_id, 0, at)


def unfreeze(tx: Transaction, corp_id: str = SERVER) -> None:
    """Lets a frozen clock run on; a running one is left alone, so that it loses no second."""
    frozen_at = _row(tx, corp_id)[1]
    if frozen_at is not None:
        _write(tx, corp_id, frozen_at - int(time.time()), None)


def run_on_without_corp(tx: Transaction, corp_id: str) -> None:
    """Lets the own clock of a corp that is deleted run on: nobody could move it any more."""
    if has_own(tx, corp_id):
        unfreeze(tx, corp_id)


def _refuse_out_of_range(at: int, corp_id: str) -> None:
    earliest, whose = (EARLIEST, "the clock") if corp_id == SERVER else (EARLIEST_OF_CORP, "a corp's clock")
    if not earliest <= at < LATEST:
        year = datetime.fromtimestamp(earliest, UTC).year
        raise ValueError(f"{whose} runs from {earliest} ({year}) to {LATEST - 1} (2099), unix seconds")


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
