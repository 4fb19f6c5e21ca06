"""Keeps advice: a row for each code, operation and field, so that a loop adds to a count and not to rows."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.advice.codes import AdviceCode
from wecom_tollbooth.advice.tables import ADVICE
from wecom_tollbooth.advice.watching import unwatch_all
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.db.statements import insert_into
from wecom_tollbooth.world.context import Context

MOST_ROWS = 1_000
"""Rows of one corp. What comes after them is counted under the field OTHERS of its code and operation."""
OTHERS = "…"
FIELD_CHARS = 200


@dataclasses.dataclass(frozen=True)
class Noticed:
    """Something to do better that was noticed once."""

    code: AdviceCode
    operation: str
    field: str = ""
    about: dict[str, Any] = dataclasses.field(default_factory=dict)
    called: tuple[int, int] | None = None
    """Second and number of an earlier call that it is about; None: the call in which it was noticed."""

    def sentence(self) -> str:
        """For the journal, in English."""
        _, en = self.code.sentences(operation=short(self.operation), field=self.field, **self.about)
        return f"advice {self.code.name}: {en}"


def note(context: Context, noticed: Sequence[Noticed], called: tuple[int, int] = (0, 0)) -> None:
    """Counts each once, with the call that it is about as the example: its own, else `called`."""
    # In one order, so that no two calls wait for each other.
    for one in sorted(noticed, key=lambda one: (one.code.name, one.operation, one.field)):
        _note(context, one, *(one.called or called))


def advice_of(tx: Transaction, corp_id: str) -> Sequence[sa.Row[Any]]:
    """The rows of a corp, by code, operation and field."""
    query = sa.select(ADVICE).where(ADVICE.c.corp_id == corp_id)
    return tx.execute(query.order_by(ADVICE.c.code, ADVICE.c.operation, ADVICE.c.field)).all()


def forget(tx: Transaction, corp_id: str) -> int:
    """Deletes the corp's advice, with what is watched, and returns how many rows of advice that were."""
    unwatch_all(tx, corp_id)
    return int(tx.execute(sa.delete(ADVICE).where(ADVICE.c.corp_id == corp_id)).rowcount)


def set_strict(tx: Transaction, corp_id: str, strict: bool) -> None:
    """Switches strict mode. What was noticed stays until it is forgotten."""
    if not strict:
        unwatch_all(tx, corp_id)
    tx.execute(sa.update(CORP).where(CORP.c.corp_id == corp_id).values(strict=strict))


def short(operation: str) -> str:
    """The path as people write it."""
    return operation.removeprefix("/cgi-bin/")


def _note(context: Context, noticed: Noticed, called_at: int, usage_id: int) -> None:
    tx, row = context.db, ADVICE.c
    named = noticed.field.replace("\x00", "")[:FIELD_CHARS]
    seen = {"last_at": context.now, "about": noticed.about, "called_at": called_at, "usage_id": usage_id}
    of_kind = (
        (row.corp_id == context.corp_id)
        & (row.code == noticed.code.name)
        & (row.operation == noticed.operation)
    )
    again = sa.update(ADVICE).where(of_kind, row.field == named).values(count=row.count + 1, **seen)
    if tx.execute(again).rowcount:
        return
    of_corp = sa.select(sa.func.count()).select_from(ADVICE).where(row.corp_id == context.corp_id)
    if tx.execute(of_corp).scalar_one() >= MOST_ROWS:
        named = OTHERS
    new = insert_into(tx.dialect, ADVICE).values(
        corp_id=context.corp_id,
        code=noticed.code.name,
        operation=noticed.operation,
        field=named,
        count=1,
        first_at=context.now,
        **seen,
    )
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["corp_id", "code", "operation", "field"],
            set_={"count": row.count + 1, **{name: new.excluded[name] for name in seen}},
        )
    )
