"""A unit of work on the records of a corp: its changes and counters are written together at its end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction, insert_into
from wecom_tollbooth.families.follow_ups.store import pipeline as rules
from wecom_tollbooth.families.follow_ups.tables import (
    CORP,
    FOLLOW_UP_CHANGE,
    FOLLOW_UP_CORP,
    FOLLOW_UP_COUNT,
)
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

Row = dict[str, Any]
"""A record as stored, with `custom` as JSON text."""


def insert_row(table: sa.Table) -> CompiledStatement:
    """INSERT of all columns of `table`."""
    return CompiledStatement(
        sa.insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    )


_CORP = CompiledStatement(
    sa.select(
        sa.type_coerce(FOLLOW_UP_CORP.c.pipeline, sa.Text),
        FOLLOW_UP_CORP.c.pipeline_version,
        FOLLOW_UP_CORP.c.last_change,
    ).where(FOLLOW_UP_CORP.c.corp_id == bindparam("corp_id"))
)
_ADD_CHANGE = insert_row(FOLLOW_UP_CHANGE)


def _next_numbers(dialect: str) -> Any:
    """Raises the number of the corp's changes, unless the pipeline has changed since it was read."""
    row = insert_into(dialect, FOLLOW_UP_CORP).values(
        corp_id=bindparam("corp_id"), pipeline_version=bindparam("version"), last_change=bindparam("count")
    )
    return row.on_conflict_do_update(
        index_elements=["corp_id"],
        set_={"last_change": FOLLOW_UP_CORP.c.last_change + row.excluded.last_change},
        where=FOLLOW_UP_CORP.c.pipeline_version == row.excluded.pipeline_version,
    ).returning(FOLLOW_UP_CORP.c.last_change)


NUMBERS = ("cards", "amount", "entered", "left_count", "left_seconds")


def _add_to_counts(dialect: str) -> Any:
    row = insert_into(dialect, FOLLOW_UP_COUNT).values(
        {column.name: bindparam(column.name) for column in FOLLOW_UP_COUNT.columns}
    )
    return row.on_conflict_do_update(
        index_elements=["corp_id", "userid", "stage_id"],
        set_={name: FOLLOW_UP_COUNT.c[name] + row.excluded[name] for name in NUMBERS},
    )


_NEXT_NUMBERS = CompiledStatement(_next_numbers)
_ADD_TO_COUNTS = CompiledStatement(_add_to_counts)


@dataclass
class UnitOfWork:
    """What one call, act or task does to the records of a corp. `by` is who does it, as the history shows."""

    context: Context
    by: str
    pipeline: rules.Pipeline
    pipeline_version: int
    counts: defaultdict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0, 0])
    )
    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def db(self) -> Transaction:
        return self.context.db

    @property
    def corp_id(self) -> str:
        return self.context.corp_id

    @property
    def now(self) -> int:
        return self.context.now

    def count(self, userid: str, stage_id: str, *numbers: int) -> None:
        """Adds cards, amount, entered, left_count, left_seconds to the counters of member and corp."""
        for owner in (userid, CORP):
            sums = self.counts[owner, stage_id]
            for place, number in enumerate(numbers):
                sums[place] += number

    def note(self, row: Row, kind: str, *, from_stage: str = "", to_stage: str = "") -> None:
        """Adds a change of the record to the history."""
        change = {
            "corp_id": self.corp_id,
            "seq": row["seq"],
            "userid": row["userid"],
            "kind": kind,
            "at": self.now,
            "by": self.by,
            "version": row["version"],
            "from_stage": from_stage,
            "to_stage": to_stage,
        }
        self.changes.append(change)


def read_pipeline(tx: Transaction, corp_id: str) -> tuple[rules.Pipeline, int]:
    """The corp's pipeline and its version."""
    return read_corp(tx, corp_id)[:2]


def read_corp(tx: Transaction, corp_id: str) -> tuple[rules.Pipeline, int, int]:
    """The corp's pipeline, its version, and the number of the latest change of a record."""
    row = _CORP.one(tx, corp_id=corp_id)
    return (rules.from_json(row[0]), row[1], row[2]) if row else (rules.from_json(None), 0, 0)


@contextmanager
def unit_of_work(context: Context, *, by: str) -> Iterator[UnitOfWork]:
    """Opens a unit of work. What was counted and noted is written when the block ends without an error."""
    pipeline, version = read_pipeline(context.db, context.corp_id)
    work = UnitOfWork(context, by, pipeline, version)
    yield work
    _finish(work)


def _finish(work: UnitOfWork) -> None:
    """Numbers the changes and adds to the counters. This comes last, because it locks the corp's row.

    Every writer locks that row before the counters, so that there are no deadlocks.
    """
    if not work.changes:
        return
    count = len(work.changes)
    last = _NEXT_NUMBERS.one(work.db, corp_id=work.corp_id, version=work.pipeline_version, count=count)
    if last is None:
        raise Refusal(
            ErrCode.CONFLICTING_CHANGE, detail="the pipeline was changed in the meantime; try again"
        )
    first = int(last[0]) - count + 1
    _ADD_CHANGE.many(
        work.db, [{**change, "number": first + place} for place, change in enumerate(work.changes)]
    )
    counted = [(*key, numbers) for key, numbers in sorted(work.counts.items()) if any(numbers)]
    add_to_counts(work.db, work.corp_id, counted)
    work.changes.clear()
    work.counts.clear()


def add_to_counts(tx: Transaction, corp_id: str, counted: Iterable[tuple[str, str, Sequence[int]]]) -> None:
    """Adds to counters: (userid, stage_id, (cards, amount, entered, left_count, left_seconds))."""
    _ADD_TO_COUNTS.many(
        tx,
        [
            {
                "corp_id": corp_id,
                "userid": userid,
                "stage_id": stage_id,
                **dict(zip(NUMBERS, numbers, strict=True)),
            }
            for userid, stage_id, numbers in counted
        ],
    )
