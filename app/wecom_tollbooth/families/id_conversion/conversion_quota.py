"""The limits of unionid conversions per hour, day and month (pages 95900 and 95878).

Counted in the call's own transaction: an answered call always counts, a refused one never does.
"""

import sqlalchemy as sa

from wecom_tollbooth.db import insert_into
from wecom_tollbooth.families.id_conversion.tables import CONVERSION_COUNT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world import clock


def count_conversion(call: Call, corp_id: str, kind: str, limits: dict[str, int]) -> None:
    """Counts one conversion of `kind` for the corp; raises 45009 over a limit until its window ends.

    `limits`: the maximum for each of "hour", "day" and "month", windows of Asia/Shanghai.
    """
    if not call.settings.rate_limits:
        return
    for span, limit in limits.items():
        started = _start(span, call.now)
        row = {"corp_id": corp_id, "kind": kind, "span": span, "started": started, "count": 1}
        count = call.db.execute(_count(call.db.dialect), row).scalar_one()
        if count > limit:
            detail = f"over {limit} conversions ({kind}) of {corp_id} in the {span} from {started}"
            raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=detail)


def _start(span: str, now: int) -> int:
    if span == "hour":
        return now - now % clock.HOUR
    return clock.start_of_day(now) if span == "day" else clock.month_bounds(clock.month_of(now))[0]


def _count(dialect: str) -> sa.Executable:
    """Adds one to the current window, or starts a new window at one."""
    row = insert_into(dialect, CONVERSION_COUNT).values(
        {column.name: sa.bindparam(column.name) for column in CONVERSION_COUNT.columns}
    )
    same = CONVERSION_COUNT.c.started == row.excluded.started
    return row.on_conflict_do_update(
        index_elements=["corp_id", "kind", "span"],
        set_={
            "started": row.excluded.started,
            "count": sa.case((same, CONVERSION_COUNT.c.count + 1), else_=1),
        },
    ).returning(CONVERSION_COUNT.c.count)
