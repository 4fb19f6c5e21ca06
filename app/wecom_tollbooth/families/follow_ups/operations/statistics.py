"""用户跟进: statistics of a corp's or a member's records, from counters that every change updates."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.follow_ups.operations.shapes import USERID_CHARS, the_owner
from wecom_tollbooth.families.follow_ups.store import queries
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_pipeline
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional
from wecom_tollbooth.world.clock import DAY

_BETWEEN = sa.select(sa.func.count()).where(
    FOLLOW_UP.c.corp_id == bindparam("corp_id"),
    FOLLOW_UP.c.next_at >= bindparam("since", type_=sa.BigInteger),
    FOLLOW_UP.c.next_at < bindparam("until", type_=sa.BigInteger),
)
_DUE = CompiledStatement(_BETWEEN)
_DUE_OF_OWNER = CompiledStatement(_BETWEEN.where(FOLLOW_UP.c.userid == bindparam("userid")))


class StatisticsRequest(RequestModel):
    userid: str | None = optional(max_chars=USERID_CHARS, doc="only this member's records")


class StageNumbers(TypedDict):
    stage_id: str
    name: str
    count: int
    amount: int
    entered: int
    left: int
    average_seconds: int


class StatisticsReply(TypedDict):
    total: int
    overdue: int
    due_in_a_day: int
    stages: list[StageNumbers]


@family.post(
    "/cgi-bin/externalcontact/follow_up/statistics",
    doc="",
    checked=None,
    meter="follow_up.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_USERID, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_PARAMETER),
    sample={"userid": "zhangsan"},
)
def statistics(call: Call, body: StatisticsRequest) -> StatisticsReply:
    """获取跟进统计 / Get statistics of follow-ups

    The funnel: for each stage how many records are in it and their amount in fen, how many have entered and
    left it, and how long those that left stayed on average; also how many records are overdue, and how many
    are due within a day.
    """
    pipeline, _ = read_pipeline(call.db, call.corp_id)
    userid, visible = the_owner(call, body.userid), visible_userids(call)
    counts = queries.counts(call.db, call.corp_id, userid, visible)
    stages: list[StageNumbers] = []
    for stage in pipeline.shown["stages"]:
        count, amount, entered, left, seconds = counts.get(stage["stage_id"], (0, 0, 0, 0, 0))
        stages.append(
            {
                "stage_id": stage["stage_id"],
                "name": stage["name"],
                "count": count,
                "amount": amount,
                "entered": entered,
                "left": left,
                "average_seconds": seconds // left if left else 0,
            }
        )
    return {
        "total": sum(stage["count"] for stage in stages),
        "overdue": _due(call, userid, visible, 0, call.now),
        "due_in_a_day": _due(call, userid, visible, call.now, call.now + DAY),
        "stages": stages,
    }


def _due(call: Call, userid: str | None, visible: frozenset[str] | None, since: int, until: int) -> int:
    """How many records have their next follow-up from `since` up to but not including `until`."""
    params = {"corp_id": call.corp_id, "since": since, "until": until}
    if userid is not None:
        row = _DUE_OF_OWNER.one(call.db, **params, userid=userid)
    elif visible is None:
        row = _DUE.one(call.db, **params)
    else:
        found = call.db.execute(_BETWEEN.where(FOLLOW_UP.c.userid.in_(visible)), params).one()
        row = tuple(found)
    return int(row[0]) if row else 0
