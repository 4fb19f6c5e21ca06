"""获取客户群列表: the groups of the owners whom the app sees, or of the named owners."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.group_chats.family import family
from wecom_tollbooth.families.group_chats.membership import CUSTOMER_GROUP
from wecom_tollbooth.families.group_chats.owners import (
    OwnerFilter,
    named_owners,
    owners_seen,
    refuse_too_many_unnamed,
    unlicensed_owners,
)
from wecom_tollbooth.families.group_chats.tables import BEING_INHERITED, GROUP_CHAT, OWNER_LEFT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number

FURTHEST = 50_000
"""Maximum of offset plus limit in the old paging."""

STATUS: sa.ColumnElement[int] = sa.case(
    ((MEMBER.c.status == LEFT) & (GROUP_CHAT.c.status != BEING_INHERITED), OWNER_LEFT),
    else_=GROUP_CHAT.c.status,
)
"""The status of a group, joined with its owner."""


class GroupListRequest(RequestModel):
    status_filter: int | None = optional(
        ge=0, le=3, doc="0 all (default), 1 owner left, 2 being inherited, 3 inherited"
    )
    owner_filter: OwnerFilter | None = optional(doc="absent: all present owners in the visible range")
    cursor: str | None = optional(doc="next_cursor of the page before")
    offset: int | None = optional(ge=0, doc="the old paging, without cursor; offset + limit at most 50000")
    limit: int = required_number(ge=1, le=1000)


class GroupChatInList(TypedDict):
    chat_id: str
    status: int


class GroupListReply(TypedDict):
    group_chat_list: list[GroupChatInList]
    next_cursor: str


@family.post(
    "/cgi-bin/externalcontact/groupchat/list",
    doc="92120",
    meter="customer.list",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_PARAMETER,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.TOO_MANY_REQUESTED,
        ErrCode.INVALID_CURSOR,
        ErrCode.NO_INTEROP_LICENSE,
    ),
    sample={
        "status_filter": 0,
        "owner_filter": {"userid_list": ["abel"]},
        "cursor": "Auid6vkit6sEO2kREtd3e2tVaGyP2HRsAuid6vkit6s",
        "limit": 10,
    },
)
def list_group_chats(call: Call, body: GroupListRequest) -> GroupListReply:
    """获取客户群列表 / List customer groups

    Returns groups in the order of creation, without dissolved ones; next_cursor is empty on the last page.
    Groups of members who left are returned only if owner_filter names them. An app that sees over 1000
    people has to name owners. Apps of providers do not get groups whose owner has no interop account.
    """
    given = body.owner_filter.userid_list if body.owner_filter else None
    owners = named_owners(call, given, ErrCode.USERID_NOT_FOUND) if given else None
    if owners is None:
        refuse_too_many_unnamed(call)
    without = unlicensed_owners(call, owners)
    selected = [body.status_filter or 0, owners]
    after = position_of(call, selected, body.cursor)[0] if body.cursor else 0
    query = (
        sa.select(GROUP_CHAT.c.seq, GROUP_CHAT.c.chat_id, GROUP_CHAT.c.owner, STATUS.label("status"))
        .join(MEMBER, (MEMBER.c.corp_id == GROUP_CHAT.c.corp_id) & (MEMBER.c.userid == GROUP_CHAT.c.owner))
        .where(
            GROUP_CHAT.c.corp_id == call.corp_id,
            GROUP_CHAT.c.dismissed_at.is_(None),
            GROUP_CHAT.c.seq > after,
            owners_seen(call) if owners is None else _may_own(owners),
        )
        .order_by(GROUP_CHAT.c.seq)
        .limit(body.limit + 1)
    )
    if without:
        query = query.where(GROUP_CHAT.c.owner.not_in(without))
    if body.status_filter:
        query = query.where(STATUS.in_([body.status_filter]))
    if body.offset and not body.cursor:
        if body.offset + body.limit > FURTHEST:
            raise Refusal(
                ErrCode.INVALID_PARAMETER,
                "offset invalid",
                detail=f"offset and limit come to over {FURTHEST}; page with cursor",
            )
        query = query.offset(body.offset)
    rows = call.db.execute(query).all()
    page = rows[: body.limit]
    take_seats(call, (row.owner for row in page))
    return {
        "group_chat_list": [{"chat_id": row.chat_id, "status": row.status} for row in page],
        "next_cursor": make_cursor(call, selected, [page[-1].seq]) if len(rows) > len(page) else "",
    }


def _may_own(owners: list[str]) -> sa.ColumnElement[bool]:
    """Returns the named owners without present members who may have no customers."""
    return MEMBER.c.userid.in_(owners) & CUSTOMER_GROUP
