"""The cards of a stage, page by page, and a cache of cards.

A record's `version` rises with every change of what a card shows, and its `seq` is never reused. The two
together identify what a card shows, whichever process changed it, so a cached card cannot be stale. Usually a
board reads only the positions of its cards, three numbers each. A corp with a key can begin again, with the
same numbers, so nothing of it is cached.
"""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement, Database, Transaction
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP, NEVER
from wecom_tollbooth.world.keyed_corps import is_keyed

CACHED_AT_MOST = 20_000
"""Cards that a process caches, in about 15 MB. A cache with more is emptied."""

Place = tuple[int, int]
"""rank and seq."""


class CardShape(TypedDict):
    follow_up_id: str
    external_userid: str
    userid: str
    title: str
    priority: int
    amount: int
    next_time: int
    version: int


def card(
    seq: int,
    version: int,
    _rank: int,
    userid: str,
    external_userid: str,
    title: str,
    priority: int,
    amount: int,
    next_at: int,
) -> CardShape:
    """What a board shows of a record."""
    return {
        "follow_up_id": follow_up_id(seq),
        "external_userid": external_userid,
        "userid": userid,
        "title": title,
        "priority": priority,
        "amount": amount,
        "next_time": 0 if next_at == NEVER else next_at,
        "version": version,
    }


@dataclass
class Page:
    """Some cards of a stage. `next` is the place of the last one if more cards follow."""

    cards: list[CardShape]
    next: Place | None


_CACHES: WeakKeyDictionary[Database, dict[tuple[int, int, int], CardShape]] = WeakKeyDictionary()

_BEHIND = sa.tuple_(FOLLOW_UP.c.rank, FOLLOW_UP.c.seq) > sa.tuple_(
    bindparam("after_rank", type_=sa.BigInteger), bindparam("after_seq", type_=sa.BigInteger)
)


def _statement(names: tuple[str, ...], *, of_owner: bool, behind: bool) -> sa.Select[Any]:
    """Selects seq, version, rank and the columns `names` of the next records of a stage."""
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
"""The arguments of card() behind the rank."""
_COMPILED = {
    (names, of_owner, behind): CompiledStatement(_statement(names, of_owner=of_owner, behind=behind))
    for names in (PLACES, SHOWN)
    for of_owner in (False, True)
    for behind in (False, True)
}


def cached_cards(database: Database) -> dict[tuple[int, int, int], CardShape]:
    """The cards that this process has cached of a database, by the corp's generation, seq and version."""
    return _CACHES.setdefault(database, {})


def page(
    tx: Transaction,
    corp_id: str,
    stage_id: str,
    *,
    userid: str | None,
    visible: frozenset[str] | None,
    after: Place | None,
    limit: int,
    generation: int,
) -> Page:
    """The next `limit` cards of a stage, of one member or of all members whom the app sees.

    `generation` is that of the corp, whose records can have an earlier state again after a restore.
    Not for a transaction that has changed records: after a rollback another change could get the same
    version.
    """
    params: dict[str, Any] = {"corp_id": corp_id, "stage_id": stage_id, "limit": limit + 1}
    if after is not None:
        params.update(after_rank=after[0], after_seq=after[1])
    if userid is not None:
        params["userid"] = userid

    def rows(names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        of_owner, behind = userid is not None, after is not None
        if of_owner or visible is None:
            return _COMPILED[names, of_owner, behind].all(tx, **params)
        query = _statement(names, of_owner=False, behind=behind).where(FOLLOW_UP.c.userid.in_(visible))
        return [tuple(row) for row in tx.execute(query, params)]

    # Corps with keys count their own numbers, so their records have the seq of others.
    cached = {} if is_keyed(corp_id) else cached_cards(tx.database)
    found = rows(PLACES)
    cards = [shown for row in found if (shown := cached.get((generation, *row[:2]))) is not None]
    if len(cards) < len(found):
        found = rows(SHOWN)
        cards = [card(*row) for row in found]
        if len(cached) > CACHED_AT_MOST:
            cached.clear()
        cached.update(((generation, *row[:2]), shown) for row, shown in zip(found, cards, strict=True))
    if len(found) <= limit:
        return Page(cards, None)
    seq, _, rank = found[limit - 1][:3]
    return Page(cards[:limit], (rank, seq))
