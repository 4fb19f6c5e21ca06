"""What is watched until a later call, or the lack of one, tells whether there is advice to give."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from wecom_tollbooth.advice.tables import ADVICE_WATCH
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.db.statements import insert_into
from wecom_tollbooth.world.context import Context

Kind = Literal["page", "callback", "token", "run"]
MOST_WATCHED = 500
"""Of one kind in one corp. What comes when so many are watched isn't."""

_row = ADVICE_WATCH.c


@dataclass(frozen=True)
class Watched:
    """One row, without its corp; see tables.py."""

    kind: Kind
    key: str
    operation: str
    at: int
    mark: str = ""
    called_at: int = 0
    usage_id: int = 0
    count: int = 1


def watch(context: Context, watched: Watched) -> None:
    """Begins to watch it, or replaces what has the same kind and key."""
    tx, corp_id = context.db, context.corp_id
    values: dict[str, Any] = {name: getattr(watched, name) for name in ("operation", "at", "mark", "count")}
    values |= {"called_at": watched.called_at, "usage_id": watched.usage_id}
    this = (_row.corp_id == corp_id) & (_row.kind == watched.kind) & (_row.key == watched.key)
    if tx.execute(sa.update(ADVICE_WATCH).where(this).values(values)).rowcount:
        return
    of_kind = (_row.corp_id == corp_id) & (_row.kind == watched.kind)
    if tx.execute(sa.select(sa.func.count()).where(of_kind)).scalar_one() >= MOST_WATCHED:
        return
    new = insert_into(tx.dialect, ADVICE_WATCH).values(
        corp_id=corp_id, kind=watched.kind, key=watched.key, **values
    )
    tx.execute(new.on_conflict_do_update(index_elements=["corp_id", "kind", "key"], set_=values))


def watched_of(tx: Transaction, corp_id: str, kind: Kind, key: str | None = None) -> list[Watched]:
    """What is watched of this kind, in the order in which it began."""
    query = sa.select(ADVICE_WATCH).where(_row.corp_id == corp_id, _row.kind == kind)
    if key is not None:
        query = query.where(_row.key == key)
    return [
        Watched(
            kind,
            row.key,
            row.operation,
            row.at,
            row.mark,
            row.called_at,
            row.usage_id,
            row._mapping["count"],
        )
        for row in tx.execute(query.order_by(_row.at, _row.key))
    ]


def unwatch(tx: Transaction, corp_id: str, watched: Iterable[Watched]) -> None:
    """Watches these no more."""
    for one in sorted(watched, key=lambda one: (one.kind, one.key)):
        these = (_row.corp_id == corp_id) & (_row.kind == one.kind) & (_row.key == one.key)
        tx.execute(sa.delete(ADVICE_WATCH).where(these))


def unwatch_all(tx: Transaction, corp_id: str) -> None:
    tx.execute(sa.delete(ADVICE_WATCH).where(_row.corp_id == corp_id))


def watch_callback(context: Context, callback: int, asks_for: str, event: str, about: Sequence[str]) -> None:
    """Watches whether a call follows an event that asks for one; `about` are the ids that it would name."""
    if about:
        watch(
            context,
            Watched(
                "callback",
                str(callback),
                asks_for,
                context.now,
                mark="\n".join((event, *about)),
                called_at=context.now,
                usage_id=callback,
            ),
        )
