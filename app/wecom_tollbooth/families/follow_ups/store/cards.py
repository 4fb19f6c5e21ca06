"""The cards of a stage, page by page, and cards that are kept from one board to the next.

A record's `version` rises with every change of what a card shows, and its `seq` is never given again. So the
two tell what a card holds, whichever process changed it, and a card that is kept cannot be wrong: it is only
no longer asked for. A board reads where its cards stand, which is three numbers each, and seldom more.
"""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Database, Transaction
from wecom_tollbooth.families.follow_ups.operations.shapes import CardShape, card
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP

KEPT = 20_000
"""Cards that a process keeps, in about 15 MB. When they are as many, all go; who is asked for comes back."""

Place = tuple[int, int]
"""rank and seq."""


@dataclass
class Page:
    """Some cards of a stage; `next`: the place of the last one, where others come behind it."""

    cards: list[CardShape]
    next: Place | None


_kept: WeakKeyDictionary[Database, dict[tuple[int, int], CardShape]] = WeakKeyDictionary()

_BEHIND = sa.tuple_(FOLLOW_UP.c.rank, FOLLOW_UP.c.seq) > sa.tuple_(
    bindparam("after_rank", type_=sa.BigInteger), bindparam("after_seq", type_=sa.BigInteger)
)


def _statement(names: tuple[str, ...], *, of_owner: bool, behind: bool) -> sa.Select[Any]:
    """seq, version, rank and the columns `names` of the next records of a stage."""
    query = sa.select(*(FOLLOW_UP.c[name] for name in ("seq", "version", "rank", *names))).where(
        FOLLOW_UP.c.corp_id == bindparam("corp_id"), FOLLOW_UP.c.stage_id == bindparam("stage_id")
    )
    if of_owner:
        query = query.where(FOLLOW_UP.c.userid == bindparam("userid"))
    if behind:
        query = query.where(_BEHIND)
    return query.order_by(FOLLOW_UP.c.rank, FOLLOW_UP.c.seq).limit(bindparam("limit"))


PLACES: tuple[str, ...] = ()
SHOWN = ("userid", "external_userid", "title", "priority", "amount", "next_at")
"""As card() takes them."""
_HOT = {
    (names, of_owner, behind): CompiledStatement(_statement(names, of_owner=of_owner, behind=behind))
    for names in (PLACES, SHOWN)
    for of_owner in (False, True)
    for behind in (False, True)
}


def kept_by(database: Database) -> dict[tuple[int, int], CardShape]:
    """The cards that are kept of the records of a database, by seq and version."""
    return _kept.setdefault(database, {})


def page(
    tx: Transaction,
    corp_id: str,
    stage_id: str,
    *,
    userid: str | None,
    visible: frozenset[str] | None,
    after: Place | None,
    limit: int,
) -> Page:
    """The next `limit` cards of a stage, of one member or of all that the app sees.

    Not for a transaction that changed records: it may be undone, and another change get the same version.
    """
    params: dict[str, Any] = {"corp_id": corp_id, "stage_id": stage_id, "limit": limit + 1}
    if after is not None:
        params.update(after_rank=after[0], after_seq=after[1])
    if userid is not None:
        params["userid"] = userid

    def rows(names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        of_owner, behind = userid is not None, after is not None
        if of_owner or visible is None:
            return _HOT[names, of_owner, behind].all(tx, **params)
        query = _statement(names, of_owner=False, behind=behind).where(FOLLOW_UP.c.userid.in_(visible))
        return [tuple(row) for row in tx.execute(query, params)]

    kept = kept_by(tx.database)
    found = rows(PLACES)
    cards = [shown for row in found if (shown := kept.get(row[:2])) is not None]
    if len(cards) < len(found):
        found = rows(SHOWN)
        cards = [card(*row) for row in found]
        if len(kept) > KEPT:
            kept.clear()
        kept.update((row[:2], shown) for row, shown in zip(found, cards, strict=True))
    if len(found) <= limit:
        return Page(cards, None)
    seq, _, rank = found[limit - 1][:3]
    return Page(cards[:limit], (rank, seq))
