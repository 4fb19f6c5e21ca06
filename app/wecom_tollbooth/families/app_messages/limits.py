"""How many messages an app may send: a day, and to one member (page 90236 and page 90312, 2026-02).

Both are limits of persons, not of calls; message/send is not counted by the limits on calls.
"""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, insert_into
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE, MESSAGES_OF_DAY
from wecom_tollbooth.families.phones.counts import who_got
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import HOUR, MINUTE, start_of_day

_TODAY = CompiledStatement(
    sa.select(sa.func.sum(MESSAGES_OF_DAY.c.count)).where(
        MESSAGES_OF_DAY.c.corp_id == bindparam("corp"),
        MESSAGES_OF_DAY.c.day == bindparam("at_day"),
        MESSAGES_OF_DAY.c.agentid == bindparam("app"),
    )
)


def _counting(dialect: str) -> sa.ClauseElement:
    row = insert_into(dialect, MESSAGES_OF_DAY).values(
        {column.name: bindparam(column.name) for column in MESSAGES_OF_DAY.columns}
    )
    return row.on_conflict_do_update(
        index_elements=["corp_id", "day", "agentid", "msgtype"],
        set_={"count": MESSAGES_OF_DAY.c.count + row.excluded["count"]},
    )


_COUNT = CompiledStatement(_counting)

_NTH_LATEST = CompiledStatement(
    sa.select(APP_MESSAGE.c.sent_at)
    .where(APP_MESSAGE.c.corp_id == bindparam("corp"), APP_MESSAGE.c.agentid == bindparam("app"))
    .order_by(APP_MESSAGE.c.sent_at.desc())
    .limit(1)
    .offset(bindparam("before"))
)


def refuse_over_day(call: Call, receivers: int) -> None:
    """Raises 45009 if the app would reach over 200 times the corp's accounts of persons today."""
    if not call.settings.rate_limits:
        return
    most = call.settings.member_cap * call.settings.limit_app_message_day
    row = _TODAY.one(call.db, corp=call.corp_id, at_day=start_of_day(call.now), app=call.agentid)
    sent = int(row[0] or 0) if row else 0
    if sent + receivers > most:
        raise Refusal(
            ErrCode.FREQUENCY_LIMIT,
            detail=f"app {call.agentid} has reached {sent} persons today; {receivers} more are over {most}",
        )


def within_limits(call: Call, userids: list[str]) -> list[str]:
    """Those of the members who get more of the app's messages this minute and hour; others miss it."""
    if not call.settings.rate_limits:
        return userids
    for window, most in (
        (MINUTE, call.settings.limit_app_message_member_minute),
        (HOUR, call.settings.limit_app_message_member_hour),
    ):
        since = call.now // window * window
        # Nobody can have had `most` messages before the app sent as many.
        nth = _NTH_LATEST.one(call.db, corp=call.corp_id, app=call.agentid, before=most - 1)
        if nth is None or nth[0] < since:
            continue
        full = who_got(call, "app_message", str(call.agentid), userids, since=since, at_least=most)
        userids = [one for one in userids if one not in full]
    return userids


def count_receivers(call: Call, msgtype: str, receivers: int) -> None:
    """Adds to the sums of the day."""
    if receivers:
        _COUNT.run(
            call.db,
            corp_id=call.corp_id,
            day=start_of_day(call.now),
            agentid=call.agentid,
            msgtype=msgtype,
            count=receivers,
        )
