"""Customers are transferred from a member who has left the corp."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.contacts import AddExternalContact, TransferFail
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import visible_departments, visible_userids
from wecom_tollbooth.families.handover.family import family
from wecom_tollbooth.families.handover.results import RESULT_SAMPLE, ResultReply, ResultRequest, results
from wecom_tollbooth.families.handover.tables import HANDOVER, WAITING
from wecom_tollbooth.families.handover.transfer_request import (
    CUSTOMERS_A_CALL,
    Assigned,
    assign,
    refuse_same_member,
    the_taker,
)
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import DAY

LEFT_AT_MOST = 365 * DAY
"""Customers can be transferred for this long after the member last logged in: a year (page 94081)."""
UNASSIGNED_A_PAGE = 1_000

# --- 获取待分配的离职成员列表 ----------------------------------------------------------------------------


class UnassignedRequest(RequestModel):
    page_id: int | None = optional(ge=0, doc="number of the page, from 0: for old clients, without cursor")
    cursor: str | None = optional(doc="of the page before")
    page_size: int | None = optional(ge=0, le=UNASSIGNED_A_PAGE, doc="default and at most 1000")


class Unassigned(TypedDict):
    handover_userid: str
    external_userid: str
    dimission_time: int


class UnassignedReply(TypedDict):
    info: list[Unassigned]
    is_last: bool
    next_cursor: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/get_unassigned_list",
    doc="92124",
    meter="customer.list",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.INVALID_CURSOR),
    aliases=("/cgi-bin/crm/get_unassigned_list",),
    sample={"cursor": "", "page_size": 100},
)
def get_unassigned_list(call: Call, body: UnassignedRequest) -> UnassignedReply:
    """获取待分配的离职成员列表 / List customers of members who left

    Returns the customers of members who left, the latest departure first, without those already assigned.
    Old clients page by page_id and get no cursor.
    """
    size = body.page_size or UNASSIGNED_A_PAGE
    query = _unassigned(call).limit(size + 1)
    by_page = body.page_id is not None and not body.cursor
    if by_page:
        query = query.offset(min(body.page_id or 0, 10**12) * size)
    elif body.cursor:
        left_at, userid, external_userid = position_of(call, size, body.cursor)
        pair = sa.tuple_(FOLLOW_USER.c.userid, FOLLOW_USER.c.external_userid)
        query = query.where(
            (MEMBER.c.left_at < left_at)
            | ((MEMBER.c.left_at == left_at) & (pair > sa.tuple_(userid, external_userid)))
        )
    rows = call.db.execute(query).all()
    reply: UnassignedReply = {
        "info": [
            {
                "handover_userid": row.userid,
                "external_userid": row.external_userid,
                "dimission_time": row.left_at,
            }
            for row in rows[:size]
        ],
        "is_last": len(rows) <= size,
    }
    if not by_page:
        last = rows[size - 1] if len(rows) > size else None
        reply["next_cursor"] = make_cursor(call, size, list(last)) if last is not None else ""
    return reply


def _unassigned(call: Call) -> sa.Select[tuple[Any, ...]]:
    """Selects left_at, userid and external_userid of the unassigned customers whose member the app saw."""
    on_the_way = sa.exists().where(
        HANDOVER.c.corp_id == FOLLOW_USER.c.corp_id,
        HANDOVER.c.external_userid == FOLLOW_USER.c.external_userid,
        HANDOVER.c.handover_userid == FOLLOW_USER.c.userid,
        HANDOVER.c.status == WAITING,
    )
    query = (
        sa.select(MEMBER.c.left_at, FOLLOW_USER.c.userid, FOLLOW_USER.c.external_userid)
        .join(
            FOLLOW_USER,
            (FOLLOW_USER.c.corp_id == MEMBER.c.corp_id) & (FOLLOW_USER.c.userid == MEMBER.c.userid),
        )
        .where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.status == LEFT, IS_ACTIVE, ~on_the_way)
        .order_by(MEMBER.c.left_at.desc(), FOLLOW_USER.c.userid, FOLLOW_USER.c.external_userid)
    )
    userids, departments = visible_userids(call), visible_departments(call)
    if userids is None or departments is None:
        return query
    # A member who left is in no department any more; the main one is still known.
    return query.where(MEMBER.c.userid.in_(userids) | MEMBER.c.main_department.in_(departments))


# --- 分配离职成员的客户 ----------------------------------------------------------------------------------


class ResignedTransferRequest(RequestModel):
    handover_userid: str = required(max_chars=64, doc="who left")
    takeover_userid: str = required(max_chars=64, doc="whose customers they become")
    external_userid: list[str] = required(max_items=CUSTOMERS_A_CALL, doc="customers, up to 100")


class ResignedTransferReply(TypedDict):
    customer: list[Assigned]


@family.post(
    "/cgi-bin/externalcontact/resigned/transfer_customer",
    doc="94081",
    meter="customer.write",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.NOT_RESIGNED,
        ErrCode.MEMBER_NOT_REAL_NAMED,
        ErrCode.SAME_MEMBER,
        ErrCode.MEMBER_BANNED,
        ErrCode.NOT_LOGGED_IN_FOR_A_YEAR,
        ErrCode.MEMBER_NOT_ACTIVATED,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_EXTERNAL_CONTACT,
    ),
    row_errors=(
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.TAKER_HAS_TOO_MANY_CUSTOMERS,
        ErrCode.ALREADY_BEING_TRANSFERRED,
        ErrCode.BEING_TRANSFERRED,
        ErrCode.NOT_A_CUSTOMER_OF_GIVER,
    ),
    events=(AddExternalContact, TransferFail),
    sample={
        "handover_userid": "zhangsan",
        "takeover_userid": "lisi",
        "external_userid": ["woCgeUY6s80D8ruS18K1v8FUfx93J64n", "woWPcmo9zgAqxWqP68rSoNPAJIxktK2F"],
    },
)
def resigned_transfer_customer(call: Call, body: ResignedTransferRequest) -> ResignedTransferReply:
    """分配离职成员的客户 / Transfer customers of members who left

    Each customer is transferred after 24 hours unless it refuses; errcode 0 for a customer means that the
    transfer has started. Per customer: as in transfer_customer, without a limit on repeats. The giver must
    have left within the last year.
    """
    refuse_same_member(body.handover_userid, body.takeover_userid)
    giver = who_left(call, body.handover_userid)
    taker = the_taker(call, body.takeover_userid)
    return {"customer": assign(call, giver, taker, body.external_userid, resigned=True)}


def who_left(call: Call, userid: str) -> str:
    """Returns the userid of a member who left within the year; raises 40097, 40205 or 40003 for any other."""
    found = find_member(call, userid)
    if found is not None:
        raise Refusal(ErrCode.NOT_RESIGNED, detail=f"{found.userid} is still in the corp")
    query = sa.select(MEMBER.c.left_at).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid == userid, MEMBER.c.status == LEFT
    )
    left_at = call.db.execute(query).scalar()
    if left_at is None:
        raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is and was no member of this corp")
    if left_at < call.now - LEFT_AT_MOST:
        raise Refusal(ErrCode.NOT_LOGGED_IN_FOR_A_YEAR, detail=f"{userid} left over a year ago")
    return userid


# --- 查询客户接替状态（离职） ----------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/resigned/transfer_result",
    doc="94082",
    meter="customer.list",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_USERID, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_CURSOR),
    sample=RESULT_SAMPLE,
)
def resigned_transfer_result(call: Call, body: ResultRequest) -> ResultReply:
    """查询客户接替状态（离职） / Get the state of a transfer (left)

    As transfer_result, for customers assigned after the giver had left.
    """
    return results(call, body, resigned=True)
