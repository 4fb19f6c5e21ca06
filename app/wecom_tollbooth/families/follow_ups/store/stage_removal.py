"""Moving all records of a removed stage to another stage, in a few statements however many there are."""

from typing import Any

import sqlalchemy as sa

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
from wecom_tollbooth.world.context import Context

_ENDED = FOLLOW_UP.c.close_reason == RELATION_ENDED
"""A record that ended with its relation stays closed in any stage, until the relation begins again."""


def move_all(context: Context, targets: dict[str, str], *, by: str) -> int:
    """Moves the records of each stage in `targets` to the end of its target; returns how many.

    The caller holds a lock on the corp's row.
    """
    return sum(_move(context, stage, target, by) for stage, target in targets.items())


def _move(context: Context, stage: str, target: str, by: str) -> int:
    of_stage = (FOLLOW_UP.c.corp_id == context.corp_id) & (FOLLOW_UP.c.stage_id == stage)
    moved = _move_counts(context, of_stage, stage, target)
    pipeline, _ = read_pipeline(context.db, context.corp_id)
    is_open = pipeline.is_open(target)
    _note_moves(context, of_stage, stage, target, by, moved, is_open=is_open)
    shift = _end(context, target, sa.func.max) + STEP - _end(context, stage, sa.func.min)
    values: dict[str, Any] = {
        "stage_id": target,
        "rank": FOLLOW_UP.c.rank + shift,
        "stage_since": context.now,
        "version": FOLLOW_UP.c.version + 1,
        "updated_at": context.now,
        "updater": by,
    }
    if is_open:
        closed_at, reason = sa.case((_ENDED, FOLLOW_UP.c.closed_at), else_=0), ""
    else:
        closed_at = sa.case((FOLLOW_UP.c.closed_at == 0, context.now), else_=FOLLOW_UP.c.closed_at)
        reason = pipeline.stages[target]["kind"]
        values |= {"next_at": NEVER}
    values |= {"closed_at": closed_at, "close_reason": sa.case((_ENDED, RELATION_ENDED), else_=reason)}
    context.db.execute(sa.update(FOLLOW_UP).where(of_stage).values(values))
    return moved


def _end(context: Context, stage: str, end: Any) -> int:
    """The first or last rank of a stage; 0 for an empty stage."""
    query = sa.select(end(FOLLOW_UP.c.rank)).where(
        FOLLOW_UP.c.corp_id == context.corp_id, FOLLOW_UP.c.stage_id == stage
    )
    return int(context.db.execute(query).scalar_one() or 0)


def _note_moves(
    context: Context,
    of_stage: sa.ColumnElement[bool],
    stage: str,
    target: str,
    by: str,
    moved: int,
    *,
    is_open: bool,
) -> None:
    """Adds a change to the history of each record, numbered after the corp's latest change."""
    of_corp = FOLLOW_UP_CORP.c.corp_id == context.corp_id
    last = int(context.db.execute(sa.select(FOLLOW_UP_CORP.c.last_change).where(of_corp)).scalar_one())
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
        "at": sa.literal(context.now, sa.BigInteger),
        "by": sa.literal(by),
        "version": FOLLOW_UP.c.version + 1,
        "from_stage": sa.literal(stage),
        "to_stage": sa.literal(target),
    }
    rows = sa.select(*(value.label(name) for name, value in noted.items())).where(of_stage)
    context.db.execute(sa.insert(FOLLOW_UP_CHANGE).from_select(list(noted), rows))
    context.db.execute(sa.update(FOLLOW_UP_CORP).where(of_corp).values(last_change=last + moved))


def _move_counts(context: Context, of_stage: sa.ColumnElement[bool], stage: str, target: str) -> int:
    """Moves the records in the counters of their members and of the corp; returns how many there are."""
    query = (
        sa.select(
            FOLLOW_UP.c.userid,
            sa.func.count().label("cards"),
            sa.func.sum(FOLLOW_UP.c.amount).label("amount"),
            sa.func.sum(context.now - FOLLOW_UP.c.stage_since).label("seconds"),
        )
        .where(of_stage)
        .group_by(FOLLOW_UP.c.userid)
    )
    found = [(row.userid, row.cards, int(row.amount), int(row.seconds)) for row in context.db.execute(query)]
    found.append(
        (CORP, sum(one[1] for one in found), sum(one[2] for one in found), sum(one[3] for one in found))
    )
    counted = []
    for userid, cards, amount, seconds in found:
        counted.append((userid, stage, (-cards, -amount, 0, cards, seconds)))
        counted.append((userid, target, (cards, amount, cards, 0, 0)))
    add_to_counts(context.db, context.corp_id, sorted(counted))
    return sum(one[1] for one in found[:-1])
