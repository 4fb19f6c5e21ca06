"""All records of a stage that is taken away go to another, in a few statements however many they are."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.follow_ups.operations.shapes import done_by
from wecom_tollbooth.families.follow_ups.store.ranks import STEP
from wecom_tollbooth.families.follow_ups.store.record_store import RELATION_ENDED
from wecom_tollbooth.families.follow_ups.store.unit_of_work import add_to_counts, read_pipeline
from wecom_tollbooth.families.follow_ups.tables import (
    CORP,
    FOLLOW_UP,
    FOLLOW_UP_CHANGE,
    FOLLOW_UP_CORP,
    NEVER,
)
from wecom_tollbooth.gateway.call import Call

_ENDED = FOLLOW_UP.c.close_reason == RELATION_ENDED
"""What ended with its relation stays so in any stage: it opens again with the relation."""


def move_all(call: Call, goes_to: dict[str, str]) -> int:
    """Moves what lies in the stages `goes_to` to the ends of others; the corp's row is held already."""
    return sum(_move(call, stage, target) for stage, target in goes_to.items())


def _move(call: Call, stage: str, target: str) -> int:
    of_stage = (FOLLOW_UP.c.corp_id == call.corp_id) & (FOLLOW_UP.c.stage_id == stage)
    by = done_by(call, None)
    moved = _move_counts(call, of_stage, stage, target)
    pipeline, _ = read_pipeline(call.db, call.corp_id)
    is_open = pipeline.is_open(target)
    _note_moves(call, of_stage, stage, target, by, moved, is_open=is_open)
    shift = _end(call, target, sa.func.max) + STEP - _end(call, stage, sa.func.min)
    values: dict[str, Any] = {
        "stage_id": target,
        "rank": FOLLOW_UP.c.rank + shift,
        "stage_since": call.now,
        "version": FOLLOW_UP.c.version + 1,
        "updated_at": call.now,
        "updater": by,
    }
    if is_open:
        closed_at, reason = sa.case((_ENDED, FOLLOW_UP.c.closed_at), else_=0), ""
    else:
        closed_at = sa.case((FOLLOW_UP.c.closed_at == 0, call.now), else_=FOLLOW_UP.c.closed_at)
        reason = pipeline.stages[target]["kind"]
        values |= {"next_at": NEVER}
    values |= {"closed_at": closed_at, "close_reason": sa.case((_ENDED, RELATION_ENDED), else_=reason)}
    call.db.execute(sa.update(FOLLOW_UP).where(of_stage).values(values))
    return moved


def _end(call: Call, stage: str, end: Any) -> int:
    """The first or last rank of a stage; 0 for an empty one."""
    query = sa.select(end(FOLLOW_UP.c.rank)).where(
        FOLLOW_UP.c.corp_id == call.corp_id, FOLLOW_UP.c.stage_id == stage
    )
    return int(call.db.execute(query).scalar_one() or 0)


def _note_moves(
    call: Call,
    of_stage: sa.ColumnElement[bool],
    stage: str,
    target: str,
    by: str,
    moved: int,
    *,
    is_open: bool,
) -> None:
    """A row of history for each record, numbered behind the corp's latest change."""
    of_corp = FOLLOW_UP_CORP.c.corp_id == call.corp_id
    last = int(call.db.execute(sa.select(FOLLOW_UP_CORP.c.last_change).where(of_corp)).scalar_one())
    if is_open:
        kind = sa.case(((FOLLOW_UP.c.closed_at > 0) & ~_ENDED, "reopened"), else_="moved")
    else:
        kind = sa.case((FOLLOW_UP.c.closed_at == 0, "closed"), else_="moved")
    noted = {
        "corp_id": FOLLOW_UP.c.corp_id,
        "number": last + sa.func.row_number().over(order_by=FOLLOW_UP.c.seq),
        "seq": FOLLOW_UP.c.seq,
        "userid": FOLLOW_UP.c.userid,
        "kind": kind,
        "at": sa.literal(call.now, sa.BigInteger),
        "by": sa.literal(by),
        "version": FOLLOW_UP.c.version + 1,
        "from_stage": sa.literal(stage),
        "to_stage": sa.literal(target),
    }
    rows = sa.select(*(value.label(name) for name, value in noted.items())).where(of_stage)
    call.db.execute(sa.insert(FOLLOW_UP_CHANGE).from_select(list(noted), rows))
    call.db.execute(sa.update(FOLLOW_UP_CORP).where(of_corp).values(last_change=last + moved))


def _move_counts(call: Call, of_stage: sa.ColumnElement[bool], stage: str, target: str) -> int:
    """The members' counters and the corp's, from the records themselves; how many these are."""
    query = (
        sa.select(
            FOLLOW_UP.c.userid,
            sa.func.count().label("cards"),
            sa.func.sum(FOLLOW_UP.c.amount).label("amount"),
            sa.func.sum(call.now - FOLLOW_UP.c.stage_since).label("seconds"),
        )
        .where(of_stage)
        .group_by(FOLLOW_UP.c.userid)
    )
    found = [(row.userid, row.cards, int(row.amount), int(row.seconds)) for row in call.db.execute(query)]
    found.append(
        (CORP, sum(one[1] for one in found), sum(one[2] for one in found), sum(one[3] for one in found))
    )
    counted = []
    for userid, cards, amount, seconds in found:
        counted.append((userid, stage, (-cards, -amount, 0, cards, seconds)))
        counted.append((userid, target, (cards, amount, cards, 0, 0)))
    add_to_counts(call.db, call.corp_id, sorted(counted))
    return sum(one[1] for one in found[:-1])
