"""Counts per minute, hour or day, in fixed windows of the simulator's clock.

They are counted in the call's own transaction: what a refused call would have done doesn't count. Only limits
on calls (`refuse_over_calls`) count refused calls, too.
"""

from functools import partial

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, insert_into
from wecom_tollbooth.families.windows.tables import COUNT_WINDOW
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import DAY, start_of_day
from wecom_tollbooth.world.context import Context


def _adding(dialect: str) -> sa.ClauseElement:
    row = insert_into(dialect, COUNT_WINDOW).values(
        {column.name: bindparam(column.name) for column in COUNT_WINDOW.columns}
    )
    more = row.excluded["count"]
    same = COUNT_WINDOW.c.started == row.excluded.started
    return row.on_conflict_do_update(
        index_elements=["corp_id", "what"],
        set_={
            "started": row.excluded.started,
            "count": sa.case((same, COUNT_WINDOW.c.count + more), else_=more),
        },
    ).returning(COUNT_WINDOW.c.count)


_ADD = CompiledStatement(_adding)


def counted(context: Context, what: str, span: int, more: int = 1) -> int:
    """Adds `more` to the current window of `span` seconds (MINUTE, HOUR or DAY) and returns the new count."""
    row = _ADD.one(
        context.db, corp_id=context.corp_id, what=what, started=start_of(context.now, span), count=more
    )
    assert row is not None, "the statement returns what it wrote"
    return int(row[0])


def refuse_over_calls(call: Call, what: str, span: int, most: int) -> None:
    """As refuse_over, for a limit on calls: one that its handler refuses counts, too."""
    call.after_refusal.append(partial(counted, call, what, span))
    refuse_over(call, what, span, most)


def start_of(now: int, span: int) -> int:
    return start_of_day(now) if span == DAY else now - now % span


def refuse_over(context: Context, what: str, span: int, most: int, more: int = 1) -> None:
    """Counts `more`; raises 45009 if that makes over `most` in this window, unless limits are off."""
    if not context.settings.rate_limits:
        return
    if (count := counted(context, what, span, more)) > most:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"{what}: {count} in {span} s are over {most}")
