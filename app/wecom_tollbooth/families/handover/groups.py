"""Customer groups are transferred at once from a member, present or resigned, to another."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import sees, visible_departments
from wecom_tollbooth.families.group_chats.changes import Joining, add_people, set_owner
from wecom_tollbooth.families.group_chats.tables import (
    GROUP_OWNERSHIP,
    GROUP_STAY,
    INHERITED,
    INVITED,
    STAFF,
    GroupChat,
)
from wecom_tollbooth.families.handover.family import family
from wecom_tollbooth.families.handover.transfer_request import TIMES_HANDED_OVER, WITHIN_DAYS, the_taker
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world.clock import DAY, start_of_day

GROUPS_A_CALL = 100
GROUPS_A_DAY = 300
"""Groups of one owner that can be transferred in a day (pages 92127, 95703)."""
OWNER_LEFT_AT_MOST = 365 * DAY

TAKER_ERRORS = (
    ErrCode.USER_NOT_FOUND,
    ErrCode.MEMBER_NOT_REAL_NAMED,
    ErrCode.MEMBER_BANNED,
    ErrCode.MEMBER_NOT_ACTIVATED,
    ErrCode.NO_PRIVILEGE,
    ErrCode.NOT_EXTERNAL_CONTACT,
)


class GroupTransferRequest(RequestModel):
    chat_id_list: list[str] = required(
        ErrCode.INVALID_PARAMETER, max_items=GROUPS_A_CALL, doc="customer groups, up to 100"
    )
    new_owner: str = required(ErrCode.INVALID_PARAMETER, max_chars=64, doc="whose groups they become")


class FailedChat(TypedDict):
    chat_id: str
    errcode: int
    errmsg: str


class GroupTransferReply(TypedDict):
    failed_chat_list: list[FailedChat]


SAMPLE = {
    "chat_id_list": ["wr8D9ZAHkb2ddnEoJZbl9tAi1W4jbKW", "wrrWKZ6Tov9R82iPPy0GEhCjl6w1Dqyn"],
    "new_owner": "zhangsan",
}

# --- 分配离职成员的客户群 --------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/groupchat/transfer",
    doc="92127",
    meter="customer.write",
    permission=Permission.CUSTOMER,
    errors=TAKER_ERRORS,
    row_errors=(
        ErrCode.NOT_LOGGED_IN_FOR_A_YEAR,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.GROUP_OWNER_NOT_RESIGNED,
        ErrCode.NOT_A_CUSTOMER_GROUP,
        ErrCode.GROUP_ALREADY_INHERITED,
    ),
    sample=SAMPLE,
)
def transfer_groups(call: Call, body: GroupTransferRequest) -> GroupTransferReply:
    """分配离职成员的客户群 / Transfer groups of members who left

    Transfers groups whose owner left within the last year. Per group: 90501 not a customer group, 60011 its
    owner was outside the visible range, 90508 inherited already, 90500 its owner has not left, 40205 left
    over a year ago, 45009 over 300 of the owner's groups in a day.
    """
    return _transfer(call, body, resigned=True)


# --- 分配在职成员的客户群 --------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/groupchat/onjob_transfer",
    doc="95703",
    meter="customer.write",
    permission=Permission.CUSTOMER,
    errors=TAKER_ERRORS,
    row_errors=(
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_A_CUSTOMER_GROUP,
        ErrCode.GROUP_OWNER_HAS_LEFT,
        ErrCode.GROUP_OWNER_UNCHANGED,
    ),
    sample=SAMPLE,
)
def transfer_groups_on_job(call: Call, body: GroupTransferRequest) -> GroupTransferReply:
    """分配在职成员的客户群 / Transfer groups of members on the job

    Transfers groups of members in the corp; the old owner stays in the group. Per group: 90501 not a
    customer group, 60011 its owner is outside the visible range, 90502 its owner has left, 90504 the new
    owner has it already, 45009 the third time in 90 days or over 300 of the owner's groups in a day.
    """
    return _transfer(call, body, resigned=False)


def _transfer(call: Call, body: GroupTransferRequest, *, resigned: bool) -> GroupTransferReply:
    new_owner = the_taker(call, body.new_owner, ErrCode.USER_NOT_FOUND)
    failed: list[FailedChat] = []
    for chat_id in dict.fromkeys(body.chat_id_list):
        chat = call.db.session.get(GroupChat, (call.corp_id, chat_id))
        if chat is None or chat.dismissed_at is not None:
            errcode = ErrCode.NOT_A_CUSTOMER_GROUP
        else:
            errcode = _why_not(call, chat, new_owner, resigned=resigned)
        if errcode is not ErrCode.OK:
            failed.append({"chat_id": chat_id, "errcode": int(errcode), "errmsg": errcode.text})
        elif chat is not None:
            _give(call, chat, new_owner, resigned=resigned)
    return {"failed_chat_list": failed}


def _why_not(call: Call, chat: GroupChat, new_owner: str, *, resigned: bool) -> Code:
    """Returns the errcode for transferring a group to the new owner; OK if it can be transferred."""
    query = sa.select(MEMBER.c.status, MEMBER.c.left_at, MEMBER.c.main_department, MEMBER.c.may_follow)
    owner = call.db.execute(
        query.where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid == chat.owner)
    ).one()
    has_left = owner.status == LEFT
    departments = visible_departments(call)
    saw = has_left and departments is not None and owner.main_department in departments
    if not sees(call, chat.owner) and not saw:
        return ErrCode.NO_PRIVILEGE
    if resigned and not has_left:
        inherited = chat.status == INHERITED
        return ErrCode.GROUP_ALREADY_INHERITED if inherited else ErrCode.GROUP_OWNER_NOT_RESIGNED
    if resigned and owner.left_at < call.now - OWNER_LEFT_AT_MOST:
        return ErrCode.NOT_LOGGED_IN_FOR_A_YEAR
    if not resigned and has_left:
        return ErrCode.GROUP_OWNER_HAS_LEFT
    if not has_left and not owner.may_follow:
        return ErrCode.NOT_A_CUSTOMER_GROUP
    if chat.owner == new_owner:
        return ErrCode.GROUP_OWNER_UNCHANGED
    if _given_away_today(call, chat.owner) >= GROUPS_A_DAY:
        return ErrCode.FREQUENCY_LIMIT
    if not resigned and _times_handed_on(call, chat) >= TIMES_HANDED_OVER:
        return ErrCode.FREQUENCY_LIMIT
    return ErrCode.OK


def _given_away_today(call: Call, owner: str) -> int:
    query = sa.select(sa.func.count()).where(
        GROUP_OWNERSHIP.c.corp_id == call.corp_id,
        GROUP_OWNERSHIP.c.owner == owner,
        GROUP_OWNERSHIP.c.until >= start_of_day(call.now),
    )
    return int(call.db.execute(query).scalar_one())


def _times_handed_on(call: Call, chat: GroupChat) -> int:
    """Returns how often the group was transferred in the last 90 natural days."""
    query = sa.select(sa.func.count()).where(
        GROUP_OWNERSHIP.c.corp_id == call.corp_id,
        GROUP_OWNERSHIP.c.chat_id == chat.chat_id,
        GROUP_OWNERSHIP.c.until >= start_of_day(call.now) - (WITHIN_DAYS - 1) * DAY,
    )
    return int(call.db.execute(query).scalar_one())


def _give(call: Call, chat: GroupChat, new_owner: str, *, resigned: bool) -> None:
    """Makes the member the owner, and adds it to the group if it is not in it."""
    is_in = sa.select(GROUP_STAY.c.seq).where(
        GROUP_STAY.c.corp_id == call.corp_id,
        GROUP_STAY.c.chat_id == chat.chat_id,
        GROUP_STAY.c.person_id == new_owner,
        GROUP_STAY.c.left_at.is_(None),
    )
    if call.db.execute(is_in).first() is None:
        how = Joining(INVITED, invitor=chat.owner)
        add_people(call, chat, [(new_owner, STAFF)], how)
    if resigned:
        chat.status = INHERITED
    set_owner(call, chat, new_owner)
