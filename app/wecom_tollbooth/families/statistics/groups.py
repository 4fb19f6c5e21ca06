"""群聊数据统计: activity in customer groups, by owner or by day."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import members_in_range, refuse_wrong_departments
from wecom_tollbooth.families.group_chats.activity_counts import Figures, Span, figures_of, sum_of
from wecom_tollbooth.families.group_chats.owners import (
    OwnerFilter,
    named_owners,
    owners_seen,
    refuse_too_many_unnamed,
)
from wecom_tollbooth.families.group_chats.tables import GROUP_OWNERSHIP
from wecom_tollbooth.families.statistics.family import family
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.day_ranges import span_of_days
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world import clock

ORDERS = ("new_chat_cnt", "chat_total", "new_member_cnt", "member_total")
"""The figures that order_by 1 to 4 sort by."""
USUAL_LIMIT = 500


class OwnersOrDepartments(OwnerFilter):
    partyid_list: list[int] | None = optional(doc="owners of these departments; not documented, but heeded")


class DaysRequest(RequestModel):
    day_begin_time: int = required_number(ErrCode.INVALID_TIME_SPAN, doc="a day, yesterday at the latest")
    day_end_time: int | None = optional(doc="the last day, which counts too; default the first")
    owner_filter: OwnersOrDepartments | None = optional(doc="absent: all owners in the visible range")


Counts = dict[str, int]
"""Figures by name."""

ERRORS = (
    ErrCode.INVALID_TIME_SPAN,
    ErrCode.INVALID_PARAMETER,
    ErrCode.INVALID_USERID,
    ErrCode.INVALID_PARTY_ID,
    ErrCode.NO_PRIVILEGE,
    ErrCode.TOO_MANY_REQUESTED,
)


# --- 获取「群聊数据统计」数据：按群主聚合 ----------------------------------------------------------------


class ByOwnerRequest(DaysRequest):
    order_by: int | None = optional(
        ge=1, le=4, doc="1 new groups (default), 2 groups, 3 new people, 4 people"
    )
    order_asc: int | None = optional(ge=0, le=1, doc="1 ascending, 0 descending (default)")
    offset: int | None = optional(ge=0, doc="default 0")
    limit: int | None = optional(ge=0, le=1000, doc="1 to 1000, default 500")


class FiguresOfOwner(TypedDict):
    owner: str
    data: Figures


class ByOwnerReply(TypedDict):
    total: int
    next_offset: int
    items: list[FiguresOfOwner]


@family.post(
    "/cgi-bin/externalcontact/groupchat/statistic",
    doc="92133",
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=ERRORS,
    sample={
        "day_begin_time": 1600272000,
        "day_end_time": 1600444800,
        "owner_filter": {"userid_list": ["zhangsan"]},
        "order_by": 2,
        "order_asc": 0,
        "offset": 0,
        "limit": 1000,
    },
)
def statistic(call: Call, body: ByOwnerRequest) -> ByOwnerReply:
    """获取「群聊数据统计」数据：按群主聚合 / Get group statistics by owner

    Returns one record per owner with activity. New groups and people are totals over all days, the
    other figures are as of the end of the last day: at most 30 days, none over 180 days ago, none later than
    yesterday. migrate_trainee_chat_cnt is for the education industry (setting education_trade). next_offset
    equals total on the last page. An app that sees over 1000 people has to name owners.
    """
    first, after_last = _days(call, body)
    owners = _owners(call, body.owner_filter)
    found = _figures(call, owners, [(first, after_last)])
    ordered = _ordered({owner: counts for (_, owner), counts in found.items()}, body)
    offset = body.offset or 0
    page = ordered[offset : offset + (body.limit or USUAL_LIMIT)]
    return {
        "total": len(ordered),
        "next_offset": min(offset + len(page), len(ordered)),
        "items": [{"owner": owner, "data": _data(call, [counts])} for owner, counts in page],
    }


def _ordered(found: dict[str, dict[str, int]], body: ByOwnerRequest) -> list[tuple[str, dict[str, int]]]:
    """Sorts by the requested figure, then by userid."""
    figure = ORDERS[(body.order_by or 1) - 1]
    sign = 1 if body.order_asc == 1 else -1
    return sorted(found.items(), key=lambda item: (sign * item[1][figure], item[0]))


def _figures(call: Call, owners: list[str], spans: list[Span]) -> dict[tuple[int, str], Counts]:
    if not owners:
        return {}
    return figures_of(call.db, call.corp_id, owners, spans, migrated=call.settings.education_trade)


def _data(call: Call, counts: list[Counts]) -> Figures:
    return sum_of(counts, migrated=call.settings.education_trade)


# --- 获取「群聊数据统计」数据：按自然日聚合 --------------------------------------------------------------


class FiguresOfDay(TypedDict):
    stat_time: int
    data: Figures


class ByDayReply(TypedDict):
    items: list[FiguresOfDay]


@family.post(
    "/cgi-bin/externalcontact/groupchat/statistic_group_by_day",
    doc="92133",
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=ERRORS,
    sample={
        "day_begin_time": 1600272000,
        "day_end_time": 1600358400,
        "owner_filter": {"userid_list": ["zhangsan"]},
    },
)
def statistic_group_by_day(call: Call, body: DaysRequest) -> ByDayReply:
    """获取「群聊数据统计」数据：按自然日聚合 / Get group statistics by day

    Returns one record for each day, the sum over the owners.
    """
    first, after_last = _days(call, body)
    owners = _owners(call, body.owner_filter)
    spans = [(day, day + clock.DAY) for day in range(first, after_last, clock.DAY)]
    found = _figures(call, owners, spans)
    of_day: dict[int, list[Counts]] = {}
    for (day, _), counts in found.items():
        of_day.setdefault(day, []).append(counts)
    return {"items": [{"stat_time": day, "data": _data(call, of_day.get(day, []))} for day, _ in spans]}


# --- both ------------------------------------------------------------------------------------------------


def _days(call: Call, body: DaysRequest) -> tuple[int, int]:
    """Like span_of_days; also raises 600018 for a day that is not over yet."""
    first, after_last = span_of_days(call, body.day_begin_time, body.day_end_time or body.day_begin_time)
    if after_last > clock.start_of_day(call.now):
        raise Refusal(ErrCode.INVALID_TIME_SPAN, detail="there are figures up to yesterday")
    return first, after_last


def _owners(call: Call, owner_filter: OwnersOrDepartments | None) -> list[str]:
    """Returns the named owners, or all whom the app sees. Raises 40003, 60011, 60123 and 81017."""
    named = owner_filter.userid_list if owner_filter else None
    departments = owner_filter.partyid_list if owner_filter else None
    if not named and not departments:
        refuse_too_many_unnamed(call)
        query = sa.select(MEMBER.c.userid).where(
            MEMBER.c.corp_id == call.corp_id,
            owners_seen(call),
            MEMBER.c.userid.in_(
                sa.select(GROUP_OWNERSHIP.c.owner).where(GROUP_OWNERSHIP.c.corp_id == call.corp_id)
            ),
        )
        return [row.userid for row in call.db.execute(query)]
    owners = named_owners(call, named, ErrCode.INVALID_USERID) if named else []
    if departments:
        refuse_wrong_departments(call, departments)
        found = members_in_range(call.db, call.corp_id, {"partyid": departments}) or frozenset()
        owners += sorted(found.difference(owners))
    return owners
