"""批量获取客户详情: the customers of members, page by page."""

from functools import partial
from typing import Any, NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.customers.customer_limits import CustomerLimit, customer_limit, too_inactive
from wecom_tollbooth.families.customers.family import family
from wecom_tollbooth.families.customers.serializers import (
    CONTACT_COLUMNS,
    FOLLOW_COLUMNS,
    ExternalContactShape,
    FollowShape,
    contact_shape,
    follow_shape,
)
from wecom_tollbooth.families.directory.lookup import the_members
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.providers.licences import unlicensed
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE, sees_only_acquired
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import OldField
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required


def _page_of_member(dialect: str, *, acquired: bool = False, late: bool = False) -> sa.Select[Any]:
    """Returns a member's customers after `after`, each with its tag ids joined by commas.

    `acquired`: only customers that the calling 营销获客 app acquired. `late`: only from `since` on.
    """
    join_texts = sa.func.string_agg if dialect == "postgresql" else sa.func.group_concat
    tag_ids = sa.select(join_texts(FOLLOW_TAG.c.tag_id, sa.literal_column("','"))).where(
        FOLLOW_TAG.c.corp_id == FOLLOW_USER.c.corp_id,
        FOLLOW_TAG.c.external_userid == FOLLOW_USER.c.external_userid,
        FOLLOW_TAG.c.userid == FOLLOW_USER.c.userid,
    )
    same_customer = (EXTERNAL_CONTACT.c.corp_id == FOLLOW_USER.c.corp_id) & (
        EXTERNAL_CONTACT.c.external_userid == FOLLOW_USER.c.external_userid
    )
    page = (
        sa.select(*CONTACT_COLUMNS, *FOLLOW_COLUMNS, tag_ids.scalar_subquery())
        .join_from(FOLLOW_USER, EXTERNAL_CONTACT, same_customer)
        .where(
            FOLLOW_USER.c.corp_id == bindparam("corp_id"),
            FOLLOW_USER.c.userid == bindparam("userid"),
            FOLLOW_USER.c.seq > bindparam("after"),
            IS_ACTIVE,
        )
        .order_by(FOLLOW_USER.c.seq)
        .limit(bindparam("limit"))
    )
    if acquired:
        return page.where(FOLLOW_USER.c.source_agentid == bindparam("agentid"))
    return page.where(FOLLOW_USER.c.createtime >= bindparam("since")) if late else page


_PAGE_OF_MEMBER = CompiledStatement(_page_of_member)
_LATE_PAGE_OF_MEMBER = CompiledStatement(partial(_page_of_member, late=True))
_ACQUIRED_PAGE_OF_MEMBER = CompiledStatement(partial(_page_of_member, acquired=True))
BATCH_DEFAULT, BATCH_MAX, BATCH_MEMBERS = 50, 100, 100


class BatchGetRequest(RequestModel):
    userid_list: list[str] = required(max_items=BATCH_MEMBERS, doc="members")
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default 50, at most 100; a larger one counts as 100")


class FollowInfoShape(FollowShape):
    tag_id: list[str]


class BatchEntry(TypedDict):
    external_contact: ExternalContactShape
    follow_info: FollowInfoShape


class BatchFailures(TypedDict):
    unlicensed_userid_list: list[str]


class BatchGetReply(TypedDict):
    external_contact_list: list[BatchEntry]
    next_cursor: str
    fail_info: NotRequired[BatchFailures]


@family.post(
    "/cgi-bin/externalcontact/batch/get_by_user",
    doc="92994",
    meter="customer.list",
    permission=Permission.CUSTOMER_BASE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_CURSOR,
        ErrCode.NO_INTEROP_LICENSE,
        ErrCode.MEMBERS_TOO_INACTIVE,
    ),
    old_fields=(OldField("userid", "userid_list", "clients of 2020 and 2021 send it, two SDKs to this day"),),
    sample={"userid_list": ["zhangsan", "lisi"], "cursor": "", "limit": 100},
)
def batch_get_by_user(call: Call, body: BatchGetRequest) -> BatchGetReply:
    """批量获取客户详情 / Get customers in bulk

    Returns one entry for each pair of a customer and one of the given members, in the order of adding; a
    营销获客 app gets the pairs from its contact ways and links. Tags are bare ids. Members that the
    app does not see, or that may not have customers, are skipped; `fail_info` tells apps of providers which
    members have no interop account. `next_cursor` is empty on the last page.
    """
    limit = BATCH_DEFAULT if not body.limit or body.limit < 0 else min(body.limit, BATCH_MAX)
    covered = customer_limit(call)
    members, without = _licensed_among(call, _followers_among(call, body.userid_list, covered))
    take_seats(call, filter(None, members))
    start, after = position_of(call, body.userid_list, body.cursor) if body.cursor else (0, 0)
    entries: list[BatchEntry] = []
    reply: BatchGetReply = {"external_contact_list": entries, "next_cursor": ""}
    if without:
        reply["fail_info"] = {"unlicensed_userid_list": without}
    columns = len(CONTACT_COLUMNS)
    customers, of_app = _PAGE_OF_MEMBER, dict[str, int]()
    if sees_only_acquired(call):
        customers, of_app = _ACQUIRED_PAGE_OF_MEMBER, {"agentid": call.agentid}
    elif covered.since is not None:
        customers, of_app = _LATE_PAGE_OF_MEMBER, {"since": covered.since}
    for place in range(start, len(members)):
        # One entry more than fits shows whether there is a next page.
        wanted = limit - len(entries) + 1
        rows = customers.all(
            call.db, corp_id=call.corp_id, userid=members[place], after=after, limit=wanted, **of_app
        )
        for row in rows[: wanted - 1]:
            tag_ids = row[-1]
            info: FollowInfoShape = {
                **follow_shape(call, row[columns:-1]),
                "tag_id": sorted(tag_ids.split(",")) if tag_ids else [],
            }
            entries.append({"external_contact": contact_shape(call, row[:columns]), "follow_info": info})
            after = row[columns + 1]
        if len(rows) == wanted:
            reply["next_cursor"] = make_cursor(call, body.userid_list, [place, after])
            return reply
        after = 0
    return reply


def _followers_among(call: Call, userids: list[str], limit: CustomerLimit) -> list[str]:
    """Returns the given members, with "" in place of each one to skip. Raises 40003, 48011.

    Skipped are members who may have no customers, whom the app does not see, or who are repeated. The
    positions stay, because a cursor names one and members can change between two pages.
    """
    members: list[str] = []
    for found in the_members(call, userids):
        counts = found.may_have_customers and found.userid not in members and sees(call, found.userid)
        members.append(found.userid if counts else "")
    if limit.members is None:
        return members
    left = [userid if limit.covers(userid) else "" for userid in members]
    if any(members) and not any(left):
        raise too_inactive("none of the members uses the app")
    return left


def _licensed_among(call: Call, members: list[str]) -> tuple[list[str], list[str]]:
    """Returns the members, "" for each without an interop account, and those left out. Raises 701008."""
    without = unlicensed(call, filter(None, members))
    if not without:
        return members, []
    left = ["" if userid in without else userid for userid in members]
    if not any(left):
        raise Refusal(
            ErrCode.NO_INTEROP_LICENSE, detail=f"none of {sorted(without)} has a valid interop account"
        )
    return left, [userid for userid in members if userid in without]
