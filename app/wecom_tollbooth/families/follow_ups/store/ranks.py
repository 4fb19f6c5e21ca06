"""Positions in a stage: ranks with gaps between them, so that a move changes one row.

The cards of a stage are ordered by (rank, seq). If there is no gap left between two neighbours, the cards
after them are spread out, as few as possible.
"""

from typing import Literal

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

STEP = 2**32
"""The gap to a card that is put at an end of the stage; it can be halved 32 times."""

SPREAD = 100
"""How many cards are read first when a gap must be made."""

Side = Literal["top", "bottom", "before", "after"]

_IN_STAGE = (
    FOLLOW_UP.c.corp_id == bindparam("corp_id"),
    FOLLOW_UP.c.stage_id == bindparam("stage_id"),
)
_PLACE = sa.tuple_(FOLLOW_UP.c.rank, FOLLOW_UP.c.seq)
_GIVEN = sa.tuple_(bindparam("rank", type_=sa.BigInteger), bindparam("seq", type_=sa.BigInteger))
_UP = (FOLLOW_UP.c.rank, FOLLOW_UP.c.seq)
_DOWN = (FOLLOW_UP.c.rank.desc(), FOLLOW_UP.c.seq.desc())
_RANK_AND_SEQ = sa.select(FOLLOW_UP.c.rank, FOLLOW_UP.c.seq).where(*_IN_STAGE)

_FIRST = CompiledStatement(_RANK_AND_SEQ.order_by(*_UP).limit(1))
_LAST = CompiledStatement(_RANK_AND_SEQ.order_by(*_DOWN).limit(1))
_BEHIND = CompiledStatement(_RANK_AND_SEQ.where(_PLACE > _GIVEN).order_by(*_UP).limit(bindparam("limit")))
_AHEAD = CompiledStatement(_RANK_AND_SEQ.where(_PLACE < _GIVEN).order_by(*_DOWN).limit(2))
_RANK_OF = CompiledStatement(
    sa.select(FOLLOW_UP.c.rank).where(
        *_IN_STAGE,
        FOLLOW_UP.c.seq == bindparam("seq"),
    )
)
_SET_RANK = CompiledStatement(
    sa.update(FOLLOW_UP)
    .where(FOLLOW_UP.c.corp_id == bindparam("of_corp_id"), FOLLOW_UP.c.seq == bindparam("of_seq"))
    .values(rank=bindparam("new_rank"))
)


def rank_at(tx: Transaction, corp_id: str, stage_id: str, side: Side, beside: int = 0, moved: int = 0) -> int:
    """The rank that puts card `moved` (0 for a new card) at the top, at the bottom, or next to `beside`.

    Raises 990009 if `beside` is not in the stage.
    """
    stage = {"corp_id": corp_id, "stage_id": stage_id}
    if side in ("top", "bottom"):
        end = (_FIRST if side == "top" else _LAST).one(tx, **stage)
        if end is None:
            return 0
        return int(end[0]) - STEP if side == "top" else int(end[0]) + STEP
    found = _RANK_OF.one(tx, **stage, seq=beside)
    if found is None or beside == moved:
        raise Refusal(ErrCode.INVALID_POSITION, detail=f"the other card is not in stage {stage_id}")
    rank: int = found[0]
    if side == "after":
        return _behind(tx, corp_id, stage_id, rank, beside, moved)
    ahead = [row for row in _AHEAD.all(tx, **stage, rank=rank, seq=beside) if row[1] != moved]
    if not ahead:
        return rank - STEP
    return _behind(tx, corp_id, stage_id, int(ahead[0][0]), int(ahead[0][1]), moved)


def _behind(tx: Transaction, corp_id: str, stage_id: str, rank: int, seq: int, moved: int) -> int:
    """A rank directly after the card (rank, seq); makes a gap if necessary."""
    stage = {"corp_id": corp_id, "stage_id": stage_id}
    limit = 2
    while True:
        rows = _BEHIND.all(tx, **stage, rank=rank, seq=seq, limit=limit)
        cards = [row for row in rows if row[1] != moved]
        if not cards:
            return rank + STEP
        if limit == 2:
            middle = (rank + int(cards[0][0])) // 2
            if rank < middle < cards[0][0]:
                return middle
            limit = SPREAD
            continue
        ended = len(rows) < limit
        for count, (other, _) in enumerate(cards):
            gap = (other - rank) // (count + 2)
            if gap > 1:
                return _spread(tx, corp_id, rank, cards[:count], gap)
        if ended:
            return _spread(tx, corp_id, rank, cards, STEP)
        limit *= 10


def _spread(tx: Transaction, corp_id: str, rank: int, cards: list[tuple[int, ...]], gap: int) -> int:
    """Spreads the cards out with `gap` between them, behind a free rank after `rank`; returns that rank."""
    _SET_RANK.many(
        tx,
        [
            {"of_corp_id": corp_id, "of_seq": seq, "new_rank": rank + gap * (number + 2)}
            for number, (_, seq) in enumerate(cards)
        ],
    )
    return rank + gap
