"""Keeps the last `journal_capacity` calls of each corp.

A corp's calls have a `seq` that rises as they are recorded. On SQLite it counts the corp's own calls. On
PostgreSQL it comes from a sequence that all corps share, because concurrent calls of one corp would wait for
the row that holds a count. Rows over the capacity are never shown; they are deleted a few dozen at a time,
in the transaction of one of the corp's calls.
"""

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.sql.dml import Delete, Insert

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.gateway.tables import CALL_JOURNAL

CALLS_BETWEEN_DELETIONS = 64
"""At most; with a small capacity an eighth of it. Each process counts its own calls."""
ROWS_A_DELETION = 4 * CALLS_BETWEEN_DELETIONS
"""A capacity that was lowered takes effect in slices of this size."""

_seq = CALL_JOURNAL.c.seq
_OF_CORP = CALL_JOURNAL.c.corp_id == bindparam("corp_id", type_=sa.String)


def appending(dialect: str) -> Insert:
    """The statement that adds a call; its parameters are the other columns."""
    values: dict[str, sa.ColumnElement[object]] = {
        column.name: bindparam(column.name) for column in CALL_JOURNAL.columns
    }
    if dialect == "postgresql":
        values["seq"] = sa.literal_column("nextval('call_journal_seq')")
    else:
        newest = sa.select(sa.func.max(_seq)).where(_OF_CORP).scalar_subquery()
        values["seq"] = sa.func.coalesce(newest, 0) + sa.literal_column("1")
    return sa.insert(CALL_JOURNAL).values(values)


def dropped_up_to(dialect: str) -> sa.ColumnElement[int]:
    """The `seq` of the newest call beyond the last `capacity` of `corp_id`, both parameters."""
    capacity = bindparam("capacity", type_=sa.BigInteger)
    if dialect == "postgresql":
        seqs = sa.select(_seq).where(_OF_CORP).order_by(_seq.desc()).offset(capacity).limit(1)
        return sa.func.coalesce(seqs.scalar_subquery(), 0)
    newest = sa.select(sa.func.max(_seq)).where(_OF_CORP).scalar_subquery()
    return sa.func.coalesce(newest - capacity, 0)


def _deletion(dialect: str) -> Delete:
    over = sa.select(_seq).where(_OF_CORP, _seq <= dropped_up_to(dialect)).order_by(_seq)
    over = over.limit(ROWS_A_DELETION)
    if dialect == "postgresql":
        # Two calls that delete at once would wait for each other; this way each takes other rows, or none.
        # As a CTE, because PostgreSQL may run a subquery again for each row, each time past the locked rows.
        skipping = over.with_for_update(skip_locked=True).cte("over")
        over = sa.select(skipping.c.seq)
    return sa.delete(CALL_JOURNAL).where(_OF_CORP, _seq.in_(over))


APPEND = CompiledStatement(appending)
_DELETE = CompiledStatement(_deletion)


class JournalBound:
    """Deletes what is over the capacity, at every few dozenth call of a corp in this process."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._calls_between = max(1, min(CALLS_BETWEEN_DELETIONS, capacity // 8))
        self._calls: dict[str, int] = {}
        """Calls of each corp since its last deletion."""

    def keep(self, tx: Transaction, corp_id: str) -> None:
        """To be called once for each call that was appended, in its transaction."""
        calls = self._calls.get(corp_id, 0) + 1
        if calls < self._calls_between:
            self._calls[corp_id] = calls
            return
        self._calls.pop(corp_id, None)
        _DELETE.run(tx, corp_id=corp_id, capacity=self._capacity)
