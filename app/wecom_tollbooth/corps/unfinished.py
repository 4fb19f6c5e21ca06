"""Corps that are being made, deleted or restored, in many transactions.

Such a corp has no row in the table of corps, so nobody sees it. It is noted here, so that if the process dies
in the middle, the rest of its rows is removed, or the restore goes on.
"""

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import UNFINISHED_CORP
from wecom_tollbooth.db import CompiledStatement, Transaction

MAKING, DELETING, RESTORING = "making", "deleting", "restoring"
LEFT = "restore left"
"""A restore that nobody works on."""
SECONDS_WITHOUT_A_SIGN = 120
"""After so long without a slice, the process that makes a corp on PostgreSQL is taken for dead."""

_NOTE = CompiledStatement(sa.insert(UNFINISHED_CORP))
_SIGN = CompiledStatement(
    lambda dialect: (
        sa.update(UNFINISHED_CORP)
        .where(
            UNFINISHED_CORP.c.corp_id == bindparam("of_corp_id"),
            UNFINISHED_CORP.c.state == bindparam("of_state"),
        )
        .values(signed_at=_seconds(dialect))
    )
)
_IS_RESTORED = CompiledStatement(
    sa.select(UNFINISHED_CORP.c.corp_id).where(
        UNFINISHED_CORP.c.corp_id == bindparam("corp_id"),
        sa.or_(UNFINISHED_CORP.c.state == RESTORING, UNFINISHED_CORP.c.state == LEFT),
    )
)
_FORGET = CompiledStatement(
    sa.delete(UNFINISHED_CORP).where(UNFINISHED_CORP.c.corp_id == bindparam("corp_id"))
)

_IS_BEING_DELETED = CompiledStatement(
    sa.select(UNFINISHED_CORP.c.corp_id)
    .where(UNFINISHED_CORP.c.corp_id == bindparam("corp_id"), UNFINISHED_CORP.c.state == DELETING)
    .with_for_update()
)


class GivenUp(Exception):
    """Somebody took this process for dead and removes the corp that it makes."""


def note(tx: Transaction, corp_id: str, state: str, work: dict[str, Any] | None = None) -> None:
    text = None if work is None else orjson.dumps(work).decode()
    _NOTE.run(tx, corp_id=corp_id, state=state, signed_at=_now(tx), work=text)


def go_on_making(tx: Transaction, corp_id: str) -> None:
    """Gives a sign of life. Raises GivenUp."""
    if not _SIGN.run(tx, of_corp_id=corp_id, of_state=MAKING):
        raise GivenUp(f"the corp {corp_id!r} was given up: its seed stood still for too long")


def go_on_restoring(tx: Transaction, corp_id: str) -> None:
    """Gives a sign of life. Raises GivenUp."""
    if not _SIGN.run(tx, of_corp_id=corp_id, of_state=RESTORING):
        raise GivenUp(f"the restore of {corp_id!r} stood still for too long: another worker goes on with it")


def is_being_restored(tx: Transaction, corp_id: str) -> bool:
    return _IS_RESTORED.one(tx, corp_id=corp_id) is not None


def work_of(tx: Transaction, corp_id: str) -> dict[str, Any]:
    """What was noted of a restore."""
    found = tx.execute(sa.select(UNFINISHED_CORP.c.work).where(UNFINISHED_CORP.c.corp_id == corp_id)).scalar()
    return dict(found or {})


def take_over(tx: Transaction) -> tuple[str, dict[str, Any]] | None:
    """Takes over a restore that nobody works on; its corp, and what was noted."""
    if tx.dialect == "postgresql":
        is_silent = UNFINISHED_CORP.c.signed_at < _seconds(tx.dialect) - SECONDS_WITHOUT_A_SIGN
        _leave_restores_if(tx, is_silent)
    left = sa.select(UNFINISHED_CORP.c.corp_id, UNFINISHED_CORP.c.work).where(UNFINISHED_CORP.c.state == LEFT)
    found = tx.execute(left.order_by(UNFINISHED_CORP.c.corp_id).limit(1).with_for_update()).first()
    if found is None:
        return None
    mine = UNFINISHED_CORP.c.corp_id == found.corp_id
    tx.execute(sa.update(UNFINISHED_CORP).where(mine).values(state=RESTORING, signed_at=_seconds(tx.dialect)))
    return found.corp_id, found.work


def leave(tx: Transaction, corp_id: str) -> None:
    """The restore failed here: somebody may go on with it."""
    _leave_restores_if(tx, UNFINISHED_CORP.c.corp_id == corp_id)


def forget(tx: Transaction, corp_id: str) -> None:
    """The corp is made, or all its rows are removed."""
    _FORGET.run(tx, corp_id=corp_id)


def give_up(tx: Transaction, corp_id: str) -> None:
    """What was being made is to be deleted from now on."""
    tx.execute(sa.update(UNFINISHED_CORP).where(UNFINISHED_CORP.c.corp_id == corp_id).values(state=DELETING))


def is_being_deleted(tx: Transaction, corp_id: str) -> bool:
    """Whether its rows are to be removed; that can't end before the transaction does."""
    return _IS_BEING_DELETED.one(tx, corp_id=corp_id) is not None


def give_up_at_start(tx: Transaction) -> None:
    """To be called before the server serves: SQLite has one process, so nobody makes anything then."""
    if tx.dialect == "sqlite":
        _give_up_if(tx, sa.true())
        _leave_restores_if(tx, sa.true())


def to_remove(tx: Transaction) -> list[str]:
    """Gives up what nobody makes any more on PostgreSQL; returns the corps whose rows are to be removed."""
    if tx.dialect == "postgresql":
        _give_up_if(tx, UNFINISHED_CORP.c.signed_at < _seconds(tx.dialect) - SECONDS_WITHOUT_A_SIGN)
    left = sa.select(UNFINISHED_CORP.c.corp_id).where(UNFINISHED_CORP.c.state == DELETING)
    return list(tx.execute(left.order_by(UNFINISHED_CORP.c.corp_id)).scalars())


def _give_up_if(tx: Transaction, is_dead: sa.ColumnElement[bool]) -> None:
    tx.execute(
        sa.update(UNFINISHED_CORP).where(UNFINISHED_CORP.c.state == MAKING, is_dead).values(state=DELETING)
    )


def _leave_restores_if(tx: Transaction, is_dead: sa.ColumnElement[bool]) -> None:
    tx.execute(
        sa.update(UNFINISHED_CORP).where(UNFINISHED_CORP.c.state == RESTORING, is_dead).values(state=LEFT)
    )


def _now(tx: Transaction) -> int:
    return int(tx.execute(sa.select(_seconds(tx.dialect))).scalar_one())


def _seconds(dialect: str) -> sa.ColumnElement[int]:
    """The database's own clock, because several machines may share it; SQLite needs none."""
    if dialect == "sqlite":
        return sa.literal(0)
    return sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()), sa.BigInteger)
