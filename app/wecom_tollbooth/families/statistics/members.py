"""联系客户统计: members' activity with customers, counted from act records and mass messages."""

from itertools import groupby
from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.directory.visibility import members_in_range, refuse_wrong_departments
from wecom_tollbooth.families.relations.tables import ACT_RECORD
from wecom_tollbooth.families.statistics.family import family
from wecom_tollbooth.families.statistics.mass_messages import mass_messages_by_day
from wecom_tollbooth.families.statistics.reply_times import Message, replies_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.day_ranges import span_of_days
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world import clock

MOST_NAMED = 100


class BehaviorRequest(RequestModel):
    userid: list[str] | None = optional(max_items=MOST_NAMED, doc="members")
    partyid: list[int] | None = optional(max_items=MOST_NAMED, doc="departments, with those below them")
    start_time: int = required_number(ErrCode.INVALID_TIME_SPAN)
    end_time: int = required_number(ErrCode.INVALID_TIME_SPAN)


class BehaviorOfADay(TypedDict):
    stat_time: int
    chat_cnt: int
    message_cnt: int
    reply_percentage: NotRequired[float]
    avg_reply_time: NotRequired[int]
    negative_feedback_cnt: int
    new_apply_cnt: int
    new_contact_cnt: int


class BehaviorReply(TypedDict):
    behavior_data: list[BehaviorOfADay]


@family.post(
    "/cgi-bin/externalcontact/get_user_behavior_data",
    doc="92132",
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.INVALID_TIME_SPAN,
    ),
    aliases=("/cgi-bin/crm/get_user_behavior_data",),
    sample={
        "userid": ["zhangsan", "lisi"],
        "partyid": [1001, 1002],
        "start_time": 1536508800,
        "end_time": 1536595200,
    },
)
def get_user_behavior_data(call: Call, body: BehaviorRequest) -> BehaviorReply:
    """获取「联系客户统计」数据 / Get statistics of members' customer contact

    Returns one series for all given members together, a row per day from start to end, both included.
    Mass messages that members confirmed count as messages of theirs, but not as replies. reply_percentage
    (percent, two decimals) and avg_reply_time (minutes) are only returned for days on which customers
    started chats.
    """
    if not body.userid and not body.partyid:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give userid, partyid or both")
    first, after_last = span_of_days(call, body.start_time, body.end_time)
    members = _members(call, body)
    query = (
        sa.select(ACT_RECORD.c.at, ACT_RECORD.c.kind, ACT_RECORD.c.userid, ACT_RECORD.c.external_userid)
        .where(
            ACT_RECORD.c.corp_id == call.corp_id,
            ACT_RECORD.c.userid.in_(members),
            ACT_RECORD.c.at.between(first, after_last - 1),
        )
        .order_by(ACT_RECORD.c.at, ACT_RECORD.c.id)
    )
    of_day = {
        day: [(row.at, row.kind, (row.userid, row.external_userid)) for row in rows]
        for day, rows in groupby(call.db.execute(query), key=lambda row: clock.start_of_day(row.at))
    }
    mass = mass_messages_by_day(call, members, first, after_last)
    days = range(first, min(after_last, call.now + 1), clock.DAY)
    return {"behavior_data": [_behavior(day, of_day.get(day, []), mass.get(day, (0, 0))) for day in days]}


def _members(call: Call, body: BehaviorRequest) -> frozenset[str]:
    users = [the_visible_member(call, userid).userid for userid in body.userid or []]
    departments = body.partyid or []
    refuse_wrong_departments(call, departments)
    return members_in_range(call.db, call.corp_id, {"userid": users, "partyid": departments}) or frozenset()


def _behavior(
    day: int, records: list[tuple[int, str, tuple[str, str]]], mass: tuple[int, int]
) -> BehaviorOfADay:
    """The figures of a day; `mass`: mass messages, and chats of the day with nothing else of the member."""

    def count(kind: str) -> int:
        return sum(1 for _, found, _ in records if found == kind)

    messages = [
        Message(chat, at, kind == "message_in")
        for at, kind, chat in records
        if kind in ("message_in", "message_out")
    ]
    behavior: BehaviorOfADay = {
        "stat_time": day,
        "chat_cnt": len({message.chat for message in messages if not message.by_customer}) + mass[1],
        "message_cnt": count("message_out") + mass[0],
        "negative_feedback_cnt": count("deleted_by_customer"),
        "new_apply_cnt": count("applied"),
        "new_contact_cnt": count("added"),
    }
    replies = replies_of(messages)
    if replies.started:
        behavior["reply_percentage"] = replies.percentage
        behavior["avg_reply_time"] = replies.average_minutes
    return behavior
