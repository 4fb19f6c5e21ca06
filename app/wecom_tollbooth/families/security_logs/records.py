"""Writing and finding security records."""

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.security_logs.tables import SECURITY_RECORD
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context

_INSERT = CompiledStatement(
    sa.insert(SECURITY_RECORD).values(
        {column.name: bindparam(column.name) for column in SECURITY_RECORD.columns}
    )
)

OPERATION_DAYS, OPERATIONS_AGO_DAYS = 7, 180
"""The span of one question about operations, and how long ago it may begin (pages 100178 and 100179)."""
RECORD_DAYS = 14
"""The span of one question about screenshots and files (pages 100128 and 98079)."""


def note(
    context: Context, kind: str, userid: str, of_type: int, content: dict[str, Any], source: int = 0
) -> None:
    """Writes a record of now."""
    context.db.flush()
    _INSERT.run(
        context.db,
        corp_id=context.corp_id,
        kind=kind,
        at=context.now,
        id=context.next_id(),
        userid=userid,
        type=of_type,
        source=source,
        content=orjson.dumps(content).decode(),
    )


def refuse_span(call: Call, start: int, end: int, days: int, ago: int | None = None) -> None:
    """Raises 40058 unless the time runs forward, is over, and has at most so many days."""
    if start >= end:
        raise _wrong_time(f"start_time {start} is not before end_time {end}")
    if end - start > days * DAY:
        raise _wrong_time(f"from start_time to end_time there are more than {days} days")
    if ago is not None and end > call.now:
        raise _wrong_time(f"end_time {end} is still to come")
    if ago is not None and start < call.now - ago * DAY:
        raise _wrong_time(f"start_time {start} is more than {ago} days ago")


def _wrong_time(detail: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, detail=detail)


def page(
    call: Call,
    kind: str,
    span: tuple[int, int],
    most: int,
    cursor: str | None,
    *,
    userids: Sequence[str] | None = None,
    of_type: int | None = None,
    source: int | None = None,
    departments: Sequence[int] | None = None,
    in_range_only: bool = True,
) -> tuple[list[Any], str]:
    """The next records of a kind in the span, oldest first, and the cursor behind them, "" at the end.

    Of members outside the app's visible range none are shown if `in_range_only`. The cursor is bound
    to the arguments, `departments` among them.
    """
    columns, asked = SECURITY_RECORD.c, [kind, span, userids, of_type, source, departments]
    query = sa.select(SECURITY_RECORD).where(
        columns.corp_id == call.corp_id, columns.kind == kind, columns.at >= span[0], columns.at <= span[1]
    )
    if cursor:
        at, number = position_of(call, asked, cursor)
        query = query.where(sa.tuple_(columns.at, columns.id) > sa.tuple_(at, number))
    if of_type is not None:
        query = query.where(columns.type == of_type)
    if source is not None:
        query = query.where(columns.source == source)
    if userids is not None:
        query = query.where(columns.userid.in_(userids))
    visible = visible_userids(call) if in_range_only else None
    if visible is not None:
        query = query.where(columns.userid.in_(sorted(visible)))
    rows = list(call.db.execute(query.order_by(columns.at, columns.id).limit(most + 1)))
    shown = rows[:most]
    last = make_cursor(call, asked, [shown[-1].at, shown[-1].id]) if len(rows) > most else ""
    return shown, last
